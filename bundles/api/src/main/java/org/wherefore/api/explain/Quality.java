package org.wherefore.api.explain;

/**
 * What a judge needs.
 *
 * @param fidelity mean fall of the score, as a share of its fall to the base value, when the top half of the contributions
 *        is removed; NaN when not measured
 * @param stability agreement over seeds, 1 for deterministic methods; NaN when not measured
 */
public record Quality(double fidelity, double stability, int evaluations, long micros) {}
