package org.wherefore.core.internal.train;

import org.wherefore.api.train.StrategyComparison;
import org.wherefore.core.internal.quality.Measures;

/** Means of curves over histories of different lengths, on one grid by straight lines between points. One thread. */
final class MeanCurves {
    private static final int STEPS = 20;
    private final double[] deletion = new double[STEPS + 1];
    private final double[] insertion = new double[STEPS + 1];
    private final double[] random = new double[STEPS + 1];
    private int count;

    void add(Measures m) {
        if (m.shares().length == 0) {
            return;
        }
        count++;
        for (int i = 0; i <= STEPS; i++) {
            double at = (double) i / STEPS;
            deletion[i] += value(m.shares(), m.deletionCurve(), at);
            insertion[i] += value(m.shares(), m.insertionCurve(), at);
            random[i] += value(m.shares(), m.randomCurve(), at);
        }
    }

    static double value(double[] x, double[] y, double at) {
        for (int i = 1; i < x.length; i++) {
            if (at <= x[i]) {
                return y[i - 1] + (y[i] - y[i - 1]) * (at - x[i - 1]) / (x[i] - x[i - 1]);
            }
        }
        return y[y.length - 1];
    }

    /** @return null when there were none */
    StrategyComparison.Curves mean() {
        if (count == 0) {
            return null;
        }
        double[] shares = new double[STEPS + 1];
        double[][] out = new double[3][STEPS + 1];
        for (int i = 0; i <= STEPS; i++) {
            shares[i] = (double) i / STEPS;
            out[0][i] = deletion[i] / count;
            out[1][i] = insertion[i] / count;
            out[2][i] = random[i] / count;
        }
        return new StrategyComparison.Curves(shares, out[0], out[1], out[2]);
    }
}
