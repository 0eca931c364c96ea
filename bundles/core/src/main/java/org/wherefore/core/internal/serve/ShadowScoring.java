package org.wherefore.core.internal.serve;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.wherefore.api.data.Input;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.Output;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelRegistry;

/**
 * Asks shadows on one thread of its own, after the answer. A full queue, or as many requests under way as there are processors, drops what
 * would be asked: answers come first. Thread-safe.
 */
final class ShadowScoring implements AutoCloseable {
    private final ModelRegistry registry;
    private final AtomicInteger underWay = new AtomicInteger();
    private final int most = Runtime.getRuntime().availableProcessors();
    private final ThreadPoolExecutor executor;

    ShadowScoring(ModelRegistry registry, int queue) {
        this.registry = registry;
        this.executor = new ThreadPoolExecutor(1, 1, 5, TimeUnit.SECONDS, new ArrayBlockingQueue<>(queue), r -> {
            Thread t = new Thread(r, "wherefore-shadow");
            t.setDaemon(true);
            t.setPriority(Thread.MIN_PRIORITY);
            return t;
        });
        executor.allowCoreThreadTimeOut(true);
    }

    void entered() {
        underWay.incrementAndGet();
    }

    void left() {
        underWay.decrementAndGet();
    }

    /** @param schema that the answer's indices are of */
    void offer(ModelInfo shown, ShadowFigures figures, Input input, RoutedLease.Answer answer, FeatureSchema schema) {
        try {
            executor.execute(() -> {
                if (underWay.get() >= most) {
                    figures.dropped();
                } else {
                    ask(ModelRef.version(shown.name(), figures.version), figures, input, answer, schema);
                }
            });
        } catch (RejectedExecutionException busy) {
            figures.dropped();
        }
    }

    private void ask(ModelRef ref, ShadowFigures figures, Input input, RoutedLease.Answer answer, FeatureSchema schema) {
        try {
            Optional<Lease> lease = registry.lease(ref);
            if (lease.isEmpty()) {
                figures.failed();
                return;
            }
            try (Lease l = lease.get()) {
                BitSet excluded = new BitSet();
                answer.excluded().stream().forEach(i -> l.extractor().target(schema.targets().get(i)).ifPresent(excluded::set));
                long start = System.nanoTime();
                List<Output> own = l.model().predict(l.extractor().extract(input), answer.k(), excluded);
                figures.compared(answer.shown(), own, System.nanoTime() - start);
            }
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            figures.failed();
            System.getLogger(ShadowScoring.class.getName()).log(System.Logger.Level.DEBUG, "shadow " + ref + " failed", e);
        }
    }

    /** Ends when nothing is asked any more, at most after ten seconds. */
    @Override
    public void close() {
        executor.shutdownNow();
        try {
            executor.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
