package org.wherefore.api.predict;

import java.util.List;
import java.util.Objects;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.explain.ExplanationRequest;

/**
 * @param user id, may be unknown; null for a session
 * @param history item ids, oldest first, used instead of the user's stored history; null when not given
 * @param record what is judged, in a domain that has a classification; null otherwise
 * @param k 1 to 1,000
 * @param excludeSeen whether items of the history are left out
 * @param exclude further target ids to leave out
 * @param explain null for a plain prediction
 */
public record PredictionRequest(String domain, String user, List<String> history, DataRecord record, int k, boolean excludeSeen,
        List<String> exclude, ExplanationRequest explain) {
    /** Most answers one request gets. */
    public static final int MAX_K = 1_000;
    /** Longest history one request may carry. */
    public static final int MAX_HISTORY = 10_000;

    /** Of a person. */
    public PredictionRequest(String domain, String user, List<String> history, int k, boolean excludeSeen, List<String> exclude,
            ExplanationRequest explain) {
        this(domain, user, history, null, k, excludeSeen, exclude, explain);
    }

    /** Of a record: all targets. */
    public static PredictionRequest of(String domain, DataRecord record, ExplanationRequest explain) {
        return new PredictionRequest(domain, null, null, record, MAX_K, false, List.of(), explain);
    }

    public PredictionRequest {
        Objects.requireNonNull(domain, "domain");
        history = history == null ? null : List.copyOf(history);
        exclude = List.copyOf(exclude);
        if (k < 1 || k > MAX_K) {
            throw org.wherefore.api.WhereforeException.invalid("/k", "k is 1 to " + MAX_K + ", got " + k);
        }
        if (history != null && history.size() > MAX_HISTORY) {
            throw org.wherefore.api.WhereforeException.invalid("/history",
                    "history holds at most " + MAX_HISTORY + " items, got " + history.size());
        }
    }
}
