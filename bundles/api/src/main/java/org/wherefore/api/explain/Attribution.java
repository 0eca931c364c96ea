package org.wherefore.api.explain;

import java.util.List;

/**
 * How a score comes about: {@code baseValue + sum(contributions) + completenessGap = score}.
 *
 * @param contributions largest first
 * @param localFit how well the simple model behind the contributions answers as the model does around the input: weighted
 *        R², 1 is perfect, 0 no better than the mean, negative when worse; NaN for strategies without one
 */
public record Attribution(int target, double score, double baseValue, List<Contribution> contributions,
        double completenessGap, double localFit) implements Finding {
    public Attribution {
        contributions = List.copyOf(contributions);
    }

    /** Of a strategy that fits no simple model. */
    public Attribution(int target, double score, double baseValue, List<Contribution> contributions, double completenessGap) {
        this(target, score, baseValue, contributions, completenessGap, Double.NaN);
    }
}
