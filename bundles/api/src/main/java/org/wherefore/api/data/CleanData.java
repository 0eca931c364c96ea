package org.wherefore.api.data;

import java.util.List;
import java.util.Map;

/**
 * Cleaned data ready for extraction.
 *
 * @param histories each user's events, oldest first; empty where the domain's input is records
 * @param records the records predictions are about, by time where they have one; empty where the domain's input is histories
 * @param entities items and users with their attributes
 * @param steps what cleaning did, in order
 * @param bad the first bad records, at most 100
 * @param badCount how many there were
 * @param digest {@code sha256:} of the cleaned content; the provenance of a model trained on it
 */
public record CleanData(String name, Map<String, List<Event>> histories, List<DataRecord> records,
        List<Entity> entities, List<CleaningStep> steps,
        List<BadRecord> bad, long badCount, String digest) {
    public CleanData {
        histories = java.util.Collections.unmodifiableMap(histories);
        records = java.util.Collections.unmodifiableList(records);
        entities = List.copyOf(entities);
        steps = List.copyOf(steps);
        bad = List.copyOf(bad);
    }

    /** Of histories, without records. */
    public CleanData(String name, Map<String, List<Event>> histories, List<Entity> entities, List<CleaningStep> steps, List<BadRecord> bad,
            long badCount, String digest) {
        this(name, histories, List.of(), entities, steps, bad, badCount, digest);
    }

    /** The same with other records, as a split or an enrichment gives them. */
    public CleanData withRecords(List<DataRecord> others) {
        return new CleanData(name, histories, others, entities, steps, bad, badCount, digest);
    }
}
