package org.wherefore.core.internal.classify;

import java.util.Arrays;
import java.util.stream.IntStream;

/** What the classes of this package ask of scores and labels, and their order. */
final class Cases {
    private Cases() {}

    /** @throws IllegalArgumentException when there is none, the lengths differ, or a score is no finite number */
    static void check(String what, double[] scores, boolean[] labels) {
        if (scores.length == 0 || scores.length != labels.length) {
            throw new IllegalArgumentException("every " + what + " needs its label, and there is at least one; got " + scores.length + " and "
                    + labels.length + " labels");
        }
        for (int i = 0; i < scores.length; i++) {
            if (!Double.isFinite(scores[i])) {
                throw new IllegalArgumentException("a " + what + " is a finite number, case " + i + " has " + scores[i]);
            }
        }
    }

    /** The same, and that each is a probability. */
    static void checkProbabilities(double[] probabilities, boolean[] labels) {
        check("probability", probabilities, labels);
        for (int i = 0; i < probabilities.length; i++) {
            if (probabilities[i] < 0 || probabilities[i] > 1) {
                throw new IllegalArgumentException("a probability is 0 to 1, case " + i + " has " + probabilities[i]);
            }
        }
    }

    /** Positions of the cases, the lowest score first, equal scores in the order they came. */
    static int[] ascending(double[] scores) {
        return IntStream.range(0, scores.length).boxed().sorted((a, b) -> scores[a] == scores[b] ? Integer.compare(a, b)
                : Double.compare(scores[a], scores[b])).mapToInt(i -> i).toArray();
    }

    static int positives(boolean[] labels) {
        int count = 0;
        for (boolean label : labels) {
            count += label ? 1 : 0;
        }
        return count;
    }

    /** The end of the run of equal scores that begins at {@code from}, exclusive. */
    static int tie(double[] scores, int[] order, int from) {
        int to = from + 1;
        while (to < order.length && scores[order[to]] == scores[order[from]]) {
            to++;
        }
        return to;
    }

    static double sum(double[] values) {
        return Arrays.stream(values).sum();
    }
}
