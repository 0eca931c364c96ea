package org.wherefore.core.internal.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/**
 * One call into a strategy, on a thread of its own in a group of its own, so that what it starts is known. The first outcome
 * counts: the strategy's answer, or that its caller went on without it. Its {@link Watchdog} cleans up after it. Thread-safe.
 */
final class Call<T> implements Runnable {
    private static final AtomicLong NUMBER = new AtomicLong();
    /** How long threads that a strategy started may take to end after it answered. */
    private static final long SETTLE_MILLIS = 100;
    /** Longest reason, in characters. */
    private static final int LONGEST = 300;
    private static final int STOPS = 4;

    private final InstalledStrategy strategy;
    private final ModelView view;
    private final Callable<T> work;
    private final Limits limits;
    private final Runnable release;
    private final boolean fair;
    private final ThreadGroup group;
    private final Thread thread;
    private final CountDownLatch answered = new CountDownLatch(1);
    private final AtomicBoolean released = new AtomicBoolean();
    private Outcome<T> outcome;
    /** When it became unwanted, in nanoseconds; 0 while somebody waits for it. */
    private long unwanted;
    private long grace;
    private boolean blamed;
    private boolean interrupted;
    /** Whether its own thread runs the strategy's code, not ours. */
    private boolean inStrategy;

    /**
     * @param view null for a call without a model
     * @param fair whether the deadline leaves time to come to an end, so that going on after it is a fault
     * @param release run once, when the threads of the call are gone or given up
     */
    @SuppressWarnings("removal")
    Call(InstalledStrategy strategy, ModelView view, Callable<T> work, Limits limits, boolean fair, Runnable release) {
        this.fair = fair;
        this.strategy = strategy;
        this.view = view;
        this.work = work;
        this.limits = limits;
        this.release = release;
        String name = "explain-" + strategy.name() + "-" + NUMBER.incrementAndGet();
        group = new ThreadGroup(Bulkhead.GROUP, name);
        group.setDaemon(true);
        thread = new Thread(group, this, name, 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(strategy.plugin().getClass().getClassLoader());
    }

    void start() {
        thread.start();
    }

    @Override
    public void run() {
        Outcome<T> mine;
        String fault = null;
        try {
            mine = new Outcome.Done<>(inStrategy());
            if (view != null && view.overspent() != null) {
                fault = reason(view.overspent());
            }
        } catch (Throwable e) {
            mine = refusal(e);
            if (mine == null) {
                fault = reason(e);
            }
        }
        List<Thread> left = settle();
        if (fault == null && !left.isEmpty()) {
            fault = "left " + left.size() + " thread(s) running: " + names(left);
        }
        boolean first;
        synchronized (this) {
            first = outcome == null;
            if (first) {
                outcome = fault == null ? mine : new Outcome.Failed<>(fault);
            }
        }
        if (first || !left.isEmpty()) {
            if (fault != null) {
                blame(fault);
            } else if (mine instanceof Outcome.Done) {
                strategy.succeeded();
            }
        } else if (fair && view != null && view.refused()) {
            // Otherwise one that comes back late, but before it is interrupted, did nothing wrong.
            blame("went on asking the model after its deadline");
        }
        answered.countDown();
        if (left.isEmpty()) {
            release();
        } else {
            synchronized (this) {
                unwanted = unwanted == 0 ? System.nanoTime() : unwanted;
            }
        }
    }

    private T inStrategy() throws Exception {
        synchronized (this) {
            inStrategy = true;
        }
        try {
            return work.call();
        } finally {
            synchronized (this) {
                inStrategy = false;
            }
        }
    }

    /** Threads of the group that still run, this one aside. */
    private List<Thread> others() {
        return alive().stream().filter(t -> t != thread).toList();
    }

    /** Gives what the strategy started a moment to end. @return what did not */
    private List<Thread> settle() {
        Thread.interrupted();
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SETTLE_MILLIS);
        for (Thread t : others()) {
            try {
                t.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
            } catch (InterruptedException e) {
                break;
            }
        }
        return others();
    }

    private List<Thread> alive() {
        Thread[] some = new Thread[group.activeCount() + 8];
        int n = group.enumerate(some);
        List<Thread> out = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            if (some[i].isAlive()) {
                out.add(some[i]);
            }
        }
        return out;
    }

    private static String names(List<Thread> threads) {
        return threads.stream().limit(5).map(Thread::getName).collect(Collectors.joining(", "));
    }

    /** What concerns the caller, or what the model is to blame for; otherwise null. */
    private Outcome<T> refusal(Throwable e) {
        if (view != null && view.overspent() != null) {
            return null;
        }
        Throwable model = view == null ? null : view.failure();
        if (e instanceof WhereforeException w && (w.code() == ErrorCode.UNSUPPORTED
                || w.code() == ErrorCode.INVALID_INPUT && w.pointer().orElse("").startsWith("/explain"))) {
            return new Outcome.Refused<>(w);
        }
        for (Throwable c = e; c != null && model != null; c = c.getCause()) {
            if (c == model) {
                return new Outcome.Failed<>("the model failed: " + text(c));
            }
        }
        return null;
    }

    private static String reason(Throwable e) {
        if (e instanceof OutOfMemoryError) {
            return "ran out of memory";
        }
        return e instanceof Overspent || e instanceof Rubbish ? text(e) : "threw " + text(e);
    }

    /** Runs the plugin's code, so only on its thread. */
    private static String text(Throwable e) {
        String message;
        try {
            message = e instanceof Overspent || e instanceof Rubbish ? e.getMessage() : String.valueOf(e);
        } catch (Throwable t) {
            message = e.getClass().getName();
        }
        return message == null ? e.getClass().getName() : message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "…";
    }

    private void blame(String fault) {
        synchronized (this) {
            if (blamed) {
                return;
            }
            blamed = true;
        }
        strategy.failed(fault);
    }

    private void release() {
        if (released.compareAndSet(false, true)) {
            release.run();
        }
    }

    /** The outcome, or null when there is none after so long. */
    Outcome<T> await(long nanos) throws InterruptedException {
        if (!answered.await(nanos, TimeUnit.NANOSECONDS)) {
            return null;
        }
        synchronized (this) {
            return outcome;
        }
    }

    /** The caller goes on without it. @return the outcome that counts */
    synchronized Outcome<T> giveUp(String reason) {
        if (outcome == null) {
            outcome = new Outcome.Late<>(reason);
            unwanted = System.nanoTime();
            grace = limits.graceMillis();
        }
        return outcome;
    }

    private void cutOff(String fault) {
        synchronized (this) {
            if (outcome == null) {
                outcome = new Outcome.Failed<>(fault);
                unwanted = System.nanoTime();
            }
        }
        blame(fault);
        answered.countDown();
    }

    /** Looks after the call. @return whether nothing is left to look after */
    boolean tick(long now) {
        List<Thread> threads = alive();
        if (threads.isEmpty() && !thread.isAlive() && thread.getState() == Thread.State.TERMINATED) {
            release();
            return true;
        }
        long from;
        long first;
        synchronized (this) {
            from = unwanted;
            first = grace;
        }
        if (from == 0) {
            long bytes = allocated(threads);
            if (bytes > limits.allocatedBytes()) {
                cutOff("allocated more than " + (limits.allocatedBytes() >> 20) + " MiB");
            }
            return false;
        }
        long elapsed = TimeUnit.NANOSECONDS.toMillis(now - from);
        if (elapsed >= first && !interrupted && canTouch(threads)) {
            interrupted = true;
            blame("did not answer at its deadline, nor " + limits.graceMillis() + " ms later");
            threads.forEach(Thread::interrupt);
        }
        if (elapsed >= first + limits.graceMillis()) {
            boolean able = true;
            for (Thread t : threads) {
                able &= stop(t);
            }
            if (!able || elapsed >= first + STOPS * limits.graceMillis()) {
                strategy.abandon(threads.size(), names(threads));
                release();
                return true;
            }
        }
        return false;
    }

    private boolean canTouch(List<Thread> threads) {
        return view == null || threads.stream().noneMatch(view::isInside);
    }

    private long allocated(List<Thread> threads) {
        if (!canTouch(threads)) {
            return 0;
        }
        long bytes = view == null ? 0 : -view.allocatedInside();
        for (Thread t : threads) {
            bytes += Allocation.of(t);
        }
        return bytes;
    }

    /** @return false where this Java can't stop threads */
    private boolean stop(Thread t) {
        try {
            synchronized (this) {
                if (t == thread && !inStrategy) {
                    return true;
                }
                if (view == null) {
                    ThreadStop.tryOn(t);
                } else {
                    view.outside(t, () -> ThreadStop.tryOn(t));
                }
            }
            return true;
        } catch (UnsupportedOperationException e) {
            return false;
        }
    }
}
