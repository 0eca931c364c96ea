package org.wherefore.api.journal;

import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.wherefore.api.data.Input;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;

/**
 * What was answered, to whom, from what. Enough to explain it again on the same model.
 *
 * @param user empty for a session
 * @param input what the model saw: a history, or a record with its aggregates as they were then
 * @param explanations one per output, in order, or empty when none were asked for
 * @param fallback why the classical branch answered, or empty
 */
public record StoredPrediction(String id, String domain, ModelInfo model, String user, Input input,
        List<String> excluded, List<Output> outputs, List<Explanation> explanations, String fallback, Instant time) {
    public StoredPrediction {
        Objects.requireNonNull(input, "input");
        excluded = List.copyOf(excluded);
        outputs = List.copyOf(outputs);
        explanations = List.copyOf(explanations);
    }
}
