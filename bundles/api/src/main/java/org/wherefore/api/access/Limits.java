package org.wherefore.api.access;

import org.wherefore.api.WhereforeException;

/**
 * What a caller may take. Zero means no limit.
 *
 * @param requestsPerSecond on average; twice as many at once
 * @param evaluationsPerMinute model evaluations that its explanations may spend
 * @param bodyBytes largest request body; an address's own limit holds as well
 */
public record Limits(double requestsPerSecond, double evaluationsPerMinute, long bodyBytes) {
    public static final Limits NONE = new Limits(0, 0, 0);

    public Limits {
        if (!(requestsPerSecond >= 0) || !(evaluationsPerMinute >= 0) || bodyBytes < 0 || Double.isInfinite(requestsPerSecond + evaluationsPerMinute)) {
            throw WhereforeException.invalid("/limits", "limits are finite and not negative, 0 for none");
        }
    }
}
