package org.wherefore.explainer.examples.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.wherefore.api.feature.SequenceInstance;

/**
 * How much two histories have in common: the weighted Jaccard index (Ruzicka) of their items, an item weighing what its newest
 * event does; an event half as much when {@value #HALF_LIFE} newer ones follow it. 1 for equal histories, 0 for none in common. Stateless.
 */
final class Likeness {
    /** Events after which one weighs half. */
    private static final double HALF_LIFE = 10;

    private Likeness() {}

    static Map<Integer, Double> weights(SequenceInstance history) {
        Map<Integer, Double> weights = new HashMap<>();
        for (int p = 0; p < history.length(); p++) {
            weights.put(history.item(p), Math.pow(0.5, (history.length() - 1 - p) / HALF_LIFE));
        }
        return weights;
    }

    static double of(Map<Integer, Double> a, Map<Integer, Double> b) {
        if (a.equals(b)) {
            return 1;
        }
        double less = 0;
        double more = 0;
        TreeSet<Integer> items = new TreeSet<>(a.keySet());
        items.addAll(b.keySet());
        for (int item : items) {
            double x = a.getOrDefault(item, 0.0);
            double y = b.getOrDefault(item, 0.0);
            less += Math.min(x, y);
            more += Math.max(x, y);
        }
        return more == 0 ? 0 : less / more;
    }
}
