package org.wherefore.api.explain;

import java.util.Locale;
import java.util.Objects;

/** What the reader asks for. {@code strategy} empty means the default one; {@code budget} is model evaluations per target. */
public record ExplanationRequest(String strategy, Locale locale, long seed, int budget, long deadlineMillis) {
    public ExplanationRequest {
        Objects.requireNonNull(strategy, "strategy");
        Objects.requireNonNull(locale, "locale");
        if (budget < 1) {
            throw org.wherefore.api.WhereforeException.invalid("/explain/budget", "budget is at least 1, got " + budget);
        }
    }

    public static ExplanationRequest defaults(Locale locale) {
        return new ExplanationRequest("", locale, 7, 512, 5_000);
    }
}
