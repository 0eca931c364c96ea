package org.wherefore.api.journal;

import java.time.Instant;
import java.util.List;
import org.wherefore.api.data.Event;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;

/**
 * What was answered, to whom, from what. Enough to explain it again on the same model.
 *
 * @param user empty for a session
 * @param history the events the model saw, oldest first
 * @param explanations one per output, in order, or empty when none were asked for
 * @param fallback why the classical branch answered, or empty
 */
public record StoredPrediction(String id, String domain, ModelInfo model, String user, List<Event> history,
        List<String> excluded, List<Output> outputs, List<Explanation> explanations, String fallback, Instant time) {
    public StoredPrediction {
        history = List.copyOf(history);
        excluded = List.copyOf(excluded);
        outputs = List.copyOf(outputs);
        explanations = List.copyOf(explanations);
    }
}
