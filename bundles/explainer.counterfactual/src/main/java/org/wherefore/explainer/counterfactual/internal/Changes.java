package org.wherefore.explainer.counterfactual.internal;

import java.util.BitSet;
import java.util.List;
import org.wherefore.api.explain.Counterfactual.Change;
import org.wherefore.api.feature.Instance;

/**
 * The single changes that may be made to one input, numbered from 0. What may not be changed (an immutable feature) is not among
 * them, so the search never proposes it. One implementation per kind of instance. Immutable.
 */
interface Changes {
    int size();

    /** How many may be made together at most. */
    int most();

    /** Sets of changes that the search makes in one step, the most promising kind first; every single change is one of them. */
    List<int[]> moves();

    /** The input with these changes. */
    Instance with(BitSet chosen);

    Change describe(int change);
}
