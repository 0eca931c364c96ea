package org.wherefore.api.explain;

import java.util.List;
import java.util.Objects;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.model.ModelInfo;

/**
 * Why one output: attribution, the claims whose tests held, and how it was made. Text is rendered from the claims when it
 * is read, in any language.
 *
 * @param status {@code complete} or {@code partial}
 * @param attribution null when the model answered without personal input
 * @param claims supported ones only
 * @param withheld how many candidate claims failed their test and are not shown
 */
public record Explanation(String status, String strategy, String strategyVersion, long seed, ModelInfo model,
        Attribution attribution, List<Claim> claims, int withheld, Quality quality) {
    public Explanation {
        Objects.requireNonNull(status, "status");
        claims = List.copyOf(claims);
    }
}
