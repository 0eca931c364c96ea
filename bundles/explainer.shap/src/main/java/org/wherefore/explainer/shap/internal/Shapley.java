package org.wherefore.explainer.shap.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.wherefore.api.explain.spi.LeastSquares;

/**
 * Shapley values of what is known of a game: by their formula when every set is known, otherwise by weighted least squares under the
 * constraint that they sum to the whole (Lundberg, Lee, 2017, theorem 2).
 *
 * @param players how many have a value; the others are valued together with the last one
 * @param values {@code [target][player]}
 * @param errors standard errors, 0 when exact: of the regression, over pairs of sets, what a pair leaves divided by one less its leverage
 *        (MacKinnon, White, Some Heteroskedasticity-Consistent Covariance Matrix Estimators, 1985, HC3). Layers that are known whole
 *        bring none, as long as others were sampled
 */
record Shapley(int players, double[][] values, double[][] errors) {
    private static final double MOST_LEVERAGE = 0.99;

    /**
     * @param full worth of all players, for each target
     * @param base worth of none
     * @param sets in the order of {@link Coalitions#plan}, or a first part of it
     * @param scores their worths, {@code [set][target]}
     */
    static Shapley of(int n, double[] full, double[] base, List<BitSet> sets, List<double[]> scores) {
        int targets = full.length;
        if (n == 1) {
            double[][] whole = new double[targets][1];
            for (int t = 0; t < targets; t++) {
                whole[t][0] = full[t] - base[t];
            }
            return new Shapley(1, whole, new double[targets][1]);
        }
        if (n == 0 || sets.size() < 2) {
            return new Shapley(0, new double[targets][0], new double[targets][0]);
        }
        if (n <= 16 && sets.size() == (1 << n) - 2) {
            return exact(n, full, base, sets, scores);
        }
        int known = sets.size() / 2;
        if (known >= n) {
            return regression(n, n, full, base, sets.subList(0, 2 * known), scores);
        }
        // Each of the first players alone, and all but it: enough for their values beside one of all others together.
        List<BitSet> fewer = new ArrayList<>(2 * known);
        for (BitSet s : sets.subList(0, 2 * known)) {
            BitSet merged = s.get(0, known);
            merged.set(known, s.get(known));
            fewer.add(merged);
        }
        return regression(known + 1, known, full, base, fewer, scores);
    }

    private static Shapley exact(int n, double[] full, double[] base, List<BitSet> sets, List<double[]> scores) {
        double[][] worth = new double[1 << n][];
        worth[0] = base;
        worth[worth.length - 1] = full;
        for (int s = 0; s < sets.size(); s++) {
            worth[(int) sets.get(s).toLongArray()[0]] = scores.get(s);
        }
        double[] share = new double[n];
        for (int size = 0; size < n; size++) {
            share[size] = size == 0 ? 1.0 / n : share[size - 1] * size / (n - size);
        }
        double[][] values = new double[full.length][n];
        for (int set = 0; set < worth.length; set++) {
            for (int p = 0; p < n; p++) {
                if ((set & 1 << p) == 0) {
                    double[] with = worth[set | 1 << p];
                    for (int t = 0; t < values.length; t++) {
                        values[t][p] += share[Integer.bitCount(set)] * (with[t] - worth[set][t]);
                    }
                }
            }
        }
        return new Shapley(n, values, new double[full.length][n]);
    }

    /** The last player's value is what the others leave of the whole, which takes the constraint out. */
    private static Shapley regression(int n, int reported, double[] full, double[] base, List<BitSet> sets, List<double[]> scores) {
        int m = n - 1;
        int targets = full.length;
        int[] known = new int[n / 2 + 1];
        for (BitSet s : sets) {
            known[layer(n, s)]++;
        }
        double[] weight = new double[sets.size()];
        double[][] x = new double[sets.size()][m];
        double[][] normal = new double[m][m];
        double[][] right = new double[targets][m];
        for (int s = 0; s < sets.size(); s++) {
            BitSet set = sets.get(s);
            weight[s] = Coalitions.weight(n, layer(n, set)) / known[layer(n, set)];
            double last = set.get(m) ? 1 : 0;
            for (int i = 0; i < m; i++) {
                x[s][i] = (set.get(i) ? 1 : 0) - last;
            }
            for (int i = 0; i < m; i++) {
                if (x[s][i] != 0) {
                    for (int j = 0; j <= i; j++) {
                        normal[i][j] += weight[s] * x[s][i] * x[s][j];
                    }
                    for (int t = 0; t < targets; t++) {
                        right[t][i] += weight[s] * x[s][i] * (scores.get(s)[t] - base[t] - last * (full[t] - base[t]));
                    }
                }
            }
        }
        double[][] inverse = LeastSquares.inverse(normal);
        double[][] values = new double[targets][n];
        for (int t = 0; t < targets; t++) {
            double rest = full[t] - base[t];
            for (int i = 0; i < m; i++) {
                values[t][i] = dot(inverse[i], right[t]);
                rest -= values[t][i];
            }
            values[t][m] = rest;
        }
        double[][] errors = errors(n, full, base, sets, scores, known, weight, x, inverse, values);
        return new Shapley(reported, first(values, reported), first(errors, reported));
    }

    private static double[][] errors(int n, double[] full, double[] base, List<BitSet> sets, List<double[]> scores, int[] known,
            double[] weight, double[][] x, double[][] inverse, double[][] values) {
        int m = n - 1;
        boolean[] sampled = new boolean[known.length];
        int pairs = 0;
        for (int size = 1; size < known.length; size++) {
            sampled[size] = known[size] > 0 && known[size] / 2 < Coalitions.pairs(n, size);
            pairs += sampled[size] ? known[size] / 2 : 0;
        }
        if (pairs < 2) {
            Arrays.fill(sampled, true);
        }
        double[][] squares = new double[full.length][n];
        for (int s = 0; s < sets.size(); s += 2) {
            if (!sampled[layer(n, sets.get(s))]) {
                continue;
            }
            double[] toward = new double[m];
            for (int i = 0; i < m; i++) {
                toward[i] = dot(inverse[i], x[s]);
            }
            // The row of the complement is the negative of this one: a pair pulls as one, and both its sets have the same leverage.
            double leverage = Math.min(MOST_LEVERAGE, 2 * weight[s] * dot(toward, x[s]));
            for (int t = 0; t < full.length; t++) {
                double pull = weight[s] / (1 - leverage) * (residual(n, sets.get(s), x[s], values[t], scores.get(s)[t] - base[t], full[t] - base[t])
                        - residual(n, sets.get(s + 1), x[s + 1], values[t], scores.get(s + 1)[t] - base[t], full[t] - base[t]));
                double last = 0;
                for (int i = 0; i < m; i++) {
                    squares[t][i] += pull * toward[i] * pull * toward[i];
                    last += toward[i];
                }
                squares[t][m] += pull * last * pull * last;
            }
        }
        for (double[] row : squares) {
            for (int i = 0; i < n; i++) {
                row[i] = Math.sqrt(row[i]);
            }
        }
        return squares;
    }

    /** What the regression leaves of a set's worth. */
    private static double residual(int n, BitSet set, double[] x, double[] values, double worth, double whole) {
        double left = worth - (set.get(n - 1) ? whole : 0);
        for (int i = 0; i < x.length; i++) {
            left -= x[i] * values[i];
        }
        return left;
    }

    private static int layer(int n, BitSet set) {
        return Math.min(set.cardinality(), n - set.cardinality());
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    private static double[][] first(double[][] rows, int count) {
        return Arrays.stream(rows).map(r -> Arrays.copyOf(r, count)).toArray(double[][]::new);
    }
}
