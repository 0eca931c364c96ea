package org.wherefore.api.explain;

/**
 * What a judge needs. Figures are of attributions only, and NaN when not measured: not asked for, not defined, or no time was left.
 *
 * <p>A curve is the target's score over the share of events removed (or put in), as a share of the spread of scores that were seen
 * with all, no and random sets of events; its area is by trapezoids between the shares that were asked. The same random orders,
 * drawn from the seed, serve all targets.
 *
 * @param fidelity mean fall of the score, as a share of its fall to the base value, when the top half of the contributions
 *        is removed
 * @param deletion area under the curve when events are removed, largest contribution first; lower is better
 * @param insertion area under the curve when events are put in, largest contribution first; higher is better
 * @param random area under either curve in the mean of random orders: what an explanation that knows nothing has
 * @param infidelity expected squared error of the contributions as forecast of what random removals do to the score (Yeh et al., On
 *        the (In)fidelity and Sensitivity of Explanations, NeurIPS 2019), as a share of what those removals do, squared; 0 is
 *        perfect, 1 is as good as saying nothing
 * @param sensitivity largest relative change of the contributions over histories that lack one other event (same paper); 0 is best
 * @param stability mean share in common (Jaccard) of the strongest five contributions when explained again with other seeds; 1 where
 *        the method has no sampling error
 * @param rankStability mean rank correlation (Spearman) of all contributions over those seeds; 1 as above
 * @param gap the completeness gap, without sign, as a share of the difference between score and base value
 * @param unstable whether the reader should not lean on it: a stability below 0.5, a sensitivity above 1, or most of the
 *        strongest five contributions within two standard errors of 0
 * @param evaluations inputs that the model scored for all outputs of the request together, tests of claims and quality included
 */
public record Quality(double fidelity, double deletion, double insertion, double random, double infidelity, double sensitivity,
        double stability, double rankStability, double gap, boolean unstable, int evaluations) {
    /** With no figure but the two. */
    public Quality(double fidelity, double stability, int evaluations) {
        this(fidelity, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, stability, stability, Double.NaN, false, evaluations);
    }

    /** Nothing measured. */
    public static Quality unmeasured(int evaluations) {
        return new Quality(Double.NaN, Double.NaN, evaluations);
    }
}
