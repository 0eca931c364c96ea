package org.wherefore.tck;

import java.util.concurrent.atomic.AtomicInteger;

/** Lets a bad plugin notice, without luck, that several threads are inside it at once. */
final class Crowd {
    private static final long PATIENCE = 10_000_000_000L;
    private final AtomicInteger inside = new AtomicInteger();
    private volatile boolean met;

    /** Waits, in threads of the contract only, until another one is inside or was; then true. */
    boolean crowded() {
        if (!Thread.currentThread().getName().equals("tck-caller")) {
            return false;
        }
        inside.incrementAndGet();
        long end = System.nanoTime() + PATIENCE;
        while (!met && System.nanoTime() < end) {
            if (inside.get() > 1) {
                met = true;
            }
            Thread.onSpinWait();
        }
        inside.decrementAndGet();
        return met;
    }
}
