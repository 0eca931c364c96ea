package org.wherefore.api.explain;

import java.util.List;
import java.util.Objects;

/**
 * The smallest change found of the input that changes the outcome: an output leaves the best k, or a decision flips (Wachter,
 * Mittelstadt, Russell, Counterfactual Explanations without Opening the Black Box, 2018).
 *
 * @param rank of the target for the whole input, 1 is best
 * @param changes empty when no change within budget did it; otherwise all of them together do, and none can be left out
 * @param scoreAfter score with the changes; {@code score} when there are none
 * @param rankAfter rank with the changes; {@code rank} when there are none
 * @param plausibility how common inputs like the changed one are among the model's cases, 0 to 1; NaN when there are no cases
 */
public record Counterfactual(int target, double score, int rank, List<Change> changes, double scoreAfter, int rankAfter,
        double plausibility) implements Finding {
    public Counterfactual {
        changes = List.copyOf(changes);
    }

    /** Whether a change was found. */
    public boolean found() {
        return !changes.isEmpty();
    }

    /**
     * One feature's change.
     *
     * @param feature as in {@link Contribution}
     * @param position as in {@link Contribution}
     * @param to the new value as text; empty when the part is taken away
     */
    public record Change(String feature, int position, String from, String to) {
        public Change {
            Objects.requireNonNull(feature, "feature");
            Objects.requireNonNull(from, "from");
            Objects.requireNonNull(to, "to");
        }
    }
}
