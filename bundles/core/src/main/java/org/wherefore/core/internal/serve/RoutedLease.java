package org.wherefore.core.internal.serve;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Input;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelVersion;

/**
 * A lease that watches the one answer made on it: the first prediction is timed, and when the lease is closed the shadow gets what was
 * asked and answered. Everything else goes straight to the version.
 */
final class RoutedLease implements Lease {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final boolean CLOCKS = THREADS.isCurrentThreadCpuTimeSupported() && THREADS.isThreadCpuTimeEnabled();
    private final Lease lease;
    private final Figures figures;
    private final ShadowFigures shadow;
    private final ShadowScoring shadows;
    private final Model model;
    private final FittedExtractor extractor;
    private final AtomicBoolean asked = new AtomicBoolean();
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile Input input;
    private volatile Answer answer;

    /** Of this thread; always 0 where the system does not tell. */
    private static long processorNanos() {
        return CLOCKS ? THREADS.getCurrentThreadCpuTime() : 0;
    }

    /** What was asked and shown. */
    record Answer(int k, BitSet excluded, List<Output> shown) {}

    /** @param shadow null when nobody is asked the same */
    RoutedLease(Lease lease, Figures figures, ShadowFigures shadow, ShadowScoring shadows) {
        this.lease = lease;
        this.figures = figures;
        this.shadow = shadow;
        this.shadows = shadows;
        this.model = new Timed(lease.model());
        this.extractor = shadow == null ? lease.extractor() : new Remembering(lease.extractor());
        shadows.entered();
    }

    @Override
    public ModelVersion version() {
        return lease.version();
    }

    @Override
    public Model model() {
        lease.model();
        return model;
    }

    @Override
    public FittedExtractor extractor() {
        lease.extractor();
        return extractor;
    }

    @Override
    public ArtifactReader artifact() {
        return lease.artifact();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            lease.close();
            shadows.left();
            if (shadow != null && input != null && answer != null) {
                shadows.offer(lease.version().info(), shadow, input, answer, extractor.schema());
            }
        }
    }

    private final class Timed implements Model {
        private final Model inner;

        Timed(Model inner) {
            this.inner = inner;
        }

        @Override
        public ModelInfo info() {
            return inner.info();
        }

        @Override
        public List<Output> predict(Instance instance, int k, BitSet excluded) {
            if (!asked.compareAndSet(false, true)) {
                return inner.predict(instance, k, excluded);
            }
            long worked = processorNanos();
            long start = System.nanoTime();
            boolean done = false;
            boolean blame = true;
            try {
                List<Output> outputs = inner.predict(instance, k, excluded);
                done = true;
                if (shadow != null) {
                    answer = new Answer(k, excluded, outputs);
                }
                return outputs;
            } catch (WhereforeException e) {
                blame = e.code() != ErrorCode.INVALID_INPUT;
                throw e;
            } finally {
                if (done) {
                    figures.answered(System.nanoTime() - start, processorNanos() - worked);
                } else if (blame) {
                    figures.failed();
                }
            }
        }

        @Override
        public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
            return inner.score(instances, targets, excluded, ranks);
        }

        @Override
        public <T> Optional<T> adapt(Class<T> ability) {
            return inner.adapt(ability);
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    /** Remembers what was last extracted, for the shadow, whose extractor may be another. */
    private final class Remembering implements FittedExtractor {
        private final FittedExtractor inner;

        Remembering(FittedExtractor inner) {
            this.inner = inner;
        }

        @Override
        public FeatureSchema schema() {
            return inner.schema();
        }

        @Override
        public OptionalInt target(String id) {
            return inner.target(id);
        }

        @Override
        public Instance extract(Input given) {
            input = given;
            return inner.extract(given);
        }

        @Override
        public int[] positions(Input given) {
            return inner.positions(given);
        }

        @Override
        public void save(ArtifactWriter artifact) {
            inner.save(artifact);
        }
    }
}
