package org.wherefore.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** Lets contenders alternate, so that whatever else the machine does meets all of them. */
final class Rounds {
    private Rounds() {}

    /** Figures of one contender over all rounds. */
    record Figures(double[] values) {
        double median() {
            double[] sorted = values.clone();
            Arrays.sort(sorted);
            int n = sorted.length;
            return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
        }

        double min() {
            return Arrays.stream(values).min().orElseThrow();
        }

        double max() {
            return Arrays.stream(values).max().orElseThrow();
        }

        /** Figures of the quotients round by round. */
        Figures over(Figures other) {
            double[] q = new double[values.length];
            Arrays.setAll(q, i -> values[i] / other.values[i]);
            return new Figures(q);
        }
    }

    /**
     * @param measure one measurement of a contender; every second round goes through them backwards
     * @return by contender's name, in the order given
     */
    static <C> Map<String, Figures> run(List<C> contenders, java.util.function.Function<C, String> name, int rounds,
            ToDoubleFunction<C> measure) {
        double[][] values = new double[contenders.size()][rounds];
        for (int r = 0; r < rounds; r++) {
            for (int c = 0; c < contenders.size(); c++) {
                int which = r % 2 == 0 ? c : contenders.size() - 1 - c;
                values[which][r] = measure.applyAsDouble(contenders.get(which));
            }
        }
        Map<String, Figures> figures = new LinkedHashMap<>();
        for (int c = 0; c < contenders.size(); c++) {
            figures.put(name.apply(contenders.get(c)), new Figures(values[c]));
        }
        return figures;
    }

    /**
     * Our contenders' figures over the peers', by {@code ours/peer PEER} for the first of ours and {@code NAME/peer PEER} for the
     * others.
     *
     * @param ours which names are ours
     */
    static Map<String, Figures> ratios(Map<String, Figures> figures, Predicate<String> ours) {
        Map<String, Figures> ratios = new LinkedHashMap<>();
        String first = figures.keySet().stream().filter(ours).findFirst().orElse(null);
        for (String peer : figures.keySet()) {
            if (!ours.test(peer)) {
                figures.keySet().stream().filter(ours).forEach(name -> ratios.put(
                        (name.equals(first) ? "ours" : name) + "/peer " + peer, figures.get(name).over(figures.get(peer))));
            }
        }
        return ratios;
    }
}
