package org.wherefore.core.internal.quality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.Quality;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;

/** Figures against closed forms on models that are sums, and what must hold of any. */
class QualityTest {
    private static final int ITEMS = 12;
    private final FeatureSchema schema = FeatureSchemas.items(ITEMS);
    private final int[] targets = {5};

    private Ablation parts(SequenceInstance history) {
        return Ablation.of(schema, history, List.of());
    }

    @Test
    void anAbsentFeatureHasItsTypicalValueAndGroupsMoveTogether() {
        FeatureSchema table = FeatureSchema.of(List.of(FeatureSpec.number("amount"), FeatureSpec.category("shop", "a", "b", "c"),
                FeatureSpec.number("x").in("place"), FeatureSpec.number("y").in("place"), FeatureSpec.number("rare")), List.of("fraud"));
        double gone = Double.NaN;
        List<Example> cases = List.of(new Example(new TableInstance(1, 2, 10, 7, gone), 0), new Example(new TableInstance(5, 2, 20, 8, gone), Example.NONE),
                new Example(new TableInstance(9, 1, 30, 9, 4), Example.NONE));
        Ablation parts = Ablation.of(table, new TableInstance(100, 0, 1, 1, 1), cases);
        assertThat(parts.positions()).containsExactly(0, 1, 2, 4);
        assertThat(parts.without(0, 1)).isEqualTo(new TableInstance(5, 2, 1, 1, 1));
        assertThat(parts.without(2, 4)).isEqualTo(new TableInstance(100, 0, 20, 8, gone));
        assertThat(parts.without()).isEqualTo(new TableInstance(100, 0, 1, 1, 1));
        assertThat(Ablation.of(table, new TableInstance(100, 0, 1, 1, 1), List.of()).count()).isZero();
    }

    @Test
    void curvesOfASumAreItsPartialSums() {
        // weights 4, 3, 2, 1: after removing so many of the largest, 10, 6, 3, 1, 0 of 10 are left
        ToyModel model = weights(1, 4, 2, 3);
        SequenceInstance history = Histories.sequence(0, 1, 2, 3);
        Measures m = new QualityMeter(3, 0.25, 0.5).measure(model, parts(history), targets, List.of(exact(model, history)), 7).get(0);
        assertThat(m.shares()).containsExactly(0, 0.25, 0.5, 0.75, 1);
        assertThat(m.deletionCurve()).containsExactly(new double[] {1, 0.6, 0.3, 0.1, 0}, within(1e-12));
        assertThat(m.insertionCurve()).containsExactly(new double[] {0, 0.4, 0.7, 0.9, 1}, within(1e-12));
        assertThat(m.deletion()).isEqualTo(0.375, within(1e-12));
        assertThat(m.insertion()).isEqualTo(0.625, within(1e-12));
        assertThat(m.infidelity()).isEqualTo(0, within(1e-12));
    }

    @Test
    void whereAllEventsWeighAlikeNothingBeatsChance() {
        ToyModel model = weights(2, 2, 2, 2, 2, 2, 2, 2, 2, 2);
        SequenceInstance history = Histories.sequence(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
        Measures m = QualityMeter.BASIC.measure(model, parts(history), targets, List.of(exact(model, history)), 7).get(0);
        assertThat(m.deletion()).isEqualTo(0.5, within(1e-12));
        assertThat(m.insertion()).isEqualTo(0.5, within(1e-12));
        assertThat(m.random()).isEqualTo(0.5, within(1e-12));
    }

    @Test
    void theTruthBeatsChanceAndChanceBeatsItsOpposite() {
        for (long seed = 0; seed < 200; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            double[] weight = random.doubles(ITEMS, -1, 3).toArray();
            ToyModel model = weights(weight);
            SequenceInstance history = Histories.sequence(random.ints(2 + random.nextInt(30), 0, ITEMS).toArray());
            Attribution truth = exact(model, history);
            Attribution lie = mapped(truth, v -> -v);
            List<Measures> m = QualityMeter.FULL.measure(model, parts(history), new int[] {5, 5}, List.of(truth, lie), seed);
            assertThat(m.get(0).deletion()).as("seed " + seed).isLessThanOrEqualTo(m.get(0).random() + 1e-9);
            assertThat(m.get(1).deletion()).isGreaterThanOrEqualTo(m.get(0).random() - 1e-9);
            assertThat(m.get(0).insertion()).isGreaterThanOrEqualTo(m.get(0).random() - 1e-9);
            assertThat(m.get(1).insertion()).isLessThanOrEqualTo(m.get(1).random() + 1e-9);
            assertThat(m.get(0).infidelity()).isEqualTo(0, within(1e-9));
            // a forecast of the opposite errs by twice what happens
            assertThat(m.get(1).infidelity()).isEqualTo(4, within(1e-9));
        }
    }

    @Test
    void anExplanationThatSaysNothingHasInfidelityOne() {
        ToyModel model = weights(1, 4, 2, 3);
        SequenceInstance history = Histories.sequence(0, 1, 2, 3, 3, 2);
        Attribution nothing = mapped(exact(model, history), v -> 0);
        assertThat(QualityMeter.BASIC.measure(model, parts(history), targets, List.of(nothing), 1).get(0).infidelity()).isEqualTo(1, within(1e-12));
        Attribution half = mapped(exact(model, history), v -> v / 2);
        assertThat(QualityMeter.BASIC.measure(model, parts(history), targets, List.of(half), 1).get(0).infidelity()).isEqualTo(0.25, within(1e-12));
    }

    @Test
    void everyTargetIsMeasuredByItselfAndTheSeedDecidesTheRest() {
        ToyModel model = ToyModel.additive(schema).withPair(2, 3, 5);
        SequenceInstance history = Histories.sequence(0, 1, 2, 3, 4, 7, 3, 2, 9);
        int[] all = {5, 0, 11};
        List<Attribution> attributions = IntStream.of(all).mapToObj(t -> exact(model, history, t)).toList();
        List<Measures> together = QualityMeter.BASIC.measure(model, parts(history), all, attributions, 3);
        for (int i = 0; i < all.length; i++) {
            Measures alone = QualityMeter.BASIC.measure(model, parts(history), new int[] {all[i]}, List.of(attributions.get(i)), 3).get(0);
            assertThat(together.get(i)).usingRecursiveComparison().isEqualTo(alone);
        }
        assertThat(QualityMeter.BASIC.measure(model, parts(history), all, attributions, 3)).usingRecursiveComparison().isEqualTo(together);
    }

    @Test
    void whatCannotBeMeasuredIsNotMadeUp() {
        ToyModel flat = weights(0, 0, 0, 0);
        SequenceInstance history = Histories.sequence(0, 1, 2, 3);
        assertThat(QualityMeter.BASIC.measure(flat, parts(history), targets, List.of(exact(flat, history)), 7).get(0).deletion()).isNaN();
        ToyModel model = weights(1, 4, 2, 3);
        Attribution short3 = new Attribution(5, 10, 0, exact(model, history).contributions().subList(0, 3), 1);
        assertThat(QualityMeter.BASIC.measure(model, parts(history), targets, List.of(short3), 7).get(0).infidelity()).isNaN();
        Model choosy = new Refusing(model);
        assertThat(QualityMeter.BASIC.measure(choosy, parts(history), targets, List.of(exact(model, history)), 7).get(0).insertion()).isNaN();
        SequenceInstance nothing = Histories.sequence();
        assertThat(QualityMeter.BASIC.measure(model, parts(nothing), targets, List.of(exact(model, nothing)), 7).get(0).insertion()).isNaN();
    }

    @Test
    void aBasicMeasurementOfFiftyEventsAndTenTargetsScoresFewHistories() {
        SequenceInstance history = Histories.sequence(new SplittableRandom(1).ints(50, 0, ITEMS).toArray());
        ToyModel model = ToyModel.additive(schema);
        int[] ten = IntStream.range(0, 10).toArray();
        int[] asked = new int[1];
        Model counting = new Refusing(model) {
            @Override
            public RankedScore[][] score(List<? extends Instance> instances, int[] of, BitSet excluded, boolean ranks) {
                asked[0] += instances.size();
                return model.score(instances, of, excluded, ranks);
            }
        };
        QualityMeter.BASIC.measure(counting, parts(history), ten, IntStream.of(ten).mapToObj(t -> exact(model, history, t)).toList(), 1);
        assertThat(asked[0]).isEqualTo(2 + 6 * 5 + 10 * 2 * 5);
    }

    @Test
    void agreementOfAttributionsHasItsClosedForms() {
        Attribution a = of(9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        assertThat(Agreement.jaccard(a, a)).isEqualTo(1);
        assertThat(Agreement.correlation(a, a)).isEqualTo(1);
        assertThat(Agreement.correlation(a, mapped(a, v -> -v))).isEqualTo(-1);
        assertThat(Agreement.correlation(a, mapped(a, v -> 1))).isNaN();
        // strongest: positions 0 to 4 and 2 to 6; three of seven
        assertThat(Agreement.jaccard(a, of(0, 0, 9, -8, 7, 6, -5, 0, 0, 0))).isEqualTo(3 / 7.0);
        // ranks 1 2 3 4 against 1 2.5 2.5 4, about their mean 2.5: 4.5 / sqrt(5 * 4.5)
        assertThat(Agreement.correlation(of(1, 2, 3, 4), of(1, 2, 2, 4))).isEqualTo(4.5 / Math.sqrt(5 * 4.5), within(1e-12));
        assertThat(Agreement.change(of(3, 4), of(3, 4, 1), p -> p)).isZero();
        assertThat(Agreement.change(of(3, 4), of(0, 0), p -> p)).isEqualTo(1);
        assertThat(Agreement.change(of(3, 4), of(4), p -> p - 1)).isZero();
    }

    @Test
    void exactMethodsAreStableByDefinitionAndSumsAreInsensitive() {
        ToyModel model = weights(1, 4, 2, 3, 7);
        SequenceInstance history = Histories.sequence(0, 1, 2, 3, 4);
        Attribution a = exact(model, history);
        Reruns.Figures f = Reruns.measure(List.of(a), parts(history), 7, (other, seed) -> List.of(exact(model, (SequenceInstance) other)));
        assertThat(f.stability()).containsExactly(1);
        assertThat(f.rankStability()).containsExactly(1);
        assertThat(f.sensitivity()).containsExactly(0);
        Quality q = Judge.quality(a, 1, null, f, 0, 9);
        assertThat(q.unstable()).isFalse();
        assertThat(q.gap()).isZero();
        assertThat(q.deletion()).isNaN();
        assertThat(Judge.quality(new Attribution(5, 10, 0, a.contributions(), -5), 1, null, f, 0, 9).gap()).isEqualTo(0.5);
    }

    @Test
    void aMethodThatGuessesIsUnstable() {
        SequenceInstance history = Histories.sequence(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        Attribution first = noise(history, 1);
        Reruns.Figures f = Reruns.measure(List.of(first), parts(history), 7, (other, seed) -> List.of(noise((SequenceInstance) other, seed)));
        assertThat(f.stability()[0]).isLessThan(1);
        assertThat(f.sensitivity()[0]).isPositive();
        assertThat(Judge.quality(first, 1, null, f, 0, 9).unstable()).isTrue();
        // without explaining again its own standard errors tell
        assertThat(Judge.quality(first, 1, null, Reruns.Figures.without(List.of(first)), 0, 9).unstable()).isTrue();
        assertThat(Reruns.Figures.without(List.of(first)).stability()).containsExactly(Double.NaN);
    }

    @Test
    void whatCouldNotBeExplainedAgainIsNotMeasured() {
        SequenceInstance history = Histories.sequence(0, 1, 2);
        Reruns.Figures f = Reruns.measure(List.of(noise(history, 1)), parts(history), 7, (other, seed) -> List.of());
        assertThat(f.stability()).containsExactly(Double.NaN);
        assertThat(f.sensitivity()).containsExactly(Double.NaN);
    }

    private static Attribution noise(SequenceInstance history, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return sorted(0, random.doubles(history.length(), -1, 1).toArray(), 1);
    }

    private ToyModel weights(double... byItem) {
        double[][] weight = new double[ITEMS][ITEMS];
        for (int i = 0; i < byItem.length; i++) {
            Arrays.fill(weight[i], byItem[i]);
        }
        return ToyModel.additive(new ModelInfo("toy", 1, "toy", "sha256:0"), schema, new double[ITEMS], weight);
    }

    private Attribution exact(ToyModel model, SequenceInstance history) {
        return exact(model, history, targets[0]);
    }

    private static Attribution exact(ToyModel model, SequenceInstance history, int target) {
        Attribution a = sorted(target, model.leaveOneOut(history, target), 0);
        return new Attribution(target, model.scoreOf(history, target), model.baseValue(target), a.contributions(), 0);
    }

    private static Attribution of(double... values) {
        return sorted(5, values, 0);
    }

    private static Attribution sorted(int target, double[] values, double error) {
        List<Contribution> all = new ArrayList<>();
        for (int p = 0; p < values.length; p++) {
            all.add(new Contribution("history:" + p, p, values[p], error));
        }
        all.sort(Comparator.comparingDouble(c -> -c.value()));
        return new Attribution(target, 1, 0, all, 0);
    }

    private static Attribution mapped(Attribution a, DoubleUnaryOperator f) {
        List<Contribution> all = new ArrayList<>(a.contributions().stream()
                .map(c -> new Contribution(c.feature(), c.position(), f.applyAsDouble(c.value()), c.stdError())).toList());
        all.sort(Comparator.comparingDouble(c -> -c.value()));
        return new Attribution(a.target(), a.score(), a.baseValue(), all, a.completenessGap());
    }
}
