package org.wherefore.explainer.counterfactual.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Version;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameters;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Counterfactual.Change;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.RankedScore;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;

class CounterfactualExplainerTest {
    private final CounterfactualExplainer explainer = new CounterfactualExplainer(Version.parseVersion("1.2.3.SNAPSHOT"));
    private final FeatureSchema schema = FeatureSchemas.items(12);

    /** {@code {item, target, weight}}; without events the order of targets is the order of ranks. */
    private ToyModel model(double[]... terms) {
        double[] bias = IntStream.range(0, 12).mapToDouble(t -> -t / 100.0).toArray();
        double[][] weight = new double[12][12];
        for (double[] term : terms) {
            weight[(int) term[0]][(int) term[1]] = term[2];
        }
        return ToyModel.additive(new ModelInfo("toy", 1, "toy", "sha256:0"), schema, bias, weight);
    }

    private Counterfactual explain(ToyModel model, SequenceInstance history, int target, List<Example> cases, Map<String, String> parameters) {
        return explainer.explain(ExplanationContext.of(model, schema, history, target).withRanking(new BitSet(), 3).withCases(cases)
                .withParameters(Parameters.bind("/explain/parameters/", explainer.parameters(), parameters))).get(0);
    }

    @Test
    void saysWhichEventsKeepATargetAmongTheBest() {
        Counterfactual c = explain(model(new double[] {4, 9, 2}, new double[] {2, 9, 1}), Histories.sequence(1, 2, 3, 4), 9, List.of(), Map.of());
        assertThat(c.rank()).isEqualTo(1);
        assertThat(c.rankAfter()).isEqualTo(10);
        assertThat(c.changes()).as("what mattered most comes first").containsExactly(new Change("history:i4", 3, "i4", ""), new Change("history:i2", 1, "i2", ""));
        assertThat(c.plausibility()).isNaN();
    }

    @Test
    void changesNothingOfATargetThatIsNotShown() {
        Counterfactual c = explain(model(), Histories.sequence(1, 2), 9, List.of(), Map.of());
        assertThat(c.found()).isFalse();
        assertThat(c.rankAfter()).isEqualTo(c.rank()).isEqualTo(10);
    }

    @Test
    void leavesOneEventSinceAnEmptyHistoryIsAnsweredByAnotherBranch() {
        assertThat(explain(model(new double[] {4, 9, 2}), Histories.sequence(4), 9, List.of(), Map.of()).found()).isFalse();
        assertThat(explain(model(new double[] {4, 9, 2}), Histories.sequence(4, 4), 9, List.of(), Map.of()).found()).isFalse();
    }

    @Test
    void givesUpBeyondTheMostChanges() {
        double[][] terms = {{1, 9, 1}, {2, 9, 1}, {3, 9, 1}};
        assertThat(explain(model(terms), Histories.sequence(1, 2, 3, 4), 9, List.of(), Map.of("maxChanges", "2")).found()).isFalse();
        assertThat(explain(model(terms), Histories.sequence(1, 2, 3, 4), 9, List.of(), Map.of("maxChanges", "3")).changes()).hasSize(3);
    }

    @Test
    void ofTwoAnswersGivesTheMorePlausible() {
        // either event may go; histories like the one without i2 are common
        ToyModel model = model(new double[] {1, 9, 1}, new double[] {2, 9, 1}, new double[] {3, 0, 0.5}, new double[] {3, 1, 0.5},
                new double[] {3, 2, 1.5}, new double[] {3, 3, 1.5}, new double[] {3, 4, 1.5});
        List<Example> cases = IntStream.range(0, 20).mapToObj(i -> i % 2 == 0 ? Histories.example(1, 3, 5) : Histories.example(6, 7 + i % 3, 8)).toList();
        Counterfactual c = explain(model, Histories.sequence(1, 2, 3), 9, cases, Map.of());
        assertThat(c.changes()).extracting(Change::from).containsExactly("i2");
        assertThat(c.plausibility()).isEqualTo(1);
    }

    @Test
    void whateverItFindsDoesItAndIsNeeded() {
        Random random = new Random(1);
        int found = 0;
        for (int round = 0; round < 200; round++) {
            double[][] terms = new double[60][];
            for (int i = 0; i < terms.length; i++) {
                terms[i] = new double[] {random.nextInt(12), random.nextInt(12), random.nextGaussian()};
            }
            ToyModel model = model(terms).withPair(2, 3, random.nextGaussian());
            SequenceInstance history = Histories.sequence(random.ints(12, 0, 12).toArray());
            Counterfactual c = explain(model, history, random.nextInt(12), List.of(), Map.of());
            int[] gone = c.changes().stream().mapToInt(Change::position).toArray();
            if (c.found()) {
                found++;
                assertThat(rank(model, history.without(gone), c.target())).isGreaterThan(3).isEqualTo(c.rankAfter());
                for (int kept : gone) {
                    assertThat(rank(model, history.without(IntStream.of(gone).filter(p -> p != kept).toArray()), c.target())).isLessThanOrEqualTo(3);
                }
            }
        }
        assertThat(found).isGreaterThan(30);
    }

    private static int rank(ToyModel model, SequenceInstance history, int target) {
        RankedScore[][] scores = model.score(List.of(history), new int[] {target}, new BitSet(), true);
        return scores[0][0].rank();
    }

    @Test
    void refusesABudgetThatAllowsNothing() {
        ExplanationContext context = ExplanationContext.of(model(), schema, Histories.sequence(1, 2), 9).withBudget(1)
                .withParameters(Parameters.bind("", explainer.parameters(), Map.of()));
        assertThatThrownBy(() -> explainer.explain(context)).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT));
    }

    @Test
    void namesTheBundlesReleaseAsItsVersion() {
        assertThat(explainer.version()).isEqualTo("1.2.3");
    }
}
