package org.wherefore.api.report;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.Output;
import org.wherefore.api.registry.ModelVersion;

/**
 * All that the platform knows of one judged record, for its report.
 *
 * @param output what was said of it, of several targets the most probable
 * @param explanation of that output
 * @param sentences of the claims of the explanation, in their order, in the reader's language
 * @param steps from the lowest decision to the highest
 * @param calibrationCases on how many cases, later than those learned from, probabilities and thresholds were chosen; 0 for none
 * @param turns each by itself would have led to the lowest decision
 */
public record Case(StoredPrediction prediction, Output output, ModelVersion model, Explanation explanation, List<String> sentences, List<Step> steps,
        int calibrationCases, List<Turn> turns, Precedents precedents) {
    public Case {
        Objects.requireNonNull(prediction, "prediction");
        Objects.requireNonNull(output, "output");
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(explanation, "explanation");
        sentences = List.copyOf(sentences);
        steps = List.copyOf(steps);
        turns = List.copyOf(turns);
        Objects.requireNonNull(precedents, "precedents");
    }

    /**
     * A decision, and how it fared on the cases that it was chosen on; those figures are of this and all higher decisions together, NaN
     * where there were none.
     *
     * @param threshold the probability from which on it is taken
     */
    public record Step(String decision, double threshold, double share, double precision, double recall) {}

    /** Another value of a field of the record. @param probability with it */
    public record Turn(String field, double from, double to, double probability) {}

    /**
     * Cases kept of what the model learned from, nearest first.
     *
     * @param looked how many were compared @param positives how many of those were what is looked for
     */
    public record Precedents(int looked, int positives, List<Precedent> nearest) {
        public Precedents {
            nearest = List.copyOf(nearest);
        }
    }

    /** A case. @param positive whether it was what is looked for @param values by feature, without the missing ones */
    public record Precedent(boolean positive, Map<String, Double> values) {
        public Precedent {
            values = Map.copyOf(values);
        }
    }
}
