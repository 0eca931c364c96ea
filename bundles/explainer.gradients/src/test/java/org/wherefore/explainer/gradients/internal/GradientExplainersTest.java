package org.wherefore.explainer.gradients.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
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
        assertThat(byPosition(a)).containsExactly(pair.shapley(history, 4), within(1e-12));
        assertThat(a.completenessGap()).isCloseTo(0, within(1e-12));
        assertThat(a.contributions()).allMatch(c -> c.stdError() == 0);
        // Three points are exact up to degree five: the pair of two and of three events makes four.
        assertThat(explain(integrated, pair, 5)).isNotNull();
        assertThat(byPosition(explain(integrated, pair, 5))).containsExactly(pair.shapley(history, 4), within(1e-12));
        assertThat(explain(integrated, pair, 3).completenessGap()).isNotCloseTo(0, within(0.1));
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

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 65, 256})
    void quadratureIsExactForPolynomialsOfTwiceItsDegree(int n) {
        double[] nodes = new double[n];
        double[] weights = new double[n];
        IntegratedGradientsExplainer.gaussLegendre(nodes, weights);
        assertThat(nodes).isSorted();
        assertThat(DoubleStream.of(nodes).allMatch(x -> x > 0 && x < 1)).isTrue();
        for (int degree = 0; degree < 2 * n; degree++) {
            int power = degree;
            assertThat(IntStream.range(0, n).mapToDouble(i -> weights[i] * Math.pow(nodes[i], power)).sum())
                    .as("degree %d", degree).isCloseTo(1.0 / (degree + 1), within(1e-13));
        }
    }

    @Test
    void asksInChunksAndAnswersWithTheMeanOverWhatIsKnownWhenCancelled() {
        WatchedModel model = new WatchedModel(pair, 6);
        AtomicInteger asked = new AtomicInteger();
        Attribution a = integrated.explain(ExplanationContext.of(model, schema, history, 4).withBudget(66).cancelledBy(() -> asked.incrementAndGet() > 1)).get(0);
        assertThat(model.batches()).containsExactly(1, 1, 16);
        assertThat(a.contributions()).hasSize(6);
        assertThat(Arrays.stream(byPosition(a)).sum() + a.baseValue() + a.completenessGap()).isCloseTo(a.score(), within(1e-12));
        double[] exact = pair.shapley(history, 4);
        for (Contribution c : a.contributions()) {
            assertThat(c.value()).as("points spread over the path").isCloseTo(exact[c.position()], within(0.2));
        }
        Attribution nothing = integrated.explain(ExplanationContext.of(pair, schema, history, 4).withBudget(100).cancelledBy(() -> true)).get(0);
        assertThat(nothing.contributions()).isEmpty();
        assertThat(nothing.completenessGap()).isEqualTo(nothing.score() - nothing.baseValue());
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

    /** A model of counts, which nothing can be differentiated by. */
    private static final class Rigid implements Model {
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
