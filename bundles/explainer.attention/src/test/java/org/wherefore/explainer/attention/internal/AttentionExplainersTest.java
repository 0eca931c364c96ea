package org.wherefore.explainer.attention.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
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
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;
import org.wherefore.testkit.model.WatchedModel;

/** Exact answers on the toy model and on attention of two layers and heads that was worked out by hand. */
class AttentionExplainersTest {
    private static final Version RELEASE = Version.parseVersion("1.2.3.SNAPSHOT");
    private final AttentionExplainer raw = new RawAttentionExplainer(RELEASE);
    private final AttentionExplainer rollout = new AttentionRolloutExplainer(RELEASE);
    private final AttentionExplainer gradient = new AttentionGradientExplainer(RELEASE);
    private final List<AttentionExplainer> all = List.of(raw, rollout, gradient);
    private final FeatureSchema schema = FeatureSchemas.items(6);
    private final ToyModel additive = ToyModel.additive(schema);
    private final SequenceInstance history = Histories.sequence(2, 3, 3, 4);

    private Attribution explain(AttentionExplainer explainer, Model model, SequenceInstance input) {
        return explainer.explain(ExplanationContext.of(model, schema, input, 4)).get(0);
    }

    private static double[] byPosition(Attribution a) {
        double[] out = new double[a.contributions().size()];
        a.contributions().forEach(c -> out[c.position()] = c.value());
        return out;
    }

    @Test
    void theToyModelLooksAtAllEventsAlike() {
        double difference = additive.scoreOf(history, 4) - additive.baseValue(4);
        Attribution a = explain(raw, additive, history);
        assertThat(byPosition(a)).containsExactly(new double[] {difference / 4, difference / 4, difference / 4, difference / 4}, within(1e-12));
        assertThat(a.contributions()).extracting(Contribution::position).containsExactly(0, 1, 2, 3);
        assertThat(a.contributions().get(3).feature()).isEqualTo("history:" + schema.targets().get(4));
        // Half of what the last event has is its own, the other half a quarter of each.
        assertThat(byPosition(explain(rollout, additive, history)))
                .containsExactly(new double[] {difference / 8, difference / 8, difference / 8, difference * 5 / 8}, within(1e-12));
        for (AttentionExplainer e : all) {
            assertThat(explain(e, additive, history).baseValue()).isEqualTo(additive.baseValue(4));
            assertThat(explain(e, additive, history).completenessGap()).isCloseTo(0, within(1e-12));
        }
    }

    @Test
    void attentionTimesGradientIsExactWhereEveryEventSpeaksForTheTarget() {
        assertThat(byPosition(explain(gradient, additive, history))).containsExactly(additive.leaveOneOut(history, 4), within(1e-12));
        // Items 0 and 5 lower the score, item 1 changes nothing: they speak for nothing, and the others share all of the difference.
        SequenceInstance mixed = Histories.sequence(0, 2, 1, 3);
        double difference = additive.scoreOf(mixed, 4) - additive.baseValue(4);
        assertThat(byPosition(explain(gradient, additive, mixed)))
                .containsExactly(new double[] {0, difference / 3, 0, difference * 2 / 3}, within(1e-12));
    }

    @Test
    void whatSpeaksForATargetIsNotTurnedAgainstItWhereItsScoreFell() {
        SequenceInstance lowering = Histories.sequence(0, 0, 2, 5);
        double difference = additive.scoreOf(lowering, 4) - additive.baseValue(4);
        assertThat(difference).isNegative();
        Attribution a = explain(gradient, additive, lowering);
        assertThat(byPosition(a)).containsExactly(new double[] {0, 0, -difference, 0}, within(1e-12));
        assertThat(a.completenessGap()).isCloseTo(2 * difference, within(1e-12));
        assertThat(byPosition(explain(raw, additive, lowering))).containsExactly(new double[] {difference / 4, difference / 4, difference / 4,
                difference / 4}, within(1e-12));
        Attribution nothing = explain(gradient, additive, Histories.sequence(0, 5));
        assertThat(byPosition(nothing)).containsExactly(0, 0);
        assertThat(nothing.completenessGap()).isEqualTo(nothing.score() - nothing.baseValue());
    }

    /** Two layers of two heads over the last two of three events and a token of the model's own between them. */
    private static Attention.Maps byHand() {
        double[][][][] weights = {
            {{{1, 0, 0}, {0.5, 0.5, 0}, {0.25, 0.25, 0.5}}, {{1, 0, 0}, {1, 0, 0}, {0.75, 0.25, 0}}},
            {{{1, 0, 0}, {0, 1, 0}, {0.5, 0.5, 0}}, {{1, 0, 0}, {0, 1, 0}, {0, 0.5, 0.5}}}};
        double[][][][] gradients = {
            {{{0, 0, 0}, {2, 0, 0}, {4, 0, 0}}, {{3, 0, 0}, {0, 0, 0}, {0, -8, 0}}},
            {{{0, 0, 0}, {0, 0, 0}, {-4, 4, 0}}, {{0, 0, 0}, {0, 0, 0}, {9, 2, 4}}}};
        return new Attention.Maps(new int[] {1, -1, 2}, 2, weights, new double[][][][][] {gradients});
    }

    @Test
    void followsTheFormulasOfThePapersThroughTwoLayersAndHeads() {
        assertThat(raw.relevance(byHand(), 0)).containsExactly(0.25, 0.5, 0.25);
        // Mean rows: first layer (1, 0, 0), (.75, .25, 0), (.5, .25, .25). Second layer's output row with residual: (.125, .25, .625).
        assertThat(rollout.relevance(byHand(), 0)).containsExactly(new double[] {0.125 + 0.25 * 0.375 + 0.625 * 0.25,
            0.25 * 0.625 + 0.625 * 0.125, 0.625 * 0.625}, within(1e-12));
        // A of the second layer: output row (0, (2 + 1) / 2, 2 / 2); of the first: (1.5, 0, 0), (.5, 0, 0), (.5, 0, 0).
        // (0, 0, 1) -> (0, 1.5, 2) -> (1.5 * .5 + 2 * .5, 1.5, 2), less the identity.
        assertThat(gradient.relevance(byHand(), 0)).containsExactly(new double[] {1.75, 1.5, 1}, within(1e-12));
    }

    @Test
    void tokensOfTheModelsOwnGetNoShareAndEventsThatAreNotLookedAtGetNothing() {
        Attribution a = explain(raw, new Looking(additive, byHand()), Histories.sequence(2, 3, 3));
        double difference = a.score() - a.baseValue();
        assertThat(byPosition(a)).containsExactly(new double[] {0, difference / 2, difference / 2}, within(1e-12));
        assertThat(byPosition(explain(gradient, new Looking(additive, byHand()), Histories.sequence(2, 3, 3))))
                .containsExactly(new double[] {0, difference * 1.75 / 2.75, difference / 2.75}, within(1e-12));
    }

    @Test
    void spendsThreeEvaluationsAndRefusesFewer() {
        for (AttentionExplainer e : all) {
            WatchedModel watched = new WatchedModel(additive, 6);
            explain(e, watched, history);
            assertThat(watched.calls()).isEqualTo(3);
            assertThatThrownBy(() -> e.explain(ExplanationContext.of(additive, schema, history, 4).withBudget(2)))
                    .isInstanceOfSatisfying(WhereforeException.class, x -> assertThat(x.code()).isEqualTo(ErrorCode.INVALID_INPUT))
                    .hasMessageContaining("got 2");
        }
    }

    @Test
    void aCancelledCallAnswersWithoutContributions() {
        for (AttentionExplainer e : all) {
            Attribution a = e.explain(ExplanationContext.of(additive, schema, history, 4).cancelledBy(() -> true)).get(0);
            assertThat(a.contributions()).isEmpty();
            assertThat(a.completenessGap()).isEqualTo(a.score() - a.baseValue());
        }
    }

    @Test
    void explainsAnEmptyHistoryByItsBaseValue() {
        for (AttentionExplainer e : all) {
            assertThat(explain(e, additive, Histories.sequence())).isEqualTo(new Attribution(4, 2, 2, List.of(), 0));
        }
    }

    @Test
    void saysWhyAModelWithoutAttentionIsNotExplained() {
        Model counts = new Looking(additive, null);
        for (AttentionExplainer e : all) {
            assertThat(e.supports(counts, history).reason()).contains(e.name(), "toy", "attention", "occlusion");
            assertThatThrownBy(() -> explain(e, counts, history)).isInstanceOfSatisfying(WhereforeException.class,
                    x -> assertThat(x.code()).isEqualTo(ErrorCode.UNSUPPORTED));
        }
    }

    @Test
    void aModelThatRefusesAnEmptyHistoryHasABaseValueOfZero() {
        Attribution a = explain(raw, new Looking(additive, byHand()) {
            @Override
            public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
                if (instances.contains(Histories.sequence())) {
                    throw new WhereforeException(ErrorCode.UNSUPPORTED, "no history, no score");
                }
                return super.score(instances, targets, excluded, ranks);
            }
        }, Histories.sequence(2, 3, 3));
        assertThat(a.baseValue()).isZero();
        assertThat(DoubleStream.of(byPosition(a)).sum()).isCloseTo(a.score(), within(1e-12));
    }

    @Test
    void strategiesHaveNamesOfTheirOwnAndTheBundlesRelease() {
        assertThat(Stream.of(raw, rollout, gradient).map(Explainer::name))
                .containsExactly("attention", "attention-rollout", "attention-gradient");
        assertThat(all.stream().map(Explainer::version)).containsOnly("1.2.3");
    }

    /** A model that scores as another does and looks as it is told, or not at all. */
    private static class Looking implements Model {
        private final Model scores;
        private final Attention.Maps maps;

        Looking(Model scores, Attention.Maps maps) {
            this.scores = scores;
            this.maps = maps;
        }

        @Override
        public ModelInfo info() {
            return scores.info();
        }

        @Override
        public List<Output> predict(Instance instance, int k, BitSet excluded) {
            return scores.predict(instance, k, excluded);
        }

        @Override
        public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
            return scores.score(instances, targets, excluded, ranks);
        }

        @Override
        public <T> Optional<T> adapt(Class<T> ability) {
            return ability == Attention.class && maps != null ? Optional.of(ability.cast((Attention) (instance, targets) -> maps))
                    : Optional.empty();
        }

        @Override
        public void close() {}
    }
}
