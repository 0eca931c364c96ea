package org.wherefore.core.internal.classify;

import java.util.ArrayList;
import java.util.List;

/**
 * How far probabilities are from what happens: the expected calibration error (Naeini, Cooper, Hauskrecht, Obtaining Well Calibrated
 * Probabilities Using Bayesian Binning, AAAI 2015).
 *
 * @param expected mean distance of a bin's mean probability from its share of positive cases, weighted by its cases; 0 is perfect
 * @param most the largest of those distances
 * @param bins those that have a case, lowest probabilities first
 */
public record CalibrationError(double expected, double most, List<Bin> bins) {
    /**
     * @param from lowest probability in it @param to highest
     * @param mean of its probabilities @param rate share of its cases that are positive
     */
    public record Bin(double from, double to, int cases, double mean, double rate) {}

    public CalibrationError {
        bins = List.copyOf(bins);
    }

    /**
     * Bins of as many cases each as there can be without parting equal probabilities; there may be fewer bins then. The one to quote where
     * positive cases are rare: of bins of equal width one would hold nearly everything.
     *
     * @param bins at least 1
     * @throws IllegalArgumentException without cases, for what is no probability, and for no bin
     */
    public static CalibrationError equalMass(double[] probabilities, boolean[] labels, int bins) {
        check(probabilities, labels, bins);
        int[] order = Cases.ascending(probabilities);
        List<Bin> out = new ArrayList<>();
        int from = 0;
        for (int b = 1; b <= bins && from < order.length; b++) {
            int to = (int) Math.max(from, (long) b * order.length / bins);
            while (to > from && to < order.length && probabilities[order[to]] == probabilities[order[to - 1]]) {
                to++;
            }
            if (to > from) {
                out.add(bin(probabilities, labels, order, from, to));
                from = to;
            }
        }
        return of(out, order.length);
    }

    /** Bins of the same width between 0 and 1; a probability on a border is in the upper one. Throws as {@link #equalMass} does. */
    public static CalibrationError equalWidth(double[] probabilities, boolean[] labels, int bins) {
        check(probabilities, labels, bins);
        int[] order = Cases.ascending(probabilities);
        List<Bin> out = new ArrayList<>();
        for (int from = 0; from < order.length;) {
            int bin = index(probabilities[order[from]], bins);
            int to = from + 1;
            while (to < order.length && index(probabilities[order[to]], bins) == bin) {
                to++;
            }
            out.add(bin(probabilities, labels, order, from, to));
            from = to;
        }
        return of(out, order.length);
    }

    private static int index(double probability, int bins) {
        return Math.min(bins - 1, (int) (probability * bins));
    }

    private static void check(double[] probabilities, boolean[] labels, int bins) {
        Cases.checkProbabilities(probabilities, labels);
        if (bins < 1) {
            throw new IllegalArgumentException("there is at least 1 bin, got " + bins);
        }
    }

    private static Bin bin(double[] probabilities, boolean[] labels, int[] order, int from, int to) {
        double sum = 0;
        int positives = 0;
        for (int i = from; i < to; i++) {
            sum += probabilities[order[i]];
            positives += labels[order[i]] ? 1 : 0;
        }
        return new Bin(probabilities[order[from]], probabilities[order[to - 1]], to - from, sum / (to - from), (double) positives / (to - from));
    }

    private static CalibrationError of(List<Bin> bins, int cases) {
        double expected = 0;
        double most = 0;
        for (Bin b : bins) {
            double off = Math.abs(b.mean() - b.rate());
            expected += off * b.cases() / cases;
            most = Math.max(most, off);
        }
        return new CalibrationError(expected, most, bins);
    }
}
