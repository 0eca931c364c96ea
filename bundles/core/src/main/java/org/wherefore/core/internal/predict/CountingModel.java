package org.wherefore.core.internal.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;
import org.wherefore.core.internal.guard.Overspent;

/**
 * A leased model for one request: scores no input twice for the same targets, and counts the inputs it scored,
 * points of gradients and instances of attention and embeddings included. A score depends on its input alone, so what a strategy asked holds for the tests of claims. Thread-safe; closing is left to the lease.
 */
final class CountingModel implements Model {
    private final Model model;
    private final AtomicInteger evaluations = new AtomicInteger();
    private volatile int allowed = Integer.MAX_VALUE;
    private final AtomicReference<int[]> keptTargets = new AtomicReference<>();
    private final Map<Instance, RankedScore[]> kept = new ConcurrentHashMap<>();

    CountingModel(Model model) {
        this.model = model;
    }

    int evaluations() {
        return evaluations.get();
    }

    /** From now on a question that would bring the evaluations above this is refused before the model is asked. */
    void allow(int most) {
        allowed = most;
    }

    private void count(int more) {
        long sum = (long) evaluations.get() + more;
        if (sum > allowed) {
            throw new Overspent(sum, allowed);
        }
        evaluations.addAndGet(more);
    }

    @Override
    public ModelInfo info() {
        return model.info();
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        count(1);
        return model.predict(instance, k, excluded);
    }

    /** Scores without ranks are kept for the targets asked for first. */
    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
        if (ranks || !Arrays.equals(targets, keptTargets(targets))) {
            count(instances.size());
            return model.score(instances, targets, excluded, ranks);
        }
        List<Instance> missing = new ArrayList<>(new LinkedHashSet<>(instances));
        missing.removeIf(kept::containsKey);
        if (!missing.isEmpty()) {
            count(missing.size());
            RankedScore[][] scores = model.score(missing, targets, excluded, false);
            if (scores.length != missing.size()) {
                throw new WhereforeException(ErrorCode.INTERNAL, "model " + model.info().name() + ":" + model.info().version()
                        + " scored " + scores.length + " of " + missing.size() + " inputs");
            }
            for (int i = 0; i < scores.length; i++) {
                kept.put(missing.get(i), scores[i]);
            }
        }
        return instances.stream().map(i -> kept.get(i).clone()).toArray(RankedScore[][]::new);
    }

    private int[] keptTargets(int[] first) {
        keptTargets.compareAndSet(null, first.clone());
        return keptTargets.get();
    }

    @Override
    public <T> Optional<T> adapt(Class<T> ability) {
        return model.adapt(ability).map(given -> ability.cast(counted(given)));
    }

    private Object counted(Object ability) {
        if (ability instanceof Gradients gradients) {
            return (Gradients) (instance, targets, points) -> {
                count(points.size());
                return gradients.at(instance, targets, points);
            };
        }
        if (ability instanceof Attention attention) {
            return (Attention) (instance, targets) -> {
                count(1);
                return attention.of(instance, targets);
            };
        }
        return ability instanceof Embeddings embeddings ? new CountedEmbeddings(embeddings) : ability;
    }

    private final class CountedEmbeddings implements Embeddings {
        private final Embeddings embeddings;

        CountedEmbeddings(Embeddings embeddings) {
            this.embeddings = embeddings;
        }

        @Override
        public int dimensions() {
            return embeddings.dimensions();
        }

        @Override
        public boolean innerProduct() {
            return embeddings.innerProduct();
        }

        @Override
        public double[] instance(Instance instance) {
            count(1);
            return embeddings.instance(instance);
        }

        @Override
        public double[] target(int target) {
            return embeddings.target(target);
        }

        @Override
        public double bias(int target) {
            return embeddings.bias(target);
        }
    }

    @Override
    public void close() {
        // the lease closes the model
    }
}
