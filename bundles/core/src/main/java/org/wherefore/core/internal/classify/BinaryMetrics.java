package org.wherefore.core.internal.classify;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Figures of a model that answers yes or no. Scores may be of any unit, higher meaning rather yes. Arrays have one entry a case, at least
 * one in all, and are not modified; scores are finite: {@code IllegalArgumentException} otherwise.
 */
public final class BinaryMetrics {
    private BinaryMetrics() {}

    /**
     * Area under the ROC curve: the probability that a positive case scores higher than a negative one, a tie counting half.
     *
     * @return NaN when there are no cases of one kind
     */
    public static double rocAuc(double[] scores, boolean[] labels) {
        Cases.check("score", scores, labels);
        int[] order = Cases.ascending(scores);
        double below = 0;
        double wins = 0;
        for (int from = 0; from < order.length;) {
            int to = Cases.tie(scores, order, from);
            int positives = positives(labels, order, from, to);
            int negatives = to - from - positives;
            wins += positives * (below + negatives / 2.0);
            below += negatives;
            from = to;
        }
        return wins / (below * (order.length - below));
    }

    /**
     * Average precision: the sum over distinct scores, highest first, of the precision down to there times the recall that it adds, without
     * interpolation; equal scores count as one step.
     *
     * @return NaN when no case is positive
     */
    public static double averagePrecision(double[] scores, boolean[] labels) {
        Cases.check("score", scores, labels);
        double[] negated = new double[scores.length];
        for (int i = 0; i < scores.length; i++) {
            negated[i] = -scores[i];
        }
        int[] order = Cases.ascending(negated);
        double all = Cases.positives(labels);
        double found = 0;
        double sum = 0;
        for (int from = 0; from < order.length;) {
            int to = Cases.tie(scores, order, from);
            int positives = positives(labels, order, from, to);
            found += positives;
            sum += positives / all * found / to;
            from = to;
        }
        return all == 0 ? Double.NaN : sum;
    }

    private static int positives(boolean[] labels, int[] order, int from, int to) {
        int count = 0;
        for (int i = from; i < to; i++) {
            count += labels[order[i]] ? 1 : 0;
        }
        return count;
    }

    /** What came of saying yes from a threshold on. */
    public record Confusion(int truePositives, int falsePositives, int trueNegatives, int falseNegatives) {
        public int cases() {
            return truePositives + falsePositives + trueNegatives + falseNegatives;
        }

        public double accuracy() {
            return (double) (truePositives + trueNegatives) / cases();
        }

        /** 0 when nothing was said yes to. */
        public double precision() {
            return ratio(truePositives, truePositives + falsePositives);
        }

        /** The true positive rate; 0 when nothing was positive. */
        public double recall() {
            return ratio(truePositives, truePositives + falseNegatives);
        }

        /** 0 when nothing was negative. */
        public double falsePositiveRate() {
            return ratio(falsePositives, falsePositives + trueNegatives);
        }

        /** The harmonic mean of precision and recall; 0 when both are. */
        public double f1() {
            return ratio(2 * truePositives, 2 * truePositives + falsePositives + falseNegatives);
        }

        /** Share of the cases that were said yes to. */
        public double selectionRate() {
            return ratio(truePositives + falsePositives, cases());
        }

        private static double ratio(int part, int whole) {
            return whole == 0 ? 0 : (double) part / whole;
        }
    }

    /** @param threshold yes is said from this score on, itself included */
    public static Confusion at(double threshold, double[] scores, boolean[] labels) {
        Cases.check("score", scores, labels);
        int[] counts = new int[4];
        for (int i = 0; i < scores.length; i++) {
            counts[(scores[i] >= threshold ? 0 : 2) + (labels[i] ? 0 : 1)]++;
        }
        return new Confusion(counts[0], counts[1], counts[3], counts[2]);
    }

    /** Mean squared distance of a probability from what happened; 0 is perfect (Brier, 1950). */
    public static double brier(double[] probabilities, boolean[] labels) {
        Cases.checkProbabilities(probabilities, labels);
        double sum = 0;
        for (int i = 0; i < labels.length; i++) {
            double off = probabilities[i] - (labels[i] ? 1 : 0);
            sum += off * off;
        }
        return sum / labels.length;
    }

    /**
     * Card precision@k of the Fraud Detection Handbook: every day a card counts as suspicious as its highest score of that day, the {@code k}
     * most suspicious are checked, and the day's precision is the share of {@code k} that had a fraud that day. A card that was found so is
     * not looked at on later days. The mean over the days. Equal scores: the lower card first.
     *
     * @param days any numbers, in any order; a later day has a higher one
     * @param groups ids of the cards
     * @param k at least 1; the divisor, also on a day with fewer cards
     */
    public static double cardPrecision(double[] scores, boolean[] labels, int[] days, long[] groups, int k) {
        Cases.check("score", scores, labels);
        if (days.length != scores.length || groups.length != scores.length || k < 1) {
            throw new IllegalArgumentException("every case has a day and a card, and at least 1 card is checked; got " + scores.length + " cases, "
                    + days.length + " days, " + groups.length + " cards and k " + k);
        }
        Map<Integer, Map<Long, Card>> byDay = new TreeMap<>();
        for (int i = 0; i < scores.length; i++) {
            Map<Long, Card> cards = byDay.computeIfAbsent(days[i], d -> new HashMap<>());
            Card own = new Card(groups[i], scores[i], labels[i]);
            cards.merge(groups[i], own, Card::with);
        }
        Set<Long> found = new HashSet<>();
        double sum = 0;
        for (Map<Long, Card> cards : byDay.values()) {
            List<Long> hits = cards.values().stream().filter(c -> !found.contains(c.id)).sorted().limit(k).filter(Card::fraud).map(Card::id).toList();
            found.addAll(hits);
            sum += (double) hits.size() / k;
        }
        return sum / byDay.size();
    }

    /** A card on one day. */
    private record Card(long id, double score, boolean fraud) implements Comparable<Card> {
        Card with(Card other) {
            return new Card(id, Math.max(score, other.score), fraud || other.fraud);
        }

        @Override
        public int compareTo(Card other) {
            return score != other.score ? Double.compare(other.score, score) : Long.compare(id, other.id);
        }
    }
}
