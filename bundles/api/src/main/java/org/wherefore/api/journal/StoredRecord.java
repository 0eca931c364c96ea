package org.wherefore.api.journal;

import java.time.Instant;
import java.util.Objects;
import org.wherefore.api.data.DataRecord;

/**
 * A record that is judged or was.
 *
 * @param label what was said of it later, null when nothing was
 * @param time of the record itself, not of its arrival; {@link Instant#EPOCH} where it has none
 */
public record StoredRecord(String id, Instant time, DataRecord record, String label) {
    public StoredRecord {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(record, "record");
    }

    /** Of which nothing was said yet. */
    public StoredRecord(String id, Instant time, DataRecord record) {
        this(id, time, record, null);
    }
}
