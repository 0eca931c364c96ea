package org.wherefore.benchmarks;

import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Figures of scores against what became of the transactions, as the Fraud Detection Handbook counts them. */
record FraudMetrics(double auc, double averagePrecision, double cardPrecision) {
    private static final int CARDS = 100;

    /**
     * @param days the day of each, in any numbers
     * @param cards the card of each
     */
    static FraudMetrics of(double[] scores, boolean[] frauds, int[] days, int[] cards) {
        int[] order = IntStream.range(0, scores.length).boxed().sorted(Comparator.comparingDouble(i -> -scores[i])).mapToInt(i -> i).toArray();
        double bad = IntStream.range(0, frauds.length).filter(i -> frauds[i]).count();
        double good = frauds.length - bad;
        double precision = 0;
        double area = 0;
        int hits = 0;
        for (int i = 0; i < order.length;) {
            int end = i;
            int found = 0;
            for (; end < order.length && scores[order[end]] == scores[order[i]]; end++) {
                found += frauds[order[end]] ? 1 : 0;
            }
            area += (end - i - found) * (hits + found / 2.0);
            hits += found;
            precision += found * (double) hits / end;
            i = end;
        }
        return new FraudMetrics(area / (bad * good), precision / bad, cardPrecision(scores, frauds, days, cards));
    }

    /** Of the hundred cards with the highest scores of each day, the mean share of those that had a fraud; found ones are asked no more. */
    private static double cardPrecision(double[] scores, boolean[] frauds, int[] days, int[] cards) {
        Map<Integer, Map<Integer, double[]>> byDay = new TreeMap<>();
        for (int i = 0; i < scores.length; i++) {
            double[] best = byDay.computeIfAbsent(days[i], d -> new HashMap<>()).computeIfAbsent(cards[i],
                    c -> new double[] {Double.NEGATIVE_INFINITY, 0});
            best[0] = Math.max(best[0], scores[i]);
            best[1] = Math.max(best[1], frauds[i] ? 1 : 0);
        }
        Set<Integer> found = new HashSet<>();
        double sum = 0;
        for (Map<Integer, double[]> day : byDay.values()) {
            List<Map.Entry<Integer, double[]>> top = day.entrySet().stream().filter(e -> !found.contains(e.getKey()))
                    .sorted(Comparator.<Map.Entry<Integer, double[]>>comparingDouble(e -> -e.getValue()[0]).thenComparing(Map.Entry::getKey))
                    .limit(CARDS).filter(e -> e.getValue()[1] > 0).toList();
            top.forEach(e -> found.add(e.getKey()));
            sum += (double) top.size() / CARDS;
        }
        return sum / byDay.size();
    }

    static FraudMetrics mean(List<FraudMetrics> of) {
        return new FraudMetrics(of.stream().mapToDouble(FraudMetrics::auc).average().orElse(Double.NaN),
                of.stream().mapToDouble(FraudMetrics::averagePrecision).average().orElse(Double.NaN),
                of.stream().mapToDouble(FraudMetrics::cardPrecision).average().orElse(Double.NaN));
    }

    /** In the order of the head that {@link FraudBench} prints. */
    double[] all() {
        return new double[] {auc, averagePrecision, cardPrecision};
    }

    @Override
    public String toString() {
        return Arrays.toString(all());
    }
}
