package org.wherefore.api.model;

import java.util.Objects;
import org.wherefore.api.feature.Instance;

/**
 * A training or evaluation case: the input and the index of the right answer.
 *
 * @param target {@link #NONE} when none of the targets is right, such as a transaction that was no fraud
 */
public record Example(Instance instance, int target) {
    /** No target is right. */
    public static final int NONE = -1;

    public Example {
        Objects.requireNonNull(instance, "instance");
        if (target < NONE) {
            throw new IllegalArgumentException("target is an index or " + NONE + ", got " + target);
        }
    }
}
