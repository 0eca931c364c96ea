package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;

/** What the contracts share. Stateless. */
final class Checks {
    /** How long anything that should happen "soon" may take on a loaded machine. */
    static final Duration PATIENCE = Duration.ofSeconds(60);
    /** How long a thread may take to end after the call that started it. */
    private static final Duration THREAD_END = Duration.ofSeconds(5);
    private static final int THREADS = 8;
    /** Full garbage collections after which what is still there is held by somebody; usually the first one is enough. */
    private static final int COLLECTIONS = 40;

    private Checks() {}

    /** Runs {@code work} and gives what it threw, which must be a WhereforeException of one of these codes. */
    static WhereforeException refusal(String what, Runnable work, ErrorCode... codes) {
        try {
            work.run();
        } catch (WhereforeException e) {
            assertThat(e.code()).as("%s: the code of the WhereforeException (%s)", what, e.getMessage()).isIn((Object[]) codes);
            assertThat(e.getMessage()).as("%s: the message should name the thing, the value and the way out", what).isNotBlank();
            return e;
        } catch (RuntimeException | Error e) {
            throw new AssertionError(what + ": throw a WhereforeException with " + List.of(codes) + " instead of " + e, e);
        }
        return fail("%s: nothing was thrown; throw a WhereforeException with %s", what, List.of(codes));
    }

    /** The same work in many threads at once, several times each; every result equals {@code expected}. */
    static <T> void concurrently(String what, T expected, Callable<T> work) {
        concurrently(what, 4, expected, work);
    }

    /** As above; dear work is done {@code rounds} times in each thread. */
    static <T> void concurrently(String what, int rounds, T expected, Callable<T> work) {
        ExecutorService pool = Executors.newFixedThreadPool(THREADS, runnable -> {
            Thread t = new Thread(runnable, "tck-caller");
            t.setDaemon(true);
            return t;
        });
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<List<T>>> results = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                results.add(pool.submit(() -> {
                    start.await();
                    List<T> mine = new ArrayList<>();
                    for (int n = 0; n < rounds; n++) {
                        mine.add(work.call());
                    }
                    return mine;
                }));
            }
            start.countDown();
            for (Future<List<T>> f : results) {
                assertThat(f.get(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("%s: %d threads on one instance must get what one thread"
                        + " gets; keep no state between calls, or guard it", what, THREADS).allMatch(expected::equals);
            }
        } catch (ExecutionException e) {
            throw new AssertionError(what + ": failed when called by " + THREADS + " threads at once: " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError(what + ": " + THREADS + " threads did not end within " + PATIENCE + "; is there a deadlock?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } finally {
            pool.shutdownNow();
        }
    }

    /** The object becomes unreachable although the plugin lives. */
    static void forgotten(String what, WeakReference<?> reference) {
        for (int i = 0; reference.get() != null && i < COLLECTIONS; i++) {
            System.gc();
        }
        assertThat(reference.get()).as("%s is still held after the call; keep it in local variables only", what).isNull();
    }

    /** Threads that run now, but those of the JVM, its common pool, and this kit. */
    static Set<Thread> threads() {
        Set<Thread> all = new HashSet<>(Thread.getAllStackTraces().keySet());
        all.removeIf(t -> t.getName().startsWith("ForkJoinPool.commonPool") || t.getName().equals("tck-caller")
                || t.getThreadGroup() != null && t.getThreadGroup().getName().equals("system"));
        return all;
    }

    /** Every thread started since {@code before} ends soon. */
    static void noThreadLeft(String what, Set<Thread> before) {
        Set<Thread> left = threads();
        left.removeAll(before);
        long end = System.nanoTime() + THREAD_END.toNanos();
        try {
            for (Thread t : left) {
                t.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
        left.removeIf(t -> !t.isAlive());
        assertThat(left).as("threads that %s left behind; end every thread you start before the call returns", what).isEmpty();
    }

    static void name(String what, String name) {
        assertThat(name).as("%s: lower-case letters, digits, '-' and '.', so that it fits in a file and a URL", what)
                .isNotNull().matches("[a-z0-9][a-z0-9.-]{0,99}");
    }

    static void parameters(List<Parameter> parameters) {
        assertThat(parameters).as("parameters(): an empty list when there are none").isNotNull();
        assertThat(parameters).extracting(Parameter::name).as("parameter names: each once").doesNotHaveDuplicates();
        for (Parameter p : parameters) {
            assertThat(p.kind()).as("kind of parameter '%s'", p.name()).isIn("integer", "number", "text", "flag");
            assertThat(p.help()).as("help of parameter '%s': one sentence with unit and range", p.name()).isNotBlank();
            String rule = "default of parameter '" + p.name() + "', which must read as " + p.kind();
            switch (p.kind()) {
                case "integer" -> assertThat(p.defaultValue()).as(rule).matches("-?\\d+");
                case "number" -> assertThat(p.defaultValue()).as(rule).matches("-?\\d+(\\.\\d+)?([eE]-?\\d+)?");
                case "flag" -> assertThat(p.defaultValue()).as(rule).isIn("true", "false");
                default -> { }
            }
        }
    }

    /** A counter that turns a supplier true from the {@code n}-th question on; 1 is at once. */
    static final class CancelAt implements java.util.function.BooleanSupplier {
        private final int at;
        private final Runnable onTrue;
        private final AtomicInteger asked = new AtomicInteger();

        CancelAt(int at, Runnable onTrue) {
            this.at = at;
            this.onTrue = onTrue;
        }

        @Override
        public boolean getAsBoolean() {
            int n = asked.incrementAndGet();
            if (n == at) {
                onTrue.run();
            }
            return n >= at;
        }

        int asked() {
            return asked.get();
        }
    }
}
