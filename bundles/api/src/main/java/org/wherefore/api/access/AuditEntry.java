package org.wherefore.api.access;

import java.time.Instant;
import java.util.Objects;

/**
 * An entry of the audit trail.
 *
 * @param sequence 1, 2, 3, … without gaps
 * @param previous hash of the entry before, hexadecimal; zeros for the first
 * @param hash SHA-256 over {@code previous} and everything else in the entry
 */
public record AuditEntry(long sequence, Instant time, Change change, String previous, String hash) {
    public AuditEntry {
        Objects.requireNonNull(time, "time");
        Objects.requireNonNull(change, "change");
        Objects.requireNonNull(previous, "previous");
        Objects.requireNonNull(hash, "hash");
    }
}
