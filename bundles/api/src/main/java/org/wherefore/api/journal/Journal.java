package org.wherefore.api.journal;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.claim.Population;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Schema;

/**
 * Durable store of what happened. Events, entities and feedback are on disk when the call returns; predictions are written
 * behind in batches, and {@link #prediction} sees them at once. Thread-safe.
 */
@ProviderType
public interface Journal {
    /** Replaces a domain's imported data set in one transaction; events and records that came in live stay. */
    void importData(String domain, CleanData data, List<StoredRecord> records);

    /** The same without records. */
    default void importData(String domain, CleanData data) {
        importData(domain, data, List.of());
    }

    /** Stores live events; ids already known are ignored. @return how many were new */
    int append(String domain, List<Event> events);

    /** A user's events, oldest first, at most the newest {@code limit}. Cached. */
    List<Event> history(String domain, String user, int limit);

    /**
     * Stores records that are judged, of one schema. One that is known with the same content is ignored.
     *
     * @return ids of those known with other content; of these nothing was changed
     */
    List<String> store(String domain, List<StoredRecord> records);

    /** Says of a stored record what it turned out to be; the last word counts. @return false when there is no such record */
    boolean label(String domain, String role, String id, String label);

    /** The records of a schema from a time on, by time, then as they came. */
    void records(String domain, Schema schema, Instant from, Consumer<StoredRecord> to);

    Optional<StoredRecord> record(String domain, Schema schema, String id);

    Optional<Entity> entity(String domain, String kind, String id);

    void put(String domain, Entity entity);

    boolean delete(String domain, String kind, String id);

    /** In the order of id. */
    Page<Entity> entities(String domain, String kind, String cursor, int limit);

    /** Counts over all users' events of a domain. */
    Population population(String domain);

    void record(StoredPrediction prediction);

    Optional<StoredPrediction> prediction(String id);

    /** @throws org.wherefore.api.WhereforeException {@code NOT_FOUND} when the prediction or its target is unknown */
    void record(Feedback feedback);

    List<FeedbackCount> feedbackCounts(String domain);

    /** Number of stored predictions by {@code model:version}, split by {@code explained}. */
    Map<String, Long> predictionCounts(String domain);

    /** Ends when all predictions recorded before are on disk. */
    void flush();
}
