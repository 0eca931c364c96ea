package org.wherefore.core.internal.classify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

class FairnessTest {
    private final List<String> names = new ArrayList<>();
    private final List<Boolean> selected = new ArrayList<>();
    private final List<Boolean> labels = new ArrayList<>();

    private FairnessTest add(String name, int truePositives, int falsePositives, int trueNegatives, int falseNegatives) {
        int[] counts = {truePositives, falsePositives, trueNegatives, falseNegatives};
        for (int c = 0; c < 4; c++) {
            for (int i = 0; i < counts[c]; i++) {
                names.add(name);
                selected.add(c < 2);
                labels.add(c == 0 || c == 3);
            }
        }
        return this;
    }

    private Fairness judge(String reference, int least) {
        boolean[] s = new boolean[names.size()];
        boolean[] y = new boolean[names.size()];
        for (int i = 0; i < s.length; i++) {
            s[i] = selected.get(i);
            y[i] = labels.get(i);
        }
        return Fairness.of("gender", s, y, names, reference, least);
    }

    @Test
    void comparesRatesByHand() {
        add("f", 30, 30, 30, 10).add("m", 40, 20, 120, 20);
        Fairness f = judge(null, 20);
        assertThat(f.reference()).isEqualTo("m");
        assertThat(f.groups()).containsExactly(new Fairness.Group("f", 100, 40, .6, .75, .5),
                new Fairness.Group("m", 200, 60, .3, 2 / 3.0, 1 / 7.0));
        Fairness.Comparison c = f.comparisons().get(0);
        assertThat(c.statisticalParityDifference()).isCloseTo(.3, within(1e-12));
        assertThat(c.disparateImpact()).isCloseTo(2, within(1e-12));
        assertThat(c.equalOpportunityDifference()).isCloseTo(.75 - 2 / 3.0, within(1e-12));
        assertThat(c.falsePositiveDifference()).isCloseTo(.5 - 1 / 7.0, within(1e-12));
        assertThat(f.warnings()).extracting(Fairness.Warning::kind).containsExactly("disparate-impact", "statistical-parity", "false-positives");
        assertThat(f.warnings()).noneMatch(Fairness.Warning::byChance);
        assertThat(f.warnings().get(0).text()).isEqualTo(
                "gender 'f' is selected 2.00 times as often as 'm': 0.60 against 0.30; disparate impact is 2.00, the limit 1.25.");
        assertThat(judge("f", 20).comparisons().get(0).disparateImpact()).isCloseTo(.5, within(1e-12));
    }

    @Test
    void equalTreatmentGivesNoWarning() {
        Fairness f = add("a", 40, 10, 140, 10).add("b", 20, 5, 70, 5).judge(null, 10);
        assertThat(f.warnings()).isEmpty();
        assertThat(f.comparisons()).containsExactly(new Fairness.Comparison("b", 0, 1, 0, 0));
    }

    @Test
    void smallGroupsAreNamedAndNotCompared() {
        Fairness f = add("a", 40, 10, 140, 10).add("b", 1, 0, 2, 0).judge(null, 10);
        assertThat(f.comparisons()).isEmpty();
        assertThat(f.groups()).hasSize(2);
        assertThat(f.warnings()).extracting(Fairness.Warning::kind).containsExactly("small-group", "nothing-to-compare");
        assertThat(f.warnings().get(0).text()).isEqualTo("gender 'b' has 3 cases; at least 10 are needed to compare it.");
    }

    @Test
    void ratesOfTooFewPositiveCasesAreNotCompared() {
        Fairness f = add("a", 5, 5, 90, 0).add("b", 0, 10, 90, 5).judge(null, 10);
        assertThat(f.comparisons().get(0).equalOpportunityDifference()).isNaN();
        assertThat(f.comparisons().get(0).falsePositiveDifference()).isNotNaN();
        assertThat(f.warnings()).noneMatch(w -> w.kind().equals("equal-opportunity"));
    }

    @Test
    void saysWhereADifferenceMayBeChance() {
        Fairness f = add("a", 3, 2, 20, 0).add("b", 2, 1, 20, 1).judge("a", 20);
        assertThat(f.warnings()).anySatisfy(w -> {
            assertThat(w.kind()).isEqualTo("disparate-impact");
            assertThat(w.byChance()).isTrue();
            assertThat(w.text()).endsWith("which so few cases may show by chance.");
        });
    }

    @Test
    void nobodySelectedHasNoRatio() {
        Fairness f = add("a", 0, 0, 100, 0).add("b", 0, 0, 90, 0).judge(null, 10);
        assertThat(f.comparisons().get(0).disparateImpact()).isNaN();
        assertThat(f.warnings()).isEmpty();
    }

    @Test
    void refusesAnUnknownReference() {
        add("a", 1, 1, 1, 1);
        assertThatThrownBy(() -> judge("z", 1)).isInstanceOf(IllegalArgumentException.class).hasMessage("nobody's gender is 'z'; there are [a]");
        assertThatThrownBy(() -> Fairness.of("x", new boolean[0], new boolean[0], List.of(), null, 1)).hasMessageContaining("0 decisions");
    }
}
