package org.wherefore.api.access;

import java.util.Arrays;
import java.util.Objects;
import java.util.Set;

/**
 * Who sends a request.
 *
 * @param id stable and unique: {@code key:ID}, {@code admin.key}, {@code jwt:ISSUER#SUBJECT}, {@code anonymous}
 * @param name for people
 */
public record Caller(String id, String name, Set<Role> roles, Limits limits) {
    public Caller {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(limits, "limits");
        roles = Set.copyOf(roles);
    }

    /** Whether it has one of these roles; {@link Role#ADMIN} has all. */
    public boolean may(Role... any) {
        return roles.contains(Role.ADMIN) || Arrays.stream(any).anyMatch(roles::contains);
    }
}
