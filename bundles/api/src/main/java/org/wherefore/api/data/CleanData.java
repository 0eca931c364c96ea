package org.wherefore.api.data;

import java.util.List;
import java.util.Map;

/**
 * Cleaned data ready for extraction.
 *
 * @param histories each user's events, oldest first
 * @param entities items and users with their attributes
 * @param steps what cleaning did, in order
 * @param bad the first bad records, at most 100
 * @param badCount how many there were
 * @param digest {@code sha256:} of the cleaned content; the provenance of a model trained on it
 */
public record CleanData(String name, Map<String, List<Event>> histories, List<Entity> entities, List<CleaningStep> steps,
        List<BadRecord> bad, long badCount, String digest) {
    public CleanData {
        histories = java.util.Collections.unmodifiableMap(histories);
        entities = List.copyOf(entities);
        steps = List.copyOf(steps);
        bad = List.copyOf(bad);
    }
}
