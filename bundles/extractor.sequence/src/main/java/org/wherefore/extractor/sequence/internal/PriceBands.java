package org.wherefore.extractor.sequence.internal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * At most five price bands with about as many items each, their edges rounded so that people can read them:
 * {@code <10}, {@code 10-20} (10 included, 20 not), {@code 50+}. Immutable.
 */
final class PriceBands {
    private static final int BANDS = 5;
    private final List<BigDecimal> edges;

    private PriceBands(List<BigDecimal> edges) {
        this.edges = edges;
    }

    /** @param prices at least one */
    static PriceBands fit(Collection<Double> prices) {
        double[] sorted = prices.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        List<BigDecimal> edges = new ArrayList<>();
        for (int i = 1; i < BANDS; i++) {
            BigDecimal edge = BigDecimal.valueOf(sorted[(int) ((long) sorted.length * i / BANDS)])
                    .round(new MathContext(2, RoundingMode.HALF_UP));
            boolean splits = edge.doubleValue() > sorted[0] && edge.doubleValue() <= sorted[sorted.length - 1];
            if (splits && (edges.isEmpty() || edge.compareTo(edges.get(edges.size() - 1)) > 0)) {
                edges.add(edge);
            }
        }
        if (edges.isEmpty()) {
            // Nothing to split at: all prices are in one band, named by its bounds.
            edges.add(BigDecimal.valueOf(sorted[0]));
        }
        return new PriceBands(List.copyOf(edges));
    }

    String band(double price) {
        int i = 0;
        while (i < edges.size() && price >= edges.get(i).doubleValue()) {
            i++;
        }
        if (i == 0) {
            return "<" + text(edges.get(0));
        }
        return i == edges.size() ? text(edges.get(i - 1)) + "+" : text(edges.get(i - 1)) + "-" + text(edges.get(i));
    }

    private static String text(BigDecimal edge) {
        return edge.signum() == 0 ? "0" : edge.stripTrailingZeros().toPlainString();
    }
}
