package org.wherefore.core.internal.claim;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Counterfactual.Change;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Evidence.Precedent;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.Output;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;

/** Claims of findings that are no attributions, and of contrasts. */
class FindingClaimsTest {
    private static final int ITEMS = 12;
    private final FeatureSchema schema = FeatureSchemas.items(ITEMS);
    private final SequenceInstance history = Histories.sequence(0, 1, 2, 3, 4, 5, 6, 3);

    /** Target 9 needs items 3 and 4 to be above 10 and 11. */
    private static ToyModel model() {
        double[][] weight = new double[ITEMS][ITEMS];
        weight[3][9] = 2;
        weight[4][9] = 1;
        weight[0][10] = 0.1;
        double[] bias = new double[ITEMS];
        bias[10] = 0.9;
        bias[11] = 0.8;
        return new ToyModel(bias, weight);
    }

    private ClaimAudit.Audited counterfactual(int shown, Change... changes) {
        return CounterfactualClaims.of(List.of(new Counterfactual(9, 5, 1, List.of(changes), 0, 3, Double.NaN)), List.of(new Output(9, "i9", 1, 5)),
                model(), schema, history, new BitSet(), shown).get(0);
    }

    private static Change without(int position, int item) {
        return new Change("history:i" + item, position, "i" + item, "");
    }

    @Test
    void saysWithoutWhatAnOutputWouldNotBeShown() {
        ClaimAudit.Audited audited = counterfactual(1, without(3, 3), without(7, 3), without(4, 4));
        Claim claim = audited.claims().get(0);
        assertThat(claim.kind()).isEqualTo("counterfactual");
        assertThat(claim.items()).containsExactly("i3", "i4");
        assertThat(claim.values()).containsEntry("k", "1").containsEntry("kind", "view");
        assertThat(claim.test().effect()).containsEntry("rankBefore", 1.0).containsEntry("rankAfter", 3.0).containsEntry("k", 1.0)
                .containsEntry("removed", 3.0).containsEntry("scoreBefore", 5.0).containsEntry("scoreAfter", 0.0);
    }

    @Test
    void testsTheSentenceAndNotTheStrategysWord() {
        ClaimAudit.Audited audited = counterfactual(1, without(4, 4));
        assertThat(audited.claims()).isEmpty();
        assertThat(audited.withheld()).isEqualTo(1);
        // one of two events on the item: the sentence is about both, and without both it falls out
        assertThat(counterfactual(2, without(7, 3), without(4, 4)).claims()).hasSize(1);
    }

    @Test
    void hasNoWordsForMoreThanASentenceHoldsOrForOtherChanges() {
        assertThat(counterfactual(1, IntStream.range(0, 7).mapToObj(p -> without(p, p)).toArray(Change[]::new)))
                .isEqualTo(new ClaimAudit.Audited(List.of(), 0, Double.NaN));
        assertThat(counterfactual(1, new Change("history:i3", 3, "i3", "i8")).claims()).isEmpty();
        assertThat(counterfactual(1)).isEqualTo(new ClaimAudit.Audited(List.of(), 0, Double.NaN));
    }

    private ClaimAudit.Audited example(List<Example> cases, Precedent... precedents) {
        return ExampleClaims.of(List.of(new Evidence(9, 5, List.of(precedents), cases.size())), List.of(new Output(9, "i9", 1, 5)), schema, cases).get(0);
    }

    private static List<Example> cases() {
        List<Example> cases = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            cases.add(new Example(Histories.sequence(i % 5), i < 3 ? 9 : i % 8));
        }
        return cases;
    }

    private static Precedent precedent(int index, int outcome) {
        return new Precedent(index, 0.5, "i" + outcome, outcome == 9, List.of());
    }

    @Test
    void countsHowManySimilarHistoriesWentOnToTheOutput() {
        Claim claim = example(cases(), precedent(0, 9), precedent(2, 9), precedent(4, 4)).claims().get(0);
        assertThat(claim.kind()).isEqualTo("example");
        assertThat(claim.values()).containsEntry("supporting", "2").containsEntry("of", "3");
        assertThat(claim.test().effect()).containsEntry("have", 3.0).containsEntry("cases", 20.0);
    }

    @Test
    void recountsTheCases() {
        assertThat(example(cases(), precedent(4, 9), precedent(5, 9)).withheld()).as("they ended otherwise").isEqualTo(1);
        assertThat(example(cases(), precedent(0, 9), precedent(0, 9)).withheld()).as("one case is not two").isEqualTo(1);
        assertThat(example(cases(), precedent(99, 9), precedent(98, 9)).withheld()).as("there are no such cases").isEqualTo(1);
        List<Example> all = IntStream.range(0, 20).mapToObj(i -> new Example(Histories.sequence(1), 9)).toList();
        assertThat(example(all, precedent(0, 9), precedent(1, 9)).withheld()).as("all cases ended so, similar or not").isEqualTo(1);
        assertThat(example(cases(), precedent(0, 9), precedent(4, 4))).as("one is not worth a sentence").isEqualTo(new ClaimAudit.Audited(List.of(), 0, Double.NaN));
    }

    /** Of a model whose scores are differences to item 10. */
    private ClaimAudit.Audited contrast(double score, Contribution... contributions) {
        return contrast(-1, 0.5, score, contributions);
    }

    /** Target 10 scores 0, target 9 the sum of {@code constant}, 3 for item 4, and {@code second} for item 5. */
    private ClaimAudit.Audited contrast(double constant, double second, double score, Contribution... contributions) {
        double[][] weight = new double[ITEMS][ITEMS];
        weight[4][9] = 3;
        weight[5][9] = second;
        double[] bias = new double[ITEMS];
        bias[9] = constant;
        return new ContrastClaims(new ToyModel(bias, weight), schema, history, 7, "i10")
                .of(List.of(new Attribution(9, score, 0, List.of(contributions), 0)), List.of(new Output(9, "i9", 1, 5))).get(0);
    }

    @Test
    void saysWhatBringsOneTargetBeforeAnother() {
        Claim claim = contrast(2.5, new Contribution("history:i4", 4, 3, 0), new Contribution("history:i5", 5, 0.5, 0)).claims().get(0);
        assertThat(claim.kind()).isEqualTo("contrast");
        assertThat(claim.items()).containsExactly("i4");
        assertThat(claim.values()).containsEntry("other", "i10").containsEntry("kind", "view");
        assertThat(claim.test().effect()).containsEntry("differenceBefore", 2.5).containsEntry("differenceAfter", -0.5).containsEntry("randomControlLowest", 2.0);
    }

    @Test
    void withholdsAContrastThatARandomRemovalOutweighs() {
        assertThat(contrast(2.5, new Contribution("history:i5", 5, 0.5, 0)).withheld()).isEqualTo(1);
        ClaimAudit.Audited flips = contrast(-3.3, 2.8, 2.5, new Contribution("history:i5", 5, 2.8, 0));
        assertThat(flips.claims()).as("without item 5 the other comes first, but without item 4 by more").isEmpty();
        assertThat(flips.withheld()).isEqualTo(1);
    }

    @Test
    void withholdsAContrastThatHoldsWithoutWhatItCites() {
        ClaimAudit.Audited audited = contrast(1, 0.5, 4.5, new Contribution("history:i4", 4, 3, 0), new Contribution("history:i5", 5, 0.5, 0));
        assertThat(audited.claims()).as("it comes before the other without items 4 and 5, too").isEmpty();
        assertThat(audited.withheld()).isEqualTo(1);
    }

    @Test
    void saysNothingOfWhatDoesNotComeBeforeTheOther() {
        assertThat(contrast(-1, new Contribution("history:i4", 4, 3, 0))).isEqualTo(new ClaimAudit.Audited(List.of(), 0, Double.NaN));
    }
}
