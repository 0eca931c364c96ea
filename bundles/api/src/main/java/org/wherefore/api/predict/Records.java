package org.wherefore.api.predict;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;

/** Records that are judged, as they happen: what the next prediction knows of cards, customers, terminals. Thread-safe. */
@ProviderType
public interface Records {
    /** Most records of one call. */
    int MOST = 10_000;

    /**
     * What came of records.
     *
     * @param added stored, and in the aggregates when the call returned
     * @param known the same record was there already
     * @param refused those that can't be taken, each with the reason; nothing of them is stored. {@link BadRecord#location} counts from 1
     */
    record Taken(int added, int known, List<BadRecord> refused) {
        public Taken {
            refused = List.copyOf(refused);
        }
    }

    /**
     * Takes records in. They are on disk when the call returns.
     *
     * @throws org.wherefore.api.WhereforeException {@code NOT_FOUND} for an unknown domain, {@code UNSUPPORTED} for one without records,
     *         {@code INVALID_INPUT} for more than {@link #MOST}
     */
    Taken add(String domain, List<DataRecord> records);

    /**
     * Says what became of a record: one of the task's targets, or anything else for none.
     *
     * @throws org.wherefore.api.WhereforeException as {@link #add}, and {@code NOT_FOUND} when there is no such record
     */
    void label(String domain, String id, String label);
}
