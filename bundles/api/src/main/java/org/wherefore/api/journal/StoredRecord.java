package org.wherefore.api.journal;

import java.time.Instant;
import java.util.Objects;
import org.wherefore.api.data.DataRecord;

/**
 * A record that is judged or was.
 *
 * @param time of the record itself, not of its arrival; {@link Instant#EPOCH} where it has none
 */
public record StoredRecord(String id, Instant time, DataRecord record) {
    public StoredRecord {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(record, "record");
    }
}
