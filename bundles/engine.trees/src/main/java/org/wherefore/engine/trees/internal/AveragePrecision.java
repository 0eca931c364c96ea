package org.wherefore.engine.trees.internal;

import java.util.stream.IntStream;

/** What training is judged by: the mean over positive cases of the precision down to each; equal scores count as one step. */
final class AveragePrecision {
    private AveragePrecision() {}

    /** @param labels at least one is positive */
    static double of(double[] scores, boolean[] labels) {
        int[] order = IntStream.range(0, scores.length).boxed().sorted((a, b) -> Double.compare(scores[b], scores[a])).mapToInt(i -> i).toArray();
        double sum = 0;
        int found = 0;
        int pending = 0;
        for (int i = 0; i < order.length; i++) {
            pending += labels[order[i]] ? 1 : 0;
            if (i + 1 == order.length || scores[order[i + 1]] != scores[order[i]]) {
                found += pending;
                sum += (double) pending * found / (i + 1);
                pending = 0;
            }
        }
        return sum / found;
    }
}
