package org.wherefore.core.internal.quality;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;

/** How far two attributions of one target agree. */
public final class Agreement {
    /** How many of the strongest contributions count. */
    public static final int TOP = 5;

    private Agreement() {}

    /** Share in common of the positions of the strongest {@value #TOP}, by size without sign; 1 when both are empty. */
    public static double jaccard(Attribution a, Attribution b) {
        Set<Integer> one = strongest(a);
        Set<Integer> other = strongest(b);
        Set<Integer> both = new HashSet<>(one);
        both.retainAll(other);
        one.addAll(other);
        return one.isEmpty() ? 1 : (double) both.size() / one.size();
    }

    private static Set<Integer> strongest(Attribution a) {
        return a.contributions().stream().sorted(Comparator.comparingDouble(c -> -Math.abs(c.value()))).limit(TOP)
                .map(Contribution::position).collect(Collectors.toCollection(HashSet::new));
    }

    /** Spearman's correlation of the values of positions that both have, ties at their mean rank; NaN when one of them is constant. */
    public static double correlation(Attribution a, Attribution b) {
        Map<Integer, Double> other = values(b);
        List<Contribution> both = a.contributions().stream().filter(c -> other.containsKey(c.position())).toList();
        double[] x = ranks(both.stream().mapToDouble(Contribution::value).toArray());
        double[] y = ranks(both.stream().mapToDouble(c -> other.get(c.position())).toArray());
        double mean = (x.length + 1) / 2.0;
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < x.length; i++) {
            xy += (x[i] - mean) * (y[i] - mean);
            xx += (x[i] - mean) * (x[i] - mean);
            yy += (y[i] - mean) * (y[i] - mean);
        }
        return xx == 0 || yy == 0 ? Double.NaN : xy / Math.sqrt(xx * yy);
    }

    private static double[] ranks(double[] values) {
        int[] order = IntStream.range(0, values.length).boxed().sorted(Comparator.comparingDouble(i -> values[i])).mapToInt(i -> i).toArray();
        double[] out = new double[values.length];
        for (int from = 0; from < order.length;) {
            int to = from;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i < to; i++) {
                out[order[i]] = (from + 1 + to) / 2.0;
            }
            from = to;
        }
        return out;
    }

    /**
     * Size of the change from one attribution to another, relative to the size of the first, over the positions that both have.
     *
     * @param position of the first's position in the other's input; negative when it is not there
     * @return NaN when the first says nothing there
     */
    public static double change(Attribution a, Attribution b, IntUnaryOperator position) {
        Map<Integer, Double> other = values(b);
        double change = 0;
        double size = 0;
        for (Contribution c : a.contributions()) {
            Double there = other.get(position.applyAsInt(c.position()));
            if (there != null) {
                change += (c.value() - there) * (c.value() - there);
                size += c.value() * c.value();
            }
        }
        return size == 0 ? Double.NaN : Math.sqrt(change / size);
    }

    private static Map<Integer, Double> values(Attribution a) {
        Map<Integer, Double> out = new HashMap<>();
        a.contributions().forEach(c -> out.put(c.position(), c.value()));
        return out;
    }

    /** Whether most of the strongest {@value #TOP} are within two standard errors of 0. */
    public static boolean noisy(Attribution a) {
        List<Contribution> top = a.contributions().stream().sorted(Comparator.comparingDouble(c -> -Math.abs(c.value()))).limit(TOP).toList();
        long weak = top.stream().filter(c -> c.stdError() > 0 && Math.abs(c.value()) < 2 * c.stdError()).count();
        return weak * 2 > top.size();
    }

    /** Mean of what is a number; NaN when nothing is. */
    static double mean(double... values) {
        return Arrays.stream(values).filter(v -> !Double.isNaN(v)).average().orElse(Double.NaN);
    }
}
