package org.wherefore.core.internal.train;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.wherefore.api.model.spi.TrainingProgress;

/** Cancels a training when this Java is told to end (Ctrl-C, TERM), and lets it tidy up first. Thread-safe. */
final class Shutdown implements TrainingProgress, AutoCloseable {
    private static final int SECONDS = 20;
    private final TrainingProgress progress;
    private final CountDownLatch over = new CountDownLatch(1);
    private final Thread hook = new Thread(this::end, "wherefore-training-shutdown");
    private volatile boolean ending;

    Shutdown(TrainingProgress progress) {
        this.progress = progress;
        try {
            Runtime.getRuntime().addShutdownHook(hook);
        } catch (IllegalStateException e) {
            ending = true;
        }
    }

    private void end() {
        ending = true;
        try {
            over.await(SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void update(double done, Map<String, Double> figures) {
        progress.update(done, figures);
    }

    @Override
    public boolean cancelled() {
        return ending || progress.cancelled();
    }

    /** Called last, when nothing is left to tidy. */
    @Override
    public void close() {
        over.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // it ends just now; the hook waits no longer
        }
    }
}
