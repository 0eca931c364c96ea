package org.wherefore.benchmarks;

import java.util.Map;

/** One implementation of the same model. Used by one thread; {@link #init} comes first and may come again. */
public interface Contender extends AutoCloseable {
    /** What the names of our contenders begin with. */
    String OURS = "wherefore ";

    /** Whether a contender with this name is ours. */
    static boolean isOurs(String name) {
        return name.startsWith(OURS);
    }

    /** Such as {@code wherefore vector 2t}. */
    String name();

    /** Builds the model anew with these weights (see {@link Shape#weights}), optimiser state zero. */
    void init(Shape shape, Map<String, float[]> weights);

    /** One step of Adam. @return the mean loss over all real positions before the step */
    double trainStep(Batch batch);

    /** Scores of all items for one history, oldest first. */
    float[] scores(int[] history);

    /** The best {@code k} items for each of some histories of one length, best first. */
    int[][] top(int[][] histories, int k);

    @Override
    void close();
}
