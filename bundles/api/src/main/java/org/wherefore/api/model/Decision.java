package org.wherefore.api.model;

import java.util.Objects;

/**
 * What an output means for whoever has to act.
 *
 * @param probability 0 to 1
 * @param calibrated whether a map that was fitted on later data made the probability of the score
 * @param name one of the pack's decisions, such as {@code review}
 * @param threshold the probability from which on the decision is this one; 0 for the lowest
 */
public record Decision(double probability, boolean calibrated, String name, double threshold) {
    /** @throws IllegalArgumentException when the probability or the threshold is not within 0 and 1 */
    public Decision {
        Objects.requireNonNull(name, "name");
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException("a probability is 0 to 1, got " + probability);
        }
        if (!(threshold >= 0 && threshold <= 1)) {
            throw new IllegalArgumentException("a threshold is 0 to 1, got " + threshold);
        }
    }
}
