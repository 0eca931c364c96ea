package org.wherefore.core.internal.quality;

import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Quality;

/** Puts the figures of one attribution together and says whether it is unstable. */
public final class Judge {
    /** Below it, fewer than half of the strongest contributions are found again. */
    static final double LEAST_STABILITY = 0.5;
    /** Above it, one event less changes the contributions by more than their own size. */
    static final double MOST_SENSITIVITY = 1;

    private Judge() {}

    /** @param measures null when not measured @param t which target of {@code reruns} it is */
    public static Quality quality(Attribution a, double fidelity, Measures measures, Reruns.Figures reruns, int t, int evaluations) {
        Measures m = measures == null ? Measures.NONE : measures;
        double stability = reruns.stability()[t];
        double rankStability = reruns.rankStability()[t];
        double sensitivity = reruns.sensitivity()[t];
        double range = Math.abs(a.score() - a.baseValue());
        boolean unstable = stability < LEAST_STABILITY || rankStability < LEAST_STABILITY || sensitivity > MOST_SENSITIVITY || Agreement.noisy(a);
        return new Quality(fidelity, m.deletion(), m.insertion(), m.random(), m.infidelity(), sensitivity, stability, rankStability,
                range == 0 ? Double.NaN : Math.abs(a.completenessGap()) / range, unstable, evaluations);
    }
}
