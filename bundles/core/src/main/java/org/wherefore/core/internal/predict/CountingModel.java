package org.wherefore.core.internal.predict;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/** Counts the inputs that a leased model scores for one request. Thread-safe; closing is left to the lease. */
final class CountingModel implements Model {
    private final Model model;
    private final AtomicInteger evaluations = new AtomicInteger();

    CountingModel(Model model) {
        this.model = model;
    }

    int evaluations() {
        return evaluations.get();
    }

    @Override
    public ModelInfo info() {
        return model.info();
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        evaluations.incrementAndGet();
        return model.predict(instance, k, excluded);
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
        evaluations.addAndGet(instances.size());
        return model.score(instances, targets, excluded, ranks);
    }

    @Override
    public <T> Optional<T> adapt(Class<T> ability) {
        return model.adapt(ability);
    }

    @Override
    public void close() {
        // the lease closes the model
    }
}
