package org.wherefore.explainer.lime.internal;

import java.util.List;
import org.wherefore.api.feature.Instance;

/** Inputs around one input, and what the simple model sees of them. Immutable; the first input is the one to explain. */
interface Neighbourhood {
    /** How many parts of the input can be explained. */
    int parts();

    String feature(int part);

    int position(int part);

    /** How many inputs there are. */
    int size();

    /** Whether it holds all inputs that there could be, so that nothing of the answer hangs on the draw. */
    boolean whole();

    List<Instance> inputs(int from, int to);

    /** How near an input is to the first, 1 is equal; times how often it was drawn. */
    double weight(int input);

    /** How often it was drawn. */
    double drawn(int input);

    /**
     * What the simple model sees.
     *
     * @param named how many parts, the first ones, it sees singly
     * @return a number for each of them, and possibly one more for the others together
     */
    double[] seen(int input, int named);
}
