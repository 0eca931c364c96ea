package org.wherefore.core.internal.quality;

/**
 * Figures of one attribution that need the model only; names and units as in {@link org.wherefore.api.explain.Quality}.
 *
 * @param shares of events removed or put in at each point of the curves, from 0 to 1; empty when not measured
 * @param randomCurve of removals; that of putting in is its mirror image
 * @param deletionCurve score at each share, less the score without events, as a share of the spread
 */
public record Measures(double[] shares, double[] deletionCurve, double[] insertionCurve, double[] randomCurve, double infidelity) {
    static final Measures NONE = new Measures(new double[0], new double[0], new double[0], new double[0], Double.NaN);

    public double deletion() {
        return area(deletionCurve);
    }

    public double insertion() {
        return area(insertionCurve);
    }

    public double random() {
        return area(randomCurve);
    }

    private double area(double[] curve) {
        if (curve.length < 2) {
            return Double.NaN;
        }
        double area = 0;
        for (int i = 1; i < curve.length; i++) {
            area += (shares[i] - shares[i - 1]) * (curve[i] + curve[i - 1]) / 2;
        }
        return area;
    }
}
