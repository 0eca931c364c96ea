package org.wherefore.api.explain;

import java.util.List;
import java.util.Objects;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.model.ModelInfo;

/**
 * Why one output: what the strategy found, the claims whose tests held, and how it was made. Text is rendered from the claims when it
 * is read, in any language.
 *
 * @param status {@code complete}, {@code partial} (time or budget ran out: what is known so far) or {@code failed}
 * @param reason why it is not complete, in words; empty when it is
 * @param finding null when the model answered without personal input, and when the strategy failed
 * @param claims supported ones only
 * @param withheld how many candidate claims failed their test and are not shown
 * @param contrast id of the target that the output was compared with: the finding is then of the difference of their scores. Empty
 *        when there was no such question
 */
public record Explanation(String status, String reason, String strategy, String strategyVersion, long seed, ModelInfo model,
        Finding finding, List<Claim> claims, int withheld, Quality quality, String contrast) {
    public static final String COMPLETE = "complete";
    public static final String PARTIAL = "partial";
    public static final String FAILED = "failed";

    public Explanation {
        Objects.requireNonNull(status, "status");
        Objects.requireNonNull(reason, "reason");
        claims = List.copyOf(claims);
        Objects.requireNonNull(contrast, "contrast");
    }

    /** Of the output alone, compared with none. */
    public Explanation(String status, String reason, String strategy, String strategyVersion, long seed, ModelInfo model, Finding finding,
            List<Claim> claims, int withheld, Quality quality) {
        this(status, reason, strategy, strategyVersion, seed, model, finding, claims, withheld, quality, "");
    }

    /** The finding when it is an attribution, otherwise null. */
    public Attribution attribution() {
        return finding instanceof Attribution a ? a : null;
    }
}
