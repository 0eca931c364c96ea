package org.wherefore.api.explain;

import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.wherefore.api.WhereforeException;

/**
 * What the reader asks for.
 *
 * @param strategy empty means the default one
 * @param budget model evaluations that the strategy may spend; an input scored for all outputs is one
 * @param deadlineMillis after which what is known is the answer
 * @param parameters of the strategy, by name
 * @param contrast id of another target: "why this and not that?", null when not asked
 * @param fullQuality whether figures that need the strategy to explain again are measured, too: sensitivity, stability where the
 *        method samples; and curves on a finer grid. Costs several times as much
 */
public record ExplanationRequest(String strategy, Locale locale, long seed, int budget, long deadlineMillis,
        Map<String, String> parameters, String contrast, boolean fullQuality) {
    public ExplanationRequest(String strategy, Locale locale, long seed, int budget, long deadlineMillis,
            Map<String, String> parameters, String contrast) {
        this(strategy, locale, seed, budget, deadlineMillis, parameters, contrast, false);
    }

    public ExplanationRequest {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(locale, "locale");
        parameters = Map.copyOf(parameters);
        if (budget < 1) {
            throw WhereforeException.invalid("/explain/budget", "budget is at least 1, got " + budget);
        }
        if (deadlineMillis < 1) {
            throw WhereforeException.invalid("/explain/deadlineMs", "deadlineMs is at least 1, got " + deadlineMillis);
        }
    }

    /** By the default strategy with seed 7, 512 evaluations and five seconds. */
    public static ExplanationRequest defaults(Locale locale) {
        return new ExplanationRequest("", locale, 7, 512, 5_000, Map.of(), null);
    }

    public ExplanationRequest withStrategy(String name) {
        return new ExplanationRequest(name, locale, seed, budget, deadlineMillis, parameters, contrast, fullQuality);
    }

    public ExplanationRequest withFullQuality(boolean full) {
        return new ExplanationRequest(strategy, locale, seed, budget, deadlineMillis, parameters, contrast, full);
    }
}
