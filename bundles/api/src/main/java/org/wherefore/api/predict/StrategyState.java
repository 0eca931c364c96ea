package org.wherefore.api.predict;

import java.time.Instant;
import java.util.Objects;

/**
 * How an installed explanation strategy fares.
 *
 * @param state {@link #ACTIVE} or {@link #QUARANTINED}
 * @param reason of the last fault, in words; empty when there was none or it was forgiven
 * @param faults in a row, now
 * @param abandoned threads of it that could not be ended and still run
 * @param since when the state was entered
 */
public record StrategyState(String name, String version, String state, String reason, int faults, int abandoned, Instant since) {
    /** It is asked when a request names it. */
    public static final String ACTIVE = "active";
    /** It is not asked any more; explanations by it are {@code failed}, with the reason. */
    public static final String QUARANTINED = "quarantined";

    public StrategyState {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(since, "since");
    }

    public boolean quarantined() {
        return state.equals(QUARANTINED);
    }
}
