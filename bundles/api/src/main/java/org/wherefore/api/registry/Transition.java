package org.wherefore.api.registry;

import java.time.Instant;
import java.util.Objects;

/**
 * One change of what a model serves. Never changed or removed once written.
 *
 * @param sequence from 1 in each model
 * @param kind {@link #PROMOTE}, {@link #ROLLBACK}, {@link #TRAFFIC} or {@link #DELETE}
 * @param alias that moved; empty for {@link #TRAFFIC} and {@link #DELETE}
 * @param from where the alias pointed (0 when it was new), the canary's version before (0 for none), or the version that was deleted
 * @param to where the alias points, the canary's version now (0 for none), or 0 for a deletion
 * @param traffic the split from now on; null but for {@link #TRAFFIC}
 * @param why in words; may be empty
 */
public record Transition(long sequence, String model, String kind, String alias, int from, int to, Traffic traffic, String who, String why,
        Instant when) {
    /** An alias was pointed to a version. */
    public static final String PROMOTE = "promote";
    /** An alias was pointed back to where it was. */
    public static final String ROLLBACK = "rollback";
    /** The split between versions changed. */
    public static final String TRAFFIC = "traffic";
    /** A version was deleted. */
    public static final String DELETE = "delete";

    public Transition {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(alias, "alias");
        Objects.requireNonNull(who, "who");
        Objects.requireNonNull(why, "why");
        if (kind.equals(TRAFFIC) != (traffic != null)) {
            throw new IllegalArgumentException("a transition of kind '" + kind + "' with the split " + traffic);
        }
    }

    /** A promotion. */
    public Transition(long sequence, String model, String alias, int from, int to, String who, String why, Instant when) {
        this(sequence, model, PROMOTE, alias, from, to, null, who, why, when);
    }
}
