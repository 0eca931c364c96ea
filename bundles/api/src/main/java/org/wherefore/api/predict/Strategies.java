package org.wherefore.api.predict;

import java.util.List;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Whether the installed explanation strategies behave. One that fails several times in a row is quarantined: it is not asked any
 * more until somebody lets it go or a new version of it is installed. Thread-safe.
 */
@ProviderType
public interface Strategies {
    /** Of all that are installed, in the order of {@link Plugins#explainers()}. */
    List<StrategyState> states();

    /**
     * Lifts a quarantine and forgives all faults; of an active strategy, forgives its faults.
     *
     * @return the new state
     * @throws org.wherefore.api.WhereforeException {@code NOT_FOUND}, naming what is installed; {@code CONFLICT} for a plugin that
     *         could not even say its name, which only a new version mends
     */
    StrategyState release(String name);

    /**
     * Tells of every change between active and quarantined until what comes back is run.
     *
     * @param listener must return fast and not throw
     */
    Runnable listen(Consumer<StrategyState> listener);
}
