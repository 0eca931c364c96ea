package org.wherefore.testkit.model;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * Passes every call on and remembers how the model was used: how many inputs were scored for each target, in which batches,
 * and whether it was closed. Closing it does not close the model inside. Thread-safe.
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

    /** Inputs scored for this target so far, those of {@code predict} included. */
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
        synchronized (this) {
            batches.add(1);
            for (int t = 0; t < evaluations.length; t++) {
                evaluations[t]++;
            }
        }
        return inside.predict(instance, k, excluded);
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
        synchronized (this) {
            batches.add(instances.size());
            for (int t : targets) {
                evaluations[t] += instances.size();
            }
        }
        return inside.score(instances, targets, excluded, ranks);
    }

    @Override
    public <T> Optional<T> adapt(Class<T> ability) {
        return inside.adapt(ability);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
