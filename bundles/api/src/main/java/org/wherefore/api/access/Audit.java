package org.wherefore.api.access;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The append-only trail of every change, each entry chained to the one before. An entry is on the disk when {@link #append} returns, so a
 * change that is acknowledged after that has its entry, whatever kills the process. Thread-safe, also between processes of one home.
 */
@ProviderType
public interface Audit {
    /**
     * What a check of the whole chain found.
     *
     * @param entries whole ones in a row from the first
     * @param head hash of the last of these; zeros for none
     * @param broken null when the chain is whole; otherwise where it first breaks and how
     */
    record Check(long entries, String head, String broken) {}

    /** @throws org.wherefore.api.WhereforeException {@code STORAGE}; the entry may not be there, so the change must not be acknowledged */
    AuditEntry append(Change change);

    /**
     * The newest entries before a sequence number, newest first.
     *
     * @param before 0 for the end
     * @throws org.wherefore.api.WhereforeException {@code STORAGE} when an entry can't be read
     */
    List<AuditEntry> read(long before, int limit);

    /** Reads all from the first entry on. @throws org.wherefore.api.WhereforeException {@code STORAGE} when the files can't be read */
    Check verify();
}
