package org.wherefore.explainer.lime.internal;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.wherefore.api.explain.spi.LeastSquares;

/**
 * The simple model: a line through weighted points, by least squares with a penalty on the squares of its slopes (Hoerl, Kennard, Ridge
 * Regression, 1970). Standard errors are those of weighted draws, each residual divided by one less its leverage (MacKinnon, White,
 * 1985, HC3).
 *
 * @param fit weighted R²; of points that were drawn each as seen by the line through all others, so that a line with many slopes does
 *        not flatter itself; NaN for fewer than two points
 */
record LocalFit(double intercept, double[] slopes, double[] errors, double fit) {
    private static final double MOST_LEVERAGE = 0.99;
    /** Of the mean diagonal: keeps columns apart that say the same. */
    private static final double JITTER = 1e-11;
    private static final int STEPS = 400;

    /** The points of one neighbourhood; their scores differ from target to target. */
    static final class Points {
        private final double[][] x;
        private final double[] weight;
        private final double[] drawn;
        private final boolean sampled;
        private final double[] means;
        private final double[][] gram;
        private final double sum;

        /**
         * @param x {@code [point][column]}
         * @param sampled whether the points are draws; otherwise there is no sampling error
         */
        Points(double[][] x, double[] weight, double[] drawn, boolean sampled) {
            this.weight = weight;
            this.drawn = drawn;
            this.sampled = sampled;
            int columns = x[0].length;
            sum = Arrays.stream(weight).sum();
            means = new double[columns];
            for (int s = 0; s < x.length; s++) {
                for (int i = 0; i < columns; i++) {
                    means[i] += weight[s] / sum * x[s][i];
                }
            }
            this.x = new double[x.length][columns];
            gram = new double[columns][columns];
            for (int s = 0; s < x.length; s++) {
                for (int i = 0; i < columns; i++) {
                    this.x[s][i] = x[s][i] - means[i];
                    for (int j = 0; j <= i; j++) {
                        gram[i][j] += weight[s] * this.x[s][i] * this.x[s][j];
                    }
                }
            }
            for (int i = 0; i < columns; i++) {
                for (int j = 0; j < i; j++) {
                    gram[j][i] = gram[i][j];
                }
            }
        }

        private int columns() {
            return means.length;
        }

        /** Sums of column times score less the mean score. */
        private double[] right(double[] y, double mean) {
            double[] right = new double[columns()];
            for (int s = 0; s < x.length; s++) {
                for (int i = 0; i < right.length; i++) {
                    right[i] += weight[s] * x[s][i] * (y[s] - mean);
                }
            }
            return right;
        }

        private double mean(double[] y) {
            double mean = 0;
            for (int s = 0; s < y.length; s++) {
                mean += weight[s] / sum * y[s];
            }
            return mean;
        }
    }

    /** A line with slopes in these columns only, the other slopes being 0. */
    static LocalFit of(Points p, double[] y, double ridge, int[] columns) {
        int n = columns.length;
        double mean = p.mean(y);
        double[] right = p.right(y, mean);
        double[][] normal = new double[n][n];
        double diagonal = 0;
        for (int i = 0; i < n; i++) {
            diagonal += p.gram[columns[i]][columns[i]] / n;
        }
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                normal[i][j] = p.gram[columns[i]][columns[j]];
            }
            boolean flat = p.gram[columns[i]][columns[i]] <= 1e-12 * diagonal;
            normal[i][i] += ridge + JITTER * diagonal + (flat ? Math.max(diagonal, 1) : 0);
        }
        double[][] inverse = LeastSquares.inverse(normal);
        double[] slopes = new double[p.columns()];
        double intercept = mean;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                slopes[columns[i]] += inverse[i][j] * right[columns[j]];
            }
            intercept -= slopes[columns[i]] * p.means[columns[i]];
        }
        return judged(p, y, mean, columns, inverse, intercept, slopes);
    }

    private static LocalFit judged(Points p, double[] y, double mean, int[] columns, double[][] inverse, double intercept, double[] slopes) {
        int n = columns.length;
        double[] squares = new double[p.columns()];
        double left = 0;
        double all = 0;
        for (int s = 0; s < y.length; s++) {
            double residual = y[s] - mean;
            double[] toward = new double[n];
            double leverage = 1 / p.sum;
            for (int i = 0; i < n; i++) {
                residual -= slopes[columns[i]] * p.x[s][columns[i]];
                for (int j = 0; j < n; j++) {
                    toward[i] += inverse[i][j] * p.x[s][columns[j]];
                }
                leverage += toward[i] * p.x[s][columns[i]];
            }
            double without = p.sampled ? residual / (1 - Math.min(MOST_LEVERAGE, p.weight[s] * leverage)) : residual;
            left += p.weight[s] * without * without;
            all += p.weight[s] * (y[s] - mean) * (y[s] - mean);
            for (int i = 0; i < n && p.sampled; i++) {
                double pull = p.weight[s] / p.drawn[s] * without * toward[i];
                squares[columns[i]] += p.drawn[s] * pull * pull;
            }
        }
        double scale = 1e-24 * p.sum * mean * mean;
        double fit = y.length < 2 ? Double.NaN : all <= scale ? 1 : 1 - left / all;
        return new LocalFit(intercept, slopes, Arrays.stream(squares).map(Math::sqrt).toArray(), fit);
    }

    /**
     * The columns that a line with few slopes should use.
     *
     * @param candidates to choose from
     * @param many at most, fewer than candidates
     * @param lasso those that come first as the penalty on absolute slopes falls (Tibshirani, Regression Shrinkage and Selection via the Lasso, 1996);
     *        otherwise those whose slope times spread is largest in the full line
     * @return ascending
     */
    static int[] select(Points p, double[] y, double ridge, int candidates, int many, boolean lasso) {
        double[] spread = IntStream.range(0, candidates).mapToDouble(i -> Math.sqrt(p.gram[i][i])).toArray();
        double[] size = new double[candidates];
        if (lasso) {
            size = path(p, y, spread, many);
        } else {
            double[] slopes = of(p, y, ridge, IntStream.range(0, p.columns()).toArray()).slopes;
            for (int i = 0; i < candidates; i++) {
                size[i] = Math.abs(slopes[i]) * spread[i];
            }
        }
        double[] by = size;
        return IntStream.range(0, candidates).boxed().sorted(Comparator.comparingDouble((Integer i) -> -by[i]).thenComparing(i -> i))
                .limit(many).mapToInt(i -> i).sorted().toArray();
    }

    /** Sizes of standardised slopes at the first step of the path that has so many of them, by coordinate descent on the sums of products. */
    private static double[] path(Points p, double[] y, double[] spread, int many) {
        int n = spread.length;
        double[] right = p.right(y, p.mean(y));
        double[] slopes = new double[n];
        double penalty = 0;
        for (int i = 0; i < n; i++) {
            penalty = spread[i] > 0 ? Math.max(penalty, Math.abs(right[i]) / spread[i]) : penalty;
        }
        double least = penalty * 1e-6;
        for (; penalty > least; penalty *= 0.93) {
            double moved = Double.POSITIVE_INFINITY;
            for (int step = 0; step < STEPS && moved > 1e-7 * least; step++) {
                moved = 0;
                for (int i = 0; i < n; i++) {
                    if (spread[i] > 0) {
                        double pull = right[i] / spread[i];
                        for (int j = 0; j < n; j++) {
                            pull -= j == i || slopes[j] == 0 ? 0 : p.gram[i][j] / spread[i] / spread[j] * slopes[j];
                        }
                        double next = Math.signum(pull) * Math.max(0, Math.abs(pull) - penalty);
                        moved = Math.max(moved, Math.abs(next - slopes[i]));
                        slopes[i] = next;
                    }
                }
            }
            if (Arrays.stream(slopes).filter(v -> v != 0).count() >= many) {
                break;
            }
        }
        return Arrays.stream(slopes).map(Math::abs).toArray();
    }
}
