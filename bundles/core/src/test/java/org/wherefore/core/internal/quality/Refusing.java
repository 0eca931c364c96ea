package org.wherefore.core.internal.quality;

import java.util.BitSet;
import java.util.List;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/** A model that refuses a history without events. */
class Refusing implements Model {
    private final Model model;

    Refusing(Model model) {
        this.model = model;
    }

    @Override
    public ModelInfo info() {
        return model.info();
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        return model.predict(instance, k, excluded);
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
        if (instances.stream().anyMatch(i -> ((SequenceInstance) i).length() == 0)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "a history has events");
        }
        return model.score(instances, targets, excluded, ranks);
    }

    @Override
    public void close() {
        // the other is closed by whoever made it
    }
}
