package org.wherefore.api.registry;

import org.wherefore.api.WhereforeException;

/**
 * Which versions of a model may be deleted: all but the newest ones and those that an alias points to, that bear traffic, or that a
 * lease is open on.
 *
 * @param keep newest versions that stay, at least 1
 * @param rollbackTargets whether versions may go, too, that an alias could still be rolled back to
 */
public record Retention(int keep, boolean rollbackTargets) {
    /** @throws WhereforeException {@code INVALID_INPUT} */
    public Retention {
        if (keep < 1) {
            throw WhereforeException.invalid("/keep", "at least 1 version is kept, got " + keep);
        }
    }
}
