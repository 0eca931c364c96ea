package org.wherefore.rest.internal;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * How many predictions and how many explanations are worked on at once; each has places of its own, so neither takes the other's. A few
 * more wait in the order they came; whoever finds all of that taken is told at once to come again, because an answer that waited in a
 * long line is late and costs as much. Thread-safe.
 */
@Component(service = Admission.class)
public class Admission {
    private static final int AGAIN_SECONDS = 1;
    private final Lane plain;
    private final Lane explained;

    @Activate
    public Admission() {
        this(Runtime.getRuntime().availableProcessors());
    }

    Admission(int processors) {
        plain = new Lane("predictions", 2 * processors, 4 * processors, 1_000);
        explained = new Lane("explanations", Math.max(2, processors), 2 * Math.max(2, processors), 2_000);
    }

    /** A place, until it is closed. */
    interface Place extends AutoCloseable {
        @Override
        void close();
    }

    /** @throws Refused 503 with Retry-After when all places are taken */
    Place enter(boolean explain) {
        return (explain ? explained : plain).enter();
    }

    private static final class Lane {
        private final String what;
        private final Semaphore running;
        private final AtomicInteger inside = new AtomicInteger();
        private final int most;
        private final long patience;

        Lane(String what, int running, int waiting, long patienceMillis) {
            this.what = what;
            this.running = new Semaphore(running, true);
            this.most = running + waiting;
            this.patience = patienceMillis;
        }

        Place enter() {
            if (inside.incrementAndGet() > most) {
                inside.decrementAndGet();
                throw full();
            }
            boolean got = false;
            try {
                got = running.tryAcquire() || running.tryAcquire(patience, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                if (!got) {
                    inside.decrementAndGet();
                }
            }
            if (!got) {
                throw full();
            }
            return () -> {
                running.release();
                inside.decrementAndGet();
            };
        }

        private Refused full() {
            return Refused.later(503, "overloaded", AGAIN_SECONDS, "the server works on as many " + what + " as it can; try again in "
                    + AGAIN_SECONDS + " s");
        }
    }
}
