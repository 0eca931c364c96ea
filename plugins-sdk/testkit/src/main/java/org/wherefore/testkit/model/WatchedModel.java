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
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;

/**
 * Passes every call on and remembers how the model was used: how many inputs were scored for each target, in which batches,
 * and whether it was closed; a point of {@link Gradients} is an input. Closing it does not close the model inside. Thread-safe.
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

    /** Inputs scored for this target so far, those of {@code predict} and the points of {@link Gradients} included. */
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
        Optional<T> given = inside.adapt(ability);
        if (ability != Gradients.class) {
            return given;
        }
        return given.map(g -> ability.cast((Gradients) (instance, targets, points) -> {
            count(points.size(), targets);
            return ((Gradients) g).at(instance, targets, points);
        }));
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
