package org.wherefore.engine.classic.internal;

import org.wherefore.api.feature.SequenceInstance;

/** A family whose score is a sum with one term for each event, so that the terms are its exact gradients. Immutable. */
interface LinearScorer extends Scorer {
    /** What each event adds to the target's score, by position. */
    double[] terms(SequenceInstance history, int target);

    /** The target's score without events. */
    double constant(int target);
}
