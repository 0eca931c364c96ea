package org.wherefore.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

    /** The first contender's figures over each other one's, by {@code ours/peer NAME}; the first is ours. */
    static Map<String, Figures> ratios(Map<String, Figures> figures) {
        Map<String, Figures> ratios = new LinkedHashMap<>();
        List<String> names = new ArrayList<>(figures.keySet());
        for (String other : names.subList(1, names.size())) {
            ratios.put("ours/peer " + other, figures.get(names.get(0)).over(figures.get(other)));
        }
        return ratios;
    }
}
