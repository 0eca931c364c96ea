package org.wherefore.api.explain;

/**
 * What a judge needs.
 *
 * @param fidelity mean fall of the score, as a share of its fall to the base value, when the top half of the contributions
 *        is removed; NaN when not measured
 * @param stability agreement over seeds, 1 where the method has no sampling error; NaN when not measured
 * @param evaluations inputs that the model scored for all outputs of the request together, tests of claims included
 */
public record Quality(double fidelity, double stability, int evaluations) {}
