package org.wherefore.api.journal;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.claim.Population;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;

/**
 * Durable store of what happened. Events, entities and feedback are on disk when the call returns; predictions are written
 * behind in batches, and {@link #prediction} sees them at once. Thread-safe.
 */
@ProviderType
public interface Journal {
    /** Replaces a domain's imported data set in one transaction; events that came in live stay. */
    void importData(String domain, CleanData data);

    /** Stores live events; ids already known are ignored. @return how many were new */
    int append(String domain, List<Event> events);

    /** A user's events, oldest first, at most the newest {@code limit}. Cached. */
    List<Event> history(String domain, String user, int limit);

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
