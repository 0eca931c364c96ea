package org.wherefore.explainer.occlusion.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Version;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

class OcclusionExplainerTest {
    private final OcclusionExplainer explainer = new OcclusionExplainer(Version.parseVersion("1.2.3.SNAPSHOT"));
    private final FeatureSchema schema = new FeatureSchema(List.of(), List.of("a", "b", "c", "d"), List.of("view"), List.of(),
            List.of(new int[0], new int[0], new int[0], new int[0]));

    /** score(t) = 0.5 t + sum over events of 2^item (t + 1), plus 10 when both items 0 and 1 are there and synergy is on. */
    private static class Additive implements Model {
        final List<Integer> batches = new ArrayList<>();
        boolean synergy;
        boolean refusesEmpty;

        @Override
        public ModelInfo info() {
            return new ModelInfo("toy", 1, "toy", "sha256:0");
        }

        @Override
        public List<Output> predict(Instance instance, int k, BitSet excluded) {
            throw new UnsupportedOperationException();
        }

        @Override
        public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
            assertThat(ranks).isFalse();
            batches.add(instances.size());
            return instances.stream().map(i -> {
                int[] items = ((SequenceInstance) i).items();
                if (refusesEmpty && items.length == 0) {
                    throw WhereforeException.invalid("history", "empty");
                }
                boolean both = IntStream.of(items).anyMatch(x -> x == 0) && IntStream.of(items).anyMatch(x -> x == 1);
                return IntStream.of(targets).mapToObj(t -> new RankedScore(0.5 * t
                        + IntStream.of(items).mapToDouble(x -> (1 << x) * (t + 1)).sum() + (synergy && both ? 10 : 0), 0))
                        .toArray(RankedScore[]::new);
            }).toArray(RankedScore[][]::new);
        }

        @Override
        public void close() {}
    }

    private static SequenceInstance history(int... items) {
        return new SequenceInstance(items, new int[items.length]);
    }

    @Test
    void findsTheTermsOfAnAdditiveModelExactly() {
        Additive model = new Additive();
        List<Attribution> all = explainer.explain(ExplanationContext.of(model, schema, history(0, 2, 1, 2), 3, 0).withBudget(6));
        assertThat(all).extracting(Attribution::target).containsExactly(3, 0);
        Attribution first = all.get(0);
        assertThat(first.score()).isEqualTo(1.5 + 44);
        assertThat(first.baseValue()).isEqualTo(1.5);
        assertThat(first.completenessGap()).isZero();
        assertThat(first.contributions()).containsExactly(new Contribution("history:c", 1, 16, 0),
                new Contribution("history:c", 3, 16, 0), new Contribution("history:b", 2, 8, 0),
                new Contribution("history:a", 0, 4, 0));
        assertThat(all.get(1).contributions()).extracting(Contribution::value).containsExactly(4.0, 4.0, 2.0, 1.0);
        assertThat(model.batches).containsExactly(2, 4);
    }

    @Test
    void leavesWhatEventsDoTogetherInTheCompletenessGap() {
        Additive model = new Additive();
        model.synergy = true;
        Attribution a = explainer.explain(ExplanationContext.of(model, schema, history(0, 1), 0).withBudget(100)).get(0);
        assertThat(a.contributions()).extracting(Contribution::value).containsExactly(12.0, 11.0);
        assertThat(a.completenessGap()).isEqualTo(-10);
        assertThat(a.baseValue() + 23 + a.completenessGap()).isCloseTo(a.score(), within(1e-12));
    }

    @Test
    void explainsOnlyTheNewestEventsThatTheBudgetAllows() {
        Attribution a = explainer.explain(ExplanationContext.of(new Additive(), schema, history(0, 1, 2, 3), 0).withBudget(4)).get(0);
        assertThat(a.contributions()).extracting(Contribution::position).containsExactly(3, 2);
        assertThat(a.completenessGap()).isEqualTo(3);
    }

    @Test
    void refusesABudgetThatAllowsNothing() {
        assertThatThrownBy(() -> explainer.explain(ExplanationContext.of(new Additive(), schema, history(0), 0).withBudget(1)))
                .isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT));
    }

    @Test
    void answersWithWhatIsKnownWhenCancelledBetweenChunks() {
        Additive model = new Additive();
        AtomicInteger asked = new AtomicInteger();
        SequenceInstance longHistory = history(new int[200]);
        Attribution a = explainer.explain(ExplanationContext.of(model, schema, longHistory, 1).withBudget(1_000).cancelledBy(() -> asked.incrementAndGet() > 2)).get(0);
        assertThat(model.batches).containsExactly(2, 64, 64);
        assertThat(a.contributions()).hasSize(128).allMatch(c -> c.position() >= 72);
    }

    @Test
    void saysTheSameForEverySeed() {
        List<Attribution> once = explainer.explain(ExplanationContext.of(new Additive(), schema, history(3, 1, 0), 2, 1).withSeed(1).withBudget(9));
        assertThat(explainer.explain(ExplanationContext.of(new Additive(), schema, history(3, 1, 0), 2, 1).withSeed(99).withBudget(9)))
                .isEqualTo(once);
    }

    @Test
    void explainsAnEmptyHistoryByItsBaseValue() {
        Attribution a = explainer.explain(ExplanationContext.of(new Additive(), schema, history(), 2).withBudget(2)).get(0);
        assertThat(a).isEqualTo(new Attribution(2, 1, 1, List.of(), 0));
    }

    @Test
    void takesZeroAsBaseWhenTheModelRefusesAnEmptyHistory() {
        Additive model = new Additive();
        model.refusesEmpty = true;
        Attribution a = explainer.explain(ExplanationContext.of(model, schema, history(0, 1), 2).withBudget(9)).get(0);
        assertThat(a.baseValue()).isZero();
        assertThat(a.completenessGap()).isEqualTo(1);
    }

    @Test
    void namesTheBundlesReleaseAsItsVersion() {
        assertThat(explainer.version()).isEqualTo("1.2.3");
        assertThat(explainer.name()).isEqualTo("occlusion");
    }
}
