package org.wherefore.api.access;

import java.time.Instant;
import java.util.Objects;
import java.util.Set;

/**
 * A key as it is known after it was given out; the key itself is not.
 *
 * @param id in the key itself, so that a key found somewhere can be told from others
 * @param createdBy a {@link Caller#id()}
 * @param expires null for never
 * @param revoked null while it is good
 */
public record ApiKey(String id, String name, Set<Role> roles, Limits limits, Instant created, String createdBy, Instant expires, Instant revoked) {
    public ApiKey {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(limits, "limits");
        Objects.requireNonNull(created, "created");
        Objects.requireNonNull(createdBy, "createdBy");
        roles = Set.copyOf(roles);
    }

    public boolean good(Instant at) {
        return revoked == null && (expires == null || at.isBefore(expires));
    }
}
