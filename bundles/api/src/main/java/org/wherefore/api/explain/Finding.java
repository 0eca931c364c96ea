package org.wherefore.api.explain;

/**
 * What a strategy found out about one target. Each strategy gives one kind: how the score comes about ({@link Attribution}), what
 * would change the outcome ({@link Counterfactual}), or which cases speak for and against it ({@link Evidence}).
 */
public sealed interface Finding permits Attribution, Counterfactual, Evidence {
    /** Index of the target. */
    int target();

    /** The model's own score of the target for the whole input. */
    double score();
}
