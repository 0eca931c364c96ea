package org.wherefore.explainer.gradients.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Version;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;
import org.wherefore.testkit.model.WatchedModel;

/** Exact answers on the toy model, whose Integrated Gradients are Shapley values. */
class GradientExplainersTest {
    private static final Version RELEASE = Version.parseVersion("1.2.3.SNAPSHOT");
    private final GradientExplainer integrated = new IntegratedGradientsExplainer(RELEASE);
    private final GradientExplainer times = new GradientTimesInputExplainer(RELEASE);
    private final GradientExplainer smooth = new SmoothGradExplainer(RELEASE);
    private final FeatureSchema schema = FeatureSchemas.items(6);
    private final ToyModel additive = ToyModel.additive(schema);
    private final ToyModel pair = additive.withPair(2, 3, 5);
    private final SequenceInstance history = Histories.sequence(2, 3, 3, 4, 2, 3);

    private Attribution explain(GradientExplainer explainer, Model model, int budget) {
        return explainer.explain(ExplanationContext.of(model, schema, history, 4).withBudget(budget)).get(0);
    }

    private static double[] byPosition(Attribution a) {
        double[] out = new double[a.contributions().size()];
        a.contributions().forEach(c -> out[c.position()] = c.value());
        return out;
    }

    @Test
    void everyStrategyIsExactWithoutAGapOnAnAdditiveModel() {
        for (GradientExplainer e : List.of(integrated, times, smooth)) {
            Attribution a = explain(e, additive, 100);
            assertThat(byPosition(a)).as(e.name()).containsExactly(additive.leaveOneOut(history, 4), within(1e-12));
            assertThat(a.score()).isEqualTo(additive.scoreOf(history, 4));
            assertThat(a.baseValue()).isEqualTo(additive.baseValue(4));
            assertThat(a.completenessGap()).isCloseTo(0, within(1e-12));
            assertThat(a.contributions()).extracting(Contribution::feature).contains("history:" + schema.targets().get(2));
        }
    }

    @Test
    void integratedGradientsAreTheShapleyValuesOfAMultilinearScore() {
        Attribution a = explain(integrated, pair, 100);
        assertThat(byPosition(a)).containsExactly(pair.shapley(history, 4), within(1e-3));
        assertThat(a.completenessGap()).isCloseTo(0, within(1e-3));
        assertThat(a.contributions()).allMatch(c -> c.stdError() == 0);
        // One interval is exact up to degree three: the pair of one and of two events makes two.
        ToyModel few = additive.withPair(2, 4, 5);
        SequenceInstance three = Histories.sequence(2, 4, 2);
        assertThat(byPosition(integrated.explain(ExplanationContext.of(few, schema, three, 4).withBudget(4)).get(0)))
                .containsExactly(few.shapley(three, 4), within(1e-12));
        assertThat(explain(integrated, pair, 3).completenessGap()).as("a single point").isNotCloseTo(0, within(0.1));
    }

    @Test
    void halvesIntervalsUntilKinksLeaveAGapOfLessThanHalfAPercent() {
        for (int seed = 0; seed < 50; seed++) {
            Kinked kinked = new Kinked(seed);
            WatchedModel model = new WatchedModel(kinked, 6);
            Attribution a = explain(integrated, model, 512);
            double difference = Math.abs(a.score() - a.baseValue());
            assertThat(Math.abs(a.completenessGap())).as("seed %d", seed).isLessThan(0.005 * difference);
            assertThat(model.evaluations(4)).isLessThanOrEqualTo(512);
            if (model.evaluations(4) < 256) {
                assertThat(byPosition(a)).as("seed %d", seed).containsExactly(kinked.integrals(history), within(0.02 * difference));
            }
        }
    }

    @Test
    void eachTargetHasIntervalsOfItsOwn() {
        WatchedModel model = new WatchedModel(new Kinked(3), 6);
        List<Attribution> both = integrated.explain(ExplanationContext.of(model, schema, history, 4, 1));
        assertThat(integrated.explain(ExplanationContext.of(new Kinked(3), schema, history, 1))).containsExactly(both.get(1));
        assertThat(model.evaluations(1)).isNotEqualTo(model.evaluations(4));
        assertThat(model.batches().subList(0, 3)).containsExactly(1, 1, 16);
        assertThat(model.batches()).allMatch(n -> n <= 16);
    }

    @Test
    void gradientTimesInputIsTheSlopeAtTheHistoryAndLeavesTheRestInTheGap() {
        // Both items of the pair are there twice or more: one event more or less of them changes nothing.
        Attribution a = explain(times, pair, 3);
        assertThat(byPosition(a)).containsExactly(additive.leaveOneOut(history, 4), within(1e-12));
        assertThat(a.completenessGap()).isCloseTo(5, within(1e-12));
    }

    @Test
    void smoothGradTellsItsSamplingError() {
        Attribution a = explain(smooth, pair, 100);
        assertThat(a.contributions()).filteredOn(c -> history.item(c.position()) != 4).allMatch(c -> c.stdError() > 0);
        assertThat(a.contributions()).filteredOn(c -> history.item(c.position()) == 4).allMatch(c -> c.stdError() < 1e-12);
        assertThat(explain(smooth, pair, 3).contributions()).allMatch(c -> c.stdError() == Math.abs(c.value()));
        assertThat(smooth.explain(ExplanationContext.of(pair, schema, history, 4).withSeed(8).withBudget(100)).get(0)).isNotEqualTo(a);
    }

    @Test
    void asksInChunksAndAnswersWithWhatIsKnownWhenCancelled() {
        WatchedModel model = new WatchedModel(new Kinked(1), 6);
        AtomicInteger asked = new AtomicInteger();
        Attribution a = integrated.explain(ExplanationContext.of(model, schema, history, 4).cancelledBy(() -> asked.incrementAndGet() > 1)).get(0);
        assertThat(model.batches()).containsExactly(1, 1, 16);
        assertThat(a.contributions()).hasSize(6);
        assertThat(Arrays.stream(byPosition(a)).sum() + a.baseValue() + a.completenessGap()).isCloseTo(a.score(), within(1e-12));
        asked.set(0);
        WatchedModel noisy = new WatchedModel(pair, 6);
        assertThat(smooth.explain(ExplanationContext.of(noisy, schema, history, 4).cancelledBy(() -> asked.incrementAndGet() > 2)).get(0)
                .contributions()).hasSize(6);
        assertThat(noisy.batches()).containsExactly(1, 1, 16, 16);
        for (GradientExplainer e : List.of(integrated, times, smooth)) {
            Attribution nothing = e.explain(ExplanationContext.of(pair, schema, history, 4).withBudget(100).cancelledBy(() -> true)).get(0);
            assertThat(nothing.contributions()).isEmpty();
            assertThat(nothing.completenessGap()).isEqualTo(nothing.score() - nothing.baseValue());
        }
    }

    @Test
    void refusesABudgetThatAllowsNoPoint() {
        for (GradientExplainer e : List.of(integrated, times, smooth)) {
            assertThatThrownBy(() -> explain(e, pair, 2)).isInstanceOfSatisfying(WhereforeException.class,
                    x -> assertThat(x.code()).isEqualTo(ErrorCode.INVALID_INPUT)).hasMessageContaining("got 2");
        }
    }

    @Test
    void saysWhyAModelWithoutGradientsIsNotExplained() {
        for (GradientExplainer e : List.of(integrated, times, smooth)) {
            assertThat(e.supports(new Rigid(), history).reason()).contains(e.name(), "markov", "gradients", "occlusion");
            assertThatThrownBy(() -> explain(e, new Rigid(), 100)).isInstanceOfSatisfying(WhereforeException.class,
                    x -> assertThat(x.code()).isEqualTo(ErrorCode.UNSUPPORTED));
        }
    }

    @Test
    void explainsAnEmptyHistoryByItsBaseValue() {
        for (GradientExplainer e : List.of(integrated, times, smooth)) {
            assertThat(e.explain(ExplanationContext.of(pair, schema, Histories.sequence(), 2).withBudget(9)))
                    .containsExactly(new Attribution(2, 1, 1, List.of(), 0));
        }
    }

    @Test
    void strategiesHaveNamesOfTheirOwnAndTheBundlesRelease() {
        assertThat(Stream.of(integrated, times, smooth).map(Explainer::name))
                .containsExactly("integrated-gradients", "gradient-x-input", "smoothgrad");
        assertThat(Stream.of(integrated, times, smooth).map(Explainer::version)).containsOnly("1.2.3");
    }

    /** A score with kinks along the path: rectifiers of weighted sums of the events, as in a Transformer. */
    private static final class Kinked extends Rigid {
        private static final int UNITS = 60;
        private final double[][] in = new double[UNITS][6];
        private final double[] threshold = new double[UNITS];
        private final double[] out = new double[UNITS];

        Kinked(long seed) {
            Random random = new Random(seed);
            for (int u = 0; u < UNITS; u++) {
                for (int p = 0; p < 6; p++) {
                    in[u][p] = random.nextGaussian();
                }
                threshold[u] = random.nextDouble();
                out[u] = random.nextGaussian();
            }
        }

        private double sum(int unit, int events) {
            return Arrays.stream(in[unit], 0, events).sum();
        }

        /** Target 4 reads all units, the others half of them. */
        private Gradients.Slope slope(int events, double alpha, int target) {
            double score = 0;
            double[] products = new double[events];
            for (int u = 0; u < (target == 4 ? UNITS : UNITS / 2); u++) {
                double over = alpha * sum(u, events) - threshold[u];
                score += out[u] * Math.max(0, over);
                for (int p = 0; p < events && over > 0; p++) {
                    products[p] += out[u] * in[u][p];
                }
            }
            return new Gradients.Slope(score, products);
        }

        /** Exact for target 4: a unit is on from where its sum passes its threshold. */
        double[] integrals(SequenceInstance history) {
            double[] values = new double[history.length()];
            for (int u = 0; u < UNITS; u++) {
                double sum = sum(u, values.length);
                for (int p = 0; p < values.length && sum > threshold[u]; p++) {
                    values[p] += out[u] * in[u][p] * (1 - threshold[u] / sum);
                }
            }
            return values;
        }

        @Override
        public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
            return instances.stream().map(i -> Arrays.stream(targets)
                    .mapToObj(t -> new RankedScore(slope(((SequenceInstance) i).length(), 1, t).score(), 0)).toArray(RankedScore[]::new))
                    .toArray(RankedScore[][]::new);
        }

        @Override
        public <T> Optional<T> adapt(Class<T> ability) {
            return ability != Gradients.class ? Optional.empty() : Optional.of(ability.cast((Gradients) (instance, targets, points) ->
                    points.stream().map(x -> Arrays.stream(targets).mapToObj(t -> slope(((SequenceInstance) instance).length(), x.alpha(), t))
                            .toArray(Gradients.Slope[]::new)).toArray(Gradients.Slope[][]::new)));
        }
    }

    /** A model of counts, which nothing can be differentiated by. */
    private static class Rigid implements Model {
        @Override
        public ModelInfo info() {
            return new ModelInfo("toy", 1, "markov", "sha256:0");
        }

        @Override
        public List<Output> predict(Instance instance, int k, BitSet excluded) {
            throw new UnsupportedOperationException();
        }

        @Override
        public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
