package org.wherefore.core.internal.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

import com.fasterxml.jackson.databind.ObjectMapper;

class CalibrationTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private record Drawn(double[] scores, boolean[] labels) {}

    private static Drawn draw(int n, long seed, DoubleUnaryOperator truth) {
        Random random = new Random(seed);
        double[] scores = new double[n];
        boolean[] labels = new boolean[n];
        for (int i = 0; i < n; i++) {
            scores[i] = 2 * random.nextGaussian() - 2;
            labels[i] = random.nextDouble() < truth.applyAsDouble(scores[i]);
        }
        return new Drawn(scores, labels);
    }

    private static double sigmoid(double z) {
        return 1 / (1 + Math.exp(-z));
    }

    @Test
    void isotonicPoolsWhatFalls() {
        // in order of score: 0 1 0 1 1 0 1; pools to 0 | 1/2 1/2 | 2/3 2/3 2/3 | 1
        double[] scores = {1, 2, 3, 4, 5, 6, 7};
        boolean[] labels = {false, true, false, true, true, false, true};
        Calibration c = Calibration.isotonic(scores, labels, 1);
        double[] out = IntStream.rangeClosed(1, 7).mapToDouble(c::probability).toArray();
        assertThat(out).containsExactly(new double[] {1 / 9.0, .5, .5, 2 / 3.0, 2 / 3.0, 2 / 3.0, 8 / 9.0}, within(1e-12));
        assertThat(c.probability(3.5)).as("a straight line between two blocks").isCloseTo(7 / 12.0, within(1e-12));
        assertThat(c.probability(-1e9)).isEqualTo(out[0]);
        assertThat(c.probability(Double.POSITIVE_INFINITY)).isEqualTo(out[6]);
        assertThatThrownBy(() -> c.probability(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void isotonicIsTheMonotoneFitOfLeastSquares() {
        Random random = new Random(5);
        for (int round = 0; round < 30; round++) {
            int n = 60;
            double[] scores = random.ints(n, 0, 25).asDoubleStream().toArray();
            boolean[] labels = new boolean[n];
            for (int i = 0; i < n; i++) {
                labels[i] = random.nextInt(25) < scores[i];
            }
            labels[0] = true;
            labels[1] = false;
            Calibration c = Calibration.isotonic(scores, labels, 1);
            for (double score : scores) {
                double expected = Math.min(61 / 62.0, Math.max(1 / 62.0, minMax(scores, labels, score)));
                assertThat(c.probability(score)).isCloseTo(expected, within(1e-12));
            }
        }
    }

    /** The other form of the solution: the largest over all starts of the least over all ends of the mean between them. */
    private static double minMax(double[] scores, boolean[] labels, double at) {
        double most = Double.NEGATIVE_INFINITY;
        for (double from = 0; from <= at; from++) {
            double least = Double.POSITIVE_INFINITY;
            for (double to = at; to < 25; to++) {
                int count = 0;
                int positives = 0;
                for (int i = 0; i < scores.length; i++) {
                    if (scores[i] >= from && scores[i] <= to) {
                        count++;
                        positives += labels[i] ? 1 : 0;
                    }
                }
                least = count == 0 ? least : Math.min(least, (double) positives / count);
            }
            most = Math.max(most, least);
        }
        return most;
    }

    @Test
    void equalScoresShareOneProbabilityWhateverTheirOrder() {
        Calibration a = Calibration.isotonic(new double[] {0, 1, 1, 1, 2}, new boolean[] {false, true, false, false, true}, 1);
        Calibration b = Calibration.isotonic(new double[] {2, 1, 0, 1, 1}, new boolean[] {true, false, false, false, true}, 1);
        assertThat(a.probability(1)).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(b.json()).isEqualTo(a.json());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 100, 1_000})
    void blocksHaveTheLeastNumberOfCases(int least) {
        Drawn d = draw(4_000, 9, CalibrationTest::sigmoid);
        Calibration c = Calibration.isotonic(d.scores, d.labels, least);
        double[] values = c.json().withArray("probabilities").valueStream().mapToDouble(v -> v.doubleValue()).toArray();
        for (double v : IntStream.range(0, values.length).mapToDouble(i -> values[i]).distinct().toArray()) {
            long cases = IntStream.range(0, d.scores.length).filter(i -> c.probability(d.scores[i]) == v).count();
            assertThat(cases).isGreaterThanOrEqualTo(least);
        }
        assertThat(values).isSorted();
    }

    @Test
    void nothingIsNeverAndNothingIsAlways() {
        double[] scores = {1, 2, 3, 4};
        boolean[] labels = {false, false, true, true};
        for (Calibration c : new Calibration[] {Calibration.isotonic(scores, labels, 1), Calibration.platt(scores, labels)}) {
            assertThat(c.probability(-1e6)).isBetween(1 / 6.0, 0.5);
            assertThat(c.probability(1e6)).isBetween(0.5, 5 / 6.0);
        }
    }

    @Test
    void plattFindsTheSigmoidThatDrewTheLabels() {
        Drawn d = draw(100_000, 4, s -> sigmoid(.7 * s + .5));
        Calibration c = Calibration.platt(d.scores, d.labels);
        assertThat(c.json().get("slope").doubleValue()).isCloseTo(.7, within(.02));
        assertThat(c.json().get("offset").doubleValue()).isCloseTo(.5, within(.03));
    }

    @Test
    void plattIsWhereTheSlopeOfTheLossIsNothing() {
        Drawn d = draw(500, 4, s -> sigmoid(.7 * s + .5));
        Calibration c = Calibration.platt(d.scores, d.labels);
        int positives = (int) IntStream.range(0, 500).filter(i -> d.labels[i]).count();
        double g1 = 0;
        double g2 = 0;
        for (int i = 0; i < 500; i++) {
            double off = c.probability(d.scores[i]) - (d.labels[i] ? (positives + 1.0) / (positives + 2) : 1.0 / (500 - positives + 2));
            g1 += off * d.scores[i];
            g2 += off;
        }
        assertThat(Math.abs(g1)).isLessThan(1e-5);
        assertThat(Math.abs(g2)).isLessThan(1e-5);
    }

    @Test
    void plattDoesNotMindTheUnitOfTheScore() {
        Drawn d = draw(2_000, 8, CalibrationTest::sigmoid);
        double[] large = IntStream.range(0, 2_000).mapToDouble(i -> 1e6 * d.scores[i] + 3e7).toArray();
        Calibration one = Calibration.platt(d.scores, d.labels);
        Calibration other = Calibration.platt(large, d.labels);
        for (int i = 0; i < 2_000; i++) {
            assertThat(other.probability(large[i])).isCloseTo(one.probability(d.scores[i]), within(1e-8));
        }
    }

    @Test
    void plattIsFlatWhereTheScorePointsTheWrongWay() {
        Calibration c = Calibration.platt(new double[] {1, 2, 3, 4}, new boolean[] {true, true, false, false});
        assertThat(c.probability(0)).isEqualTo(c.probability(9)).isCloseTo(.5, within(1e-12));
        Calibration same = Calibration.platt(new double[] {1, 1, 1, 1}, new boolean[] {true, false, false, false});
        assertThat(same.probability(1)).isCloseTo(.25, within(1e-12));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void bothBringTheErrorOfALaterSliceDown(long seed) {
        DoubleUnaryOperator truth = s -> sigmoid(2 * s - 1);
        Drawn fit = draw(30_000, seed, truth);
        Drawn later = draw(30_000, seed + 100, truth);
        double raw = error(later, CalibrationTest::sigmoid);
        assertThat(raw).isGreaterThan(.05);
        assertThat(error(later, Calibration.isotonic(fit.scores, fit.labels, 50)::probability)).isLessThan(.01);
        assertThat(error(later, Calibration.platt(fit.scores, fit.labels)::probability)).isLessThan(.01);
    }

    private static double error(Drawn d, DoubleUnaryOperator map) {
        return CalibrationError.equalMass(java.util.Arrays.stream(d.scores).map(map).toArray(), d.labels, 15).expected();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void neverFallsAndComesBackFromJsonAsItWas(boolean isotonic) throws Exception {
        Drawn d = draw(3_000, 6, CalibrationTest::sigmoid);
        Calibration c = isotonic ? Calibration.isotonic(d.scores, d.labels, 20) : Calibration.platt(d.scores, d.labels);
        Calibration read = Calibration.read(JSON.readTree(JSON.writeValueAsString(c.json())));
        double before = 0;
        for (double s = -12; s < 12; s += .001) {
            double p = c.probability(s);
            assertThat(p).isBetween(before, 1.0);
            assertThat(read.probability(s)).isEqualTo(p);
            before = p;
        }
        assertThat(read.cases()).isEqualTo(3_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"method\":\"isotonic\",\"cases\":3,\"scores\":[2,1],\"probabilities\":[0.1,0.2]}",
        "{\"method\":\"isotonic\",\"cases\":3,\"scores\":[1,2],\"probabilities\":[0.3,0.2]}",
        "{\"method\":\"isotonic\",\"cases\":3,\"scores\":[1,\"x\"],\"probabilities\":[0.3,0.4]}",
        "{\"method\":\"platt\",\"cases\":3,\"slope\":-1,\"offset\":0}", "{\"method\":\"platt\",\"cases\":3,\"slope\":1}",
        "{\"method\":\"magic\",\"cases\":3}"})
    void refusesDamagedJson(String text) throws Exception {
        var json = JSON.readTree(text);
        assertThatThrownBy(() -> Calibration.read(json)).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA)).hasMessageContaining("train the model again");
    }

    @Test
    void refusesWhatCannotBeCalibrated() {
        assertThatThrownBy(() -> Calibration.isotonic(new double[] {1, 2}, new boolean[] {true, true}, 1)).hasMessageContaining("both kinds, got 2");
        assertThatThrownBy(() -> Calibration.platt(new double[] {1, Double.NaN}, new boolean[] {true, false})).hasMessageContaining("case 1");
        assertThatThrownBy(() -> Calibration.isotonic(new double[] {1, 2}, new boolean[] {true, false}, 0)).hasMessageContaining("got 0");
    }
}
