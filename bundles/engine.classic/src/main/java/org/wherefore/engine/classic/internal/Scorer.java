package org.wherefore.engine.classic.internal;

import org.wherefore.api.feature.SequenceInstance;

/** How one family turns a history into scores. Immutable; both forms give the very same doubles. */
interface Scorer {
    /** Overwrites {@code scores} with the score of every target. */
    void all(SequenceInstance history, double[] scores);

    double one(SequenceInstance history, int target);
}
