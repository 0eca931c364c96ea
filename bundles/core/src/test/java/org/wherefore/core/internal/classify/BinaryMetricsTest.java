package org.wherefore.core.internal.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

class BinaryMetricsTest {
    private static boolean[] labels(int... ones) {
        boolean[] out = new boolean[ones.length];
        for (int i = 0; i < ones.length; i++) {
            out[i] = ones[i] == 1;
        }
        return out;
    }

    @Test
    void theRocAucIsTheShareOfPairsInTheRightOrder() {
        assertThat(BinaryMetrics.rocAuc(new double[] {.1, .4, .35, .8}, labels(0, 0, 1, 1))).isEqualTo(.75);
        assertThat(BinaryMetrics.rocAuc(new double[] {1, 1, 1, 1}, labels(0, 1, 0, 1))).isEqualTo(.5);
        assertThat(BinaryMetrics.rocAuc(new double[] {1, 2}, labels(0, 0))).isNaN();
        assertThat(BinaryMetrics.rocAuc(new double[] {1, 2}, labels(1, 1))).isNaN();
    }

    @Test
    void theRocAucAgreesWithCountingPairs() {
        Random random = new Random(3);
        for (int round = 0; round < 50; round++) {
            int n = 40;
            double[] scores = random.ints(n, 0, 8).asDoubleStream().toArray();
            boolean[] labels = new boolean[n];
            for (int i = 0; i < n; i++) {
                labels[i] = random.nextInt(8) < scores[i];
            }
            labels[0] = true;
            labels[1] = false;
            double wins = 0;
            int pairs = 0;
            for (int i = 0; i < n; i++) {
                for (int j = 0; j < n; j++) {
                    if (labels[i] && !labels[j]) {
                        pairs++;
                        wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? .5 : 0;
                    }
                }
            }
            assertThat(BinaryMetrics.rocAuc(scores, labels)).isCloseTo(wins / pairs, within(1e-12));
            assertThat(BinaryMetrics.averagePrecision(scores, labels)).isCloseTo(byThreshold(scores, labels), within(1e-12));
        }
    }

    /** The definition: over all thresholds, recall gained times precision there. */
    private static double byThreshold(double[] scores, boolean[] labels) {
        double sum = 0;
        double before = 0;
        for (double t : IntStream.range(0, 8).mapToDouble(i -> 7 - i).toArray()) {
            BinaryMetrics.Confusion c = BinaryMetrics.at(t, scores, labels);
            sum += (c.recall() - before) * c.precision();
            before = c.recall();
        }
        return sum;
    }

    @Test
    void averagePrecisionIsThatOfTheUsualExample() {
        // scikit-learn's documentation: y = 0 0 1 1, scores .1 .4 .35 .8 give 0.8333...
        assertThat(BinaryMetrics.averagePrecision(new double[] {.1, .4, .35, .8}, labels(0, 0, 1, 1))).isCloseTo(5 / 6.0, within(1e-15));
        assertThat(BinaryMetrics.averagePrecision(new double[] {2, 2, 2, 2}, labels(0, 1, 0, 0))).isEqualTo(.25);
        assertThat(BinaryMetrics.averagePrecision(new double[] {2}, labels(0))).isNaN();
    }

    @Test
    void figuresAtAThresholdCountItAsYes() {
        BinaryMetrics.Confusion c = BinaryMetrics.at(.5, new double[] {.9, .5, .5, .4, .1}, labels(1, 0, 1, 1, 0));
        assertThat(c).isEqualTo(new BinaryMetrics.Confusion(2, 1, 1, 1));
        assertThat(c.accuracy()).isEqualTo(.6);
        assertThat(c.precision()).isEqualTo(2 / 3.0);
        assertThat(c.recall()).isEqualTo(2 / 3.0);
        assertThat(c.f1()).isEqualTo(2 / 3.0);
        assertThat(c.falsePositiveRate()).isEqualTo(.5);
        assertThat(c.selectionRate()).isEqualTo(.6);
        BinaryMetrics.Confusion none = BinaryMetrics.at(2, new double[] {.9, .5}, labels(0, 0));
        assertThat(new double[] {none.precision(), none.recall(), none.f1(), none.accuracy()}).containsExactly(0, 0, 0, 1);
    }

    @Test
    void theBrierScoreIsTheMeanSquare() {
        assertThat(BinaryMetrics.brier(new double[] {1, 0, .5, .2}, labels(1, 0, 1, 0))).isCloseTo((.25 + .04) / 4, within(1e-15));
        assertThatThrownBy(() -> BinaryMetrics.brier(new double[] {1.5}, labels(1))).hasMessageContaining("case 0 has 1.5");
    }

    @Test
    void cardPrecisionLooksAtTheMostSuspiciousCardsOfADay() {
        // day 1: card 7 (.9, fraud elsewhere that day), 8 (.8), 9 (.1, fraud); day 2: card 7 was found and is left out
        double[] scores = {.2, .9, .8, .1, .95, .6, .5};
        boolean[] labels = labels(1, 0, 0, 1, 1, 0, 1);
        int[] days = {1, 1, 1, 1, 2, 2, 2};
        long[] cards = {7, 7, 8, 9, 7, 8, 9};
        assertThat(BinaryMetrics.cardPrecision(scores, labels, days, cards, 2)).isEqualTo((.5 + .5) / 2);
        assertThat(BinaryMetrics.cardPrecision(scores, labels, days, cards, 1)).isEqualTo((1.0 + 0) / 2);
        // fewer cards than k: the divisor stays
        assertThat(BinaryMetrics.cardPrecision(scores, labels, days, cards, 10)).isEqualTo((2 / 10.0 + 0) / 2);
    }

    @Test
    void cardPrecisionAgreesWithTheHandbooksProcedure() {
        Random random = new Random(11);
        int n = 3_000;
        double[] scores = random.doubles(n).toArray();
        boolean[] labels = new boolean[n];
        int[] days = random.ints(n, 0, 7).toArray();
        long[] cards = random.longs(n, 0, 400).toArray();
        for (int i = 0; i < n; i++) {
            labels[i] = random.nextDouble() < .2 * scores[i];
        }
        Set<Long> found = new HashSet<>();
        double sum = 0;
        for (int day = 0; day < 7; day++) {
            TreeMap<Long, Double> most = new TreeMap<>();
            Set<Long> frauds = new HashSet<>();
            for (int i = 0; i < n; i++) {
                if (days[i] == day && !found.contains(cards[i])) {
                    most.merge(cards[i], scores[i], Math::max);
                    if (labels[i]) {
                        frauds.add(cards[i]);
                    }
                }
            }
            List<Long> sorted = new ArrayList<>(most.keySet());
            sorted.sort((a, b) -> Double.compare(most.get(b), most.get(a)));
            List<Long> hits = sorted.subList(0, Math.min(20, sorted.size())).stream().filter(frauds::contains).toList();
            found.addAll(hits);
            sum += hits.size() / 20.0;
        }
        assertThat(BinaryMetrics.cardPrecision(scores, labels, days, cards, 20)).isCloseTo(sum / 7, within(1e-12));
    }

    @Test
    void refusesWhatIsNoScore() {
        assertThatThrownBy(() -> BinaryMetrics.rocAuc(new double[] {1, Double.NaN}, labels(0, 1))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("case 1 has NaN");
        assertThatThrownBy(() -> BinaryMetrics.averagePrecision(new double[0], new boolean[0])).hasMessageContaining("at least one");
        assertThatThrownBy(() -> BinaryMetrics.cardPrecision(new double[1], new boolean[1], new int[1], new long[1], 0)).hasMessageContaining("k 0");
    }
}
