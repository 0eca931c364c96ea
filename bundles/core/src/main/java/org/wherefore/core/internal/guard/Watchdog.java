package org.wherefore.core.internal.guard;

import java.util.HashSet;
import java.util.Set;

/** One thread that looks after all calls every few milliseconds while there are any. Thread-safe. */
final class Watchdog implements AutoCloseable {
    private static final long TICK_MILLIS = 10;
    private final Set<Call<?>> calls = new HashSet<>();
    private final Thread thread = new Thread(this::run, "explain-watchdog");
    private boolean closed;

    Watchdog() {
        thread.setDaemon(true);
        thread.start();
    }

    synchronized void watch(Call<?> call) {
        calls.add(call);
        notifyAll();
    }

    synchronized void forget(Call<?> call) {
        calls.remove(call);
    }

    private void run() {
        while (true) {
            Set<Call<?>> now;
            synchronized (this) {
                try {
                    while (calls.isEmpty() && !closed) {
                        wait();
                    }
                    if (calls.isEmpty()) {
                        return;
                    }
                    wait(TICK_MILLIS);
                } catch (InterruptedException e) {
                    return;
                }
                now = Set.copyOf(calls);
            }
            for (Call<?> c : now) {
                boolean over;
                try {
                    over = c.tick(System.nanoTime());
                } catch (RuntimeException e) {
                    System.getLogger(Watchdog.class.getName()).log(System.Logger.Level.ERROR, "a call can't be looked after", e);
                    over = true;
                }
                if (over) {
                    forget(c);
                }
            }
        }
    }

    /** Goes on until the last call is over. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
