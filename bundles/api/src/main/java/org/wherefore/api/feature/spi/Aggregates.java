package org.wherefore.api.feature.spi;

import java.io.InputStream;
import java.io.OutputStream;
import java.time.Instant;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Schema;

/**
 * What is known of entities (cards, customers, terminals, …) from the records that went by: counts, sums and risks over windows of
 * time. Training runs all records through it in the order of time, serving keeps one up to date; both get the same numbers, bit by
 * bit, for the same records in the same order.
 *
 * <p>Thread-safe: a record may be enriched while others are added. Memory is bounded by the entities and the records of the longest
 * window.
 */
@ConsumerType
public interface Aggregates {
    /** Of the records that {@link #enrich} gives: the fields of the input, then one optional number for each aggregate. */
    Schema schema();

    /**
     * The record with its aggregates, over what was added before it and is not later than it; the record itself is not counted unless
     * a parameter of the extractor says so. Changes nothing.
     *
     * @param record of the schema this was made for, or one that has been enriched: its aggregates are worked out anew
     */
    DataRecord enrich(DataRecord record);

    /**
     * Takes a record in. One that comes late, but within the longest window, is put where its time says; an older one changes nothing.
     *
     * @return false when a record of this id is known already, or it is too old; nothing changed then
     */
    boolean add(DataRecord record);

    /**
     * Says what became of a record that was added.
     *
     * @param positive whether it turned out to be what the model looks for
     * @return false when no such record is remembered
     */
    boolean label(String id, boolean positive);

    /** The time of the oldest record that still matters to a record at {@code now}. */
    Instant horizon(Instant now);

    /** Writes all it remembers. */
    void save(OutputStream out);

    /** Remembers what {@link #save} wrote, and nothing else. @throws org.wherefore.api.WhereforeException {@code BAD_DATA} when it is not that */
    void load(InputStream in);
}
