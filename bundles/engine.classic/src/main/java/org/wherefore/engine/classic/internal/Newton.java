package org.wherefore.engine.classic.internal;

import java.util.Arrays;

/**
 * Logistic regression with a penalty of half the sum of squared weights, by Newton's method (iteratively reweighted least squares) with
 * backtracking; the intercept, the last weight, is free. The loss is convex, so where its gradient is nothing is its one minimum.
 */
final class Newton {
    /** What is left of the gradient at the end, as a share of the weight of all rows. */
    private static final double TOLERANCE = 1e-10;
    private static final int ROUNDS = 100;
    private static final double LEAST_STEP = 1e-8;
    private final double[][] rows;
    private final boolean[] labels;
    private final double positiveWeight;
    private final double penalty;

    /** @param rows without a column for the intercept @param penalty more than 0 */
    Newton(double[][] rows, boolean[] labels, double positiveWeight, double penalty) {
        this.rows = rows;
        this.labels = labels;
        this.positiveWeight = positiveWeight;
        this.penalty = penalty;
    }

    /** @param round told before each step, from 0; throws to stop */
    double[] solve(java.util.function.IntConsumer round) {
        int n = rows[0].length + 1;
        double positives = 0;
        double negatives = 0;
        for (boolean label : labels) {
            positives += label ? positiveWeight : 0;
            negatives += label ? 0 : 1;
        }
        double[] w = new double[n];
        w[n - 1] = Math.log((positives + 0.5) / (negatives + 0.5));
        if (positives == 0 || negatives == 0) {
            return w;
        }
        double loss = loss(w);
        double enough = TOLERANCE * (positives + negatives);
        for (int r = 0; r < ROUNDS; r++) {
            round.accept(r);
            double[] gradient = gradient(w);
            if (Arrays.stream(gradient).allMatch(g -> Math.abs(g) <= enough)) {
                break;
            }
            double[] direction = solve(curvature(w), gradient);
            double slope = 0;
            for (int i = 0; i < n; i++) {
                slope += direction[i] * gradient[i];
            }
            double step = 1;
            double[] next = moved(w, direction, step);
            double better = loss(next);
            while (!(better <= loss - 1e-4 * step * slope) && step > LEAST_STEP) {
                step /= 2;
                next = moved(w, direction, step);
                better = loss(next);
            }
            if (step <= LEAST_STEP) {
                break;
            }
            w = next;
            loss = better;
        }
        return w;
    }

    private static double[] moved(double[] w, double[] direction, double step) {
        double[] out = w.clone();
        for (int i = 0; i < out.length; i++) {
            out[i] -= step * direction[i];
        }
        return out;
    }

    static double sum(double[] w, double[] row) {
        double sum = w[row.length];
        for (int i = 0; i < row.length; i++) {
            sum += w[i] * row[i];
        }
        return sum;
    }

    private double loss(double[] w) {
        double loss = 0;
        for (int i = 0; i < w.length - 1; i++) {
            loss += penalty * w[i] * w[i] / 2;
        }
        for (int r = 0; r < rows.length; r++) {
            double z = labels[r] ? -sum(w, rows[r]) : sum(w, rows[r]);
            loss += (labels[r] ? positiveWeight : 1) * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))));
        }
        return loss;
    }

    double[] gradient(double[] w) {
        double[] gradient = new double[w.length];
        for (int i = 0; i < w.length - 1; i++) {
            gradient[i] = penalty * w[i];
        }
        for (int r = 0; r < rows.length; r++) {
            double p = 1 / (1 + Math.exp(-sum(w, rows[r])));
            double off = labels[r] ? positiveWeight * (p - 1) : p;
            for (int i = 0; i < rows[r].length; i++) {
                gradient[i] += off * rows[r][i];
            }
            gradient[w.length - 1] += off;
        }
        return gradient;
    }

    /** The lower half. */
    private double[][] curvature(double[] w) {
        int n = w.length;
        double[][] out = new double[n][n];
        for (int i = 0; i < n - 1; i++) {
            out[i][i] = penalty;
        }
        // So that it can be divided by when all probabilities are as good as 0 or 1.
        out[n - 1][n - 1] = 1e-12 * rows.length;
        for (int r = 0; r < rows.length; r++) {
            double p = 1 / (1 + Math.exp(-sum(w, rows[r])));
            double weight = p * (1 - p) * (labels[r] ? positiveWeight : 1);
            double[] row = rows[r];
            for (int i = 0; i < n; i++) {
                double xi = i < row.length ? row[i] * weight : weight;
                if (xi != 0) {
                    for (int j = 0; j <= i; j++) {
                        out[i][j] += xi * (j < row.length ? row[j] : 1);
                    }
                }
            }
        }
        return out;
    }

    /** By Cholesky, in place. */
    private static double[] solve(double[][] a, double[] b) {
        int n = b.length;
        double[] x = b.clone();
        for (int i = 0; i < n; i++) {
            for (int j = 0; j <= i; j++) {
                double s = a[i][j];
                for (int k = 0; k < j; k++) {
                    s -= a[i][k] * a[j][k];
                }
                a[i][j] = i == j ? Math.sqrt(Math.max(s, Double.MIN_NORMAL)) : s / a[j][j];
            }
        }
        for (int i = 0; i < n; i++) {
            for (int k = 0; k < i; k++) {
                x[i] -= a[i][k] * x[k];
            }
            x[i] /= a[i][i];
        }
        for (int i = n - 1; i >= 0; i--) {
            for (int k = i + 1; k < n; k++) {
                x[i] -= a[k][i] * x[k];
            }
            x[i] /= a[i][i];
        }
        return x;
    }
}
