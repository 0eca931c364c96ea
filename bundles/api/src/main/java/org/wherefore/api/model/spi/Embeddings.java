package org.wherefore.api.model.spi;

import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.feature.Instance;

/**
 * Optional ability of a model that places instances and targets in one space, by {@code model.adapt(Embeddings.class)}: what it
 * takes to find neighbours of either.
 *
 * <p>Vectors have one length, {@link #dimensions}, and belong to whoever asked. Thread-safe, and usable until the model is closed.
 */
@ConsumerType
public interface Embeddings {
    /** Numbers of a vector, at least 1. */
    int dimensions();

    /**
     * Whether {@link Model#score} is the inner product of the two vectors plus {@link #bias}, but for rounding. If not, the vectors
     * are neighbours where the model takes things for alike, and no more is promised.
     */
    boolean innerProduct();

    /**
     * Where an instance lies. Blocks; one evaluation of the model.
     *
     * @param instance not null; for an empty history a vector too
     * @throws org.wherefore.api.WhereforeException {@code UNSUPPORTED} for a kind of instance that the model can't read
     */
    double[] instance(Instance instance);

    /**
     * Where a target lies. Evaluates nothing.
     *
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} for a target that the model does not have
     */
    double[] target(int target);

    /**
     * What is added to the inner product, in the unit of the score; 0 for none.
     *
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} for a target that the model does not have
     */
    double bias(int target);
}
