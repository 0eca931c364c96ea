package org.wherefore.core.internal.predict;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
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
    private final Map<Integer, Integer> spent = new HashMap<>();
    private int spentOnAll;
    private int allowed = Integer.MAX_VALUE;
    private final AtomicReference<int[]> keptTargets = new AtomicReference<>();
    private final Map<Instance, RankedScore[]> kept = new ConcurrentHashMap<>();

    CountingModel(Model model) {
        this.model = model;
    }

    int evaluations() {
        return evaluations.get();
    }

    /**
     * From now on a question that would bring the evaluations of any target above this is refused before the model is asked. Each
     * target has the budget: what is asked for one of them alone is not taken from the others.
     */
    synchronized void allow(int most) {
        allowed = most;
        spent.clear();
        spentOnAll = 0;
    }

    private synchronized void count(int more) {
        refuse((long) spent.values().stream().mapToInt(n -> n).max().orElse(0) + spentOnAll + more);
        spentOnAll += more;
        evaluations.addAndGet(more);
    }

    private synchronized void count(int more, int[] targets) {
        if (targets.length == 0) {
            count(more);
            return;
        }
        for (int t : targets) {
            refuse((long) spent.getOrDefault(t, 0) + spentOnAll + more);
        }
        for (int t : targets) {
            spent.merge(t, more, Integer::sum);
        }
        evaluations.addAndGet(more);
    }

    private void refuse(long sum) {
        if (sum > allowed) {
            throw new Overspent(sum, allowed);
        }
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
            count(instances.size(), targets);
            return model.score(instances, targets, excluded, ranks);
        }
        List<Instance> missing = new ArrayList<>(new LinkedHashSet<>(instances));
        missing.removeIf(kept::containsKey);
        if (!missing.isEmpty()) {
            count(missing.size(), targets);
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
                count(points.size(), targets);
                return gradients.at(instance, targets, points);
            };
        }
        if (ability instanceof Attention attention) {
            return (Attention) (instance, targets) -> {
                count(1, targets);
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
