package org.wherefore.api.explain;

import java.util.List;

/**
 * How a score comes about: {@code baseValue + sum(contributions) + completenessGap = score}.
 *
 * @param contributions largest first
 */
public record Attribution(int target, double score, double baseValue, List<Contribution> contributions,
        double completenessGap) implements Finding {
    public Attribution {
        contributions = List.copyOf(contributions);
    }
}
