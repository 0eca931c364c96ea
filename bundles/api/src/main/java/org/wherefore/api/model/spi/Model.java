package org.wherefore.api.model.spi;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;

/** A loaded model. Thread-safe; the registry closes it when its last lease ends. */
@ConsumerType
public interface Model extends AutoCloseable {
    ModelInfo info();

    /**
     * The best {@code k} targets.
     *
     * @param excluded target indices to leave out; not modified
     * @return at most {@code k}, best first; ties by index
     */
    List<Output> predict(Instance instance, int k, BitSet excluded);

    /**
     * Scores chosen targets for many instances in one batch; how explainers and claim tests ask "and if?".
     *
     * @param excluded left out when ranks are counted, except the asked target itself
     * @param ranks whether ranks are wanted (dearer); otherwise every rank is 0
     * @return {@code [instance][target]}
     */
    RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks);

    /** An optional ability by its interface, such as {@link Gradients}. */
    default <T> Optional<T> adapt(Class<T> ability) {
        return Optional.empty();
    }

    @Override
    void close();
}
