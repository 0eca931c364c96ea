package org.wherefore.explainer.counterfactual.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;

/**
 * How common an input is among the model's cases: the share of {@value #REFERENCES} cases that have less in common with their
 * nearest cases than the input has with its own. Half is the median case. What two histories have in common is the Jaccard
 * index of their items. One thread.
 */
final class Typicality {
    /** Cases that the input is compared to by rank. */
    private static final int REFERENCES = 50;
    /** Cases among which the nearest are looked for. */
    private static final int NEIGHBOURS = 500;
    /** How many nearest cases count. */
    private static final int NEAREST = 5;
    private final List<int[]> cases = new ArrayList<>();
    private double[] references;

    Typicality(List<Example> all) {
        for (Example e : all) {
            if (cases.size() < NEIGHBOURS && e.instance() instanceof SequenceInstance history && history.length() > 0) {
                cases.add(items(history));
            }
        }
    }

    /** 0 to 1; NaN when there are too few cases to compare with, or none of the input's kind. */
    double of(Instance instance) {
        if (cases.size() <= NEAREST || !(instance instanceof SequenceInstance history)) {
            return Double.NaN;
        }
        if (references == null) {
            references = IntStream.range(0, Math.min(REFERENCES, cases.size())).mapToDouble(i -> nearness(cases.get(i), i)).toArray();
        }
        double own = nearness(items(history), -1);
        return (double) Arrays.stream(references).filter(r -> r <= own).count() / references.length;
    }

    /** Mean similarity to the nearest cases, the one at {@code but} aside. */
    private double nearness(int[] items, int but) {
        double[] similar = IntStream.range(0, cases.size()).filter(i -> i != but).mapToDouble(i -> jaccard(items, cases.get(i))).sorted().toArray();
        return Arrays.stream(similar, similar.length - NEAREST, similar.length).sum() / NEAREST;
    }

    private static double jaccard(int[] a, int[] b) {
        int both = 0;
        for (int i = 0, j = 0; i < a.length && j < b.length;) {
            both += a[i] == b[j] ? 1 : 0;
            int x = a[i];
            i += x <= b[j] ? 1 : 0;
            j += b[j] <= x ? 1 : 0;
        }
        return a.length + b.length == 0 ? 0 : (double) both / (a.length + b.length - both);
    }

    /** Distinct, ascending. */
    private static int[] items(SequenceInstance history) {
        return IntStream.of(history.items()).sorted().distinct().toArray();
    }
}
