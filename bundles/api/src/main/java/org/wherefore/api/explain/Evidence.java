package org.wherefore.api.explain;

import java.util.List;
import java.util.Objects;

/**
 * Cases the model was trained on that are nearest to the input, with how they ended (Caruana et al., Case-based explanation of
 * non-case-based learning methods, 1999).
 *
 * @param cases nearest first
 * @param looked how many cases were compared
 */
public record Evidence(int target, double score, List<Precedent> cases, int looked) implements Finding {
    public Evidence {
        cases = List.copyOf(cases);
    }

    /**
     * A nearest case.
     *
     * @param index of the case in the model's cases; says nothing of who it was
     * @param similarity 1 is equal in the eyes of the model
     * @param outcome id of the target that the case ended with
     * @param supports whether it ended with the explained target
     * @param shared features that it has in common with the input, such as {@code history:50}
     */
    public record Precedent(int index, double similarity, String outcome, boolean supports, List<String> shared) {
        public Precedent {
            Objects.requireNonNull(outcome, "outcome");
            shared = List.copyOf(shared);
        }
    }
}
