package org.wherefore.api.access;

import java.util.Objects;

/**
 * Something that somebody changed, or tried to. Holds no secrets and no personal data beyond ids.
 *
 * @param who a {@link Caller#id()}, or what in the platform did it, such as {@code rollback}
 * @param action what was done, such as {@code PUT /api/v1/models/{name}/aliases/{alias}}
 * @param target what it was done to, an address or a name
 * @param before the state before, empty when that is not known or nothing was
 * @param after the state after, or a digest of what was given
 * @param outcome {@code done}, {@code denied}, or {@code failed} with a reason
 * @param trace finds it in the log; may be empty
 */
public record Change(String who, String action, String target, String before, String after, String outcome, String trace) {
    public Change {
        Objects.requireNonNull(who, "who");
        Objects.requireNonNull(action, "action");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(before, "before");
        Objects.requireNonNull(after, "after");
        Objects.requireNonNull(outcome, "outcome");
        Objects.requireNonNull(trace, "trace");
    }
}
