package org.wherefore.testkit.model;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;

/**
 * Passes every call on and remembers how the model was used: how many inputs were scored for each target, in which batches,
 * and whether it was closed. A point of {@link Gradients} is an input, and so is an instance of {@link Attention} or, for every target,
 * of {@link Embeddings}. Closing it does not close the model inside. Thread-safe.
 */
public final class WatchedModel implements Model {
    private final Model inside;
    private final List<Integer> batches = new ArrayList<>();
    private final int[] evaluations;
    private boolean closed;

    /** @param targets how many targets the model has */
    public WatchedModel(Model inside, int targets) {
        this.inside = inside;
        this.evaluations = new int[targets];
    }

    /** Inputs scored for this target so far, those of {@code predict} and of abilities included. */
    public synchronized int evaluations(int target) {
        return evaluations[target];
    }

    /** Inputs of each call so far, in order. */
    public synchronized List<Integer> batches() {
        return List.copyOf(batches);
    }

    /** Calls so far. */
    public synchronized int calls() {
        return batches.size();
    }

    /** Whether somebody closed it, which only its owner may do. */
    public synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public ModelInfo info() {
        return inside.info();
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        count(1, IntStream.range(0, evaluations.length).toArray());
        return inside.predict(instance, k, excluded);
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
        count(instances.size(), targets);
        return inside.score(instances, targets, excluded, ranks);
    }

    @Override
    public <T> Optional<T> adapt(Class<T> ability) {
        return inside.adapt(ability).map(given -> ability.cast(watched(given)));
    }

    private Object watched(Object ability) {
        if (ability instanceof Gradients g) {
            return (Gradients) (instance, targets, points) -> {
                count(points.size(), targets);
                return g.at(instance, targets, points);
            };
        }
        if (ability instanceof Attention a) {
            return (Attention) (instance, targets) -> {
                count(1, targets);
                return a.of(instance, targets);
            };
        }
        return ability instanceof Embeddings e ? new WatchedEmbeddings(e) : ability;
    }

    private final class WatchedEmbeddings implements Embeddings {
        private final Embeddings given;

        WatchedEmbeddings(Embeddings given) {
            this.given = given;
        }

        @Override
        public int dimensions() {
            return given.dimensions();
        }

        @Override
        public boolean innerProduct() {
            return given.innerProduct();
        }

        @Override
        public double[] instance(Instance instance) {
            count(1, IntStream.range(0, evaluations.length).toArray());
            return given.instance(instance);
        }

        @Override
        public double[] target(int target) {
            return given.target(target);
        }

        @Override
        public double bias(int target) {
            return given.bias(target);
        }
    }

    private synchronized void count(int inputs, int[] targets) {
        batches.add(inputs);
        for (int t : targets) {
            evaluations[t] += inputs;
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
