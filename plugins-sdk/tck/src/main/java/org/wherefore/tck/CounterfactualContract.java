package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Counterfactual.Change;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.RankedScore;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;

/**
 * What every strategy that says what would change the outcome promises: what it gives was asked of the model and does it, and nothing
 * of it can be left out. Subclass it, give {@link #explainer}.
 */
public abstract class CounterfactualContract extends FindingContract<Counterfactual> {
    private static final int TARGETS = 12;
    private static final int SHOWN = 3;
    private static final BitSet EXCLUDED = new BitSet();

    static {
        EXCLUDED.set(10);
    }

    @Override
    final Class<Counterfactual> kind() {
        return Counterfactual.class;
    }

    /** Of the targets asked 5 and 11 are shown and 0 is not. Each event that speaks for 5 keeps it there. */
    @Override
    final ToyModel model() {
        return weighing(new double[][] {{2, 5, 4}, {4, 5, 3}, {1, 11, 2}, {3, 11, 1}, {7, 5, -1}, {0, 9, 3.5}});
    }

    /** {@code {item, target, weight}}; without events the first target is the best. */
    private ToyModel weighing(double[][] terms) {
        double[] bias = new double[TARGETS];
        double[][] weight = new double[TARGETS][TARGETS];
        for (int t = 0; t < TARGETS; t++) {
            bias[t] = (TARGETS - t) / 8.0;
        }
        for (double[] term : terms) {
            weight[(int) term[0]][(int) term[1]] = term[2];
        }
        return ToyModel.additive(new ModelInfo("toy", 1, "toy", "sha256:0"), schema, bias, weight);
    }

    @Override
    final ExplanationContext ask(ExplanationContext plain) {
        return plain.withRanking(EXCLUDED, SHOWN).withCases(List.of(Histories.example(2, 3, 5), Histories.example(4, 3, 11),
                Histories.example(0, 1, 2, 3, 4, 7, 3, 5), Histories.example(1, 2, 0), Histories.example(7, 2, 0), Histories.example(4, 1, 5)));
    }

    private static RankedScore rank(ToyModel model, SequenceInstance input, int target) {
        return model.score(List.of(input), new int[] {target}, EXCLUDED, true)[0][0];
    }

    /** The history with these changes. */
    private SequenceInstance changed(SequenceInstance input, List<Change> changes) {
        List<int[]> events = new ArrayList<>();
        for (int p = 0; p < input.length(); p++) {
            int at = p;
            List<Change> here = changes.stream().filter(c -> c.position() == at).toList();
            if (here.isEmpty()) {
                events.add(new int[] {input.item(p), input.kind(p)});
            } else if (!here.get(0).to().isEmpty()) {
                events.add(new int[] {schema.targets().indexOf(here.get(0).to()), input.kind(p)});
            }
        }
        return new SequenceInstance(events.stream().mapToInt(e -> e[0]).toArray(), events.stream().mapToInt(e -> e[1]).toArray());
    }

    @Override
    final void sound(Counterfactual c, ToyModel model, SequenceInstance input) {
        RankedScore whole = rank(model, input, c.target());
        assertThat(c.score()).as("score of target %d: the model's own, for the whole input", c.target()).isCloseTo(whole.score(), within(1e-9));
        assertThat(c.rank()).as("rank of target %d for the whole input, among those not excluded", c.target()).isEqualTo(whole.rank());
        assertThat(c.changes()).extracting(Change::position).as("changes: each event at most once").doesNotHaveDuplicates();
        for (Change change : c.changes()) {
            assertThat(change.feature()).as("a change names its feature, such as history:50").isNotBlank();
            assertThat(change.position()).as("position of %s: in the model's input", change).isBetween(0, input.length() - 1);
            assertThat(change.from()).as("what %s was before", change).isEqualTo(schema.targets().get(input.item(change.position())));
        }
        RankedScore after = c.found() ? rank(model, changed(input, c.changes()), c.target()) : whole;
        assertThat(c.scoreAfter()).as("scoreAfter of %s: the model's own for the changed input, score where there is no change", c)
                .isCloseTo(after.score(), within(1e-9));
        assertThat(c.rankAfter()).as("rankAfter of %s: the model's own for the changed input, rank where there is no change", c)
                .isEqualTo(after.rank());
        if (!Double.isNaN(c.plausibility())) {
            assertThat(c.plausibility()).as("plausibility of %s", c).isBetween(0.0, 1.0);
        }
        if (!c.found()) {
            return;
        }
        assertThat(whole.rank()).as("target %d is not among the %d shown: there is nothing to change", c.target(), SHOWN).isLessThanOrEqualTo(SHOWN);
        assertThat(after.rank()).as("rank with all changes of %s: ask the model before you give them; they must take the target out of"
                + " the %d shown", c, SHOWN).isGreaterThan(SHOWN);
        for (Change one : c.changes()) {
            List<Change> others = c.changes().stream().filter(x -> x != one).toList();
            assertThat(rank(model, changed(input, others), c.target()).rank()).as("rank without %s of %s: it can be left out, so leave it"
                    + " out", one, c).isLessThanOrEqualTo(SHOWN);
        }
    }

    @Test
    @DisplayName("what it gives takes the target out, and none of it can be left out")
    protected void changesDoItAndAreNeeded() {
        List<Counterfactual> found = explain(model(), 7);
        found.forEach(c -> sound(c, model(), history));
        assertThat(found).filteredOn(Counterfactual::found).as("changes with an ample budget; targets 5 and 11 are among those shown")
                .extracting(Counterfactual::target).containsExactly(5, 11);
    }

    @Test
    @DisplayName("finds the one event that decides")
    protected void findsTheEventThatDecides() {
        found(weighing(new double[][] {{2, 5, 4}}), 2);
    }

    @Test
    @DisplayName("finds two events that only do it together")
    protected void findsEventsThatDoItTogether() {
        found(weighing(new double[][] {{2, 5, 4}, {4, 5, 3}}), 2, 4);
    }

    @Test
    @DisplayName("finds both events on one item, which stand in for each other")
    protected void findsEventsThatStandInForEachOther() {
        found(weighing(new double[][] {{3, 5, 4}}), 3, 6);
    }

    private void found(ToyModel model, int... positions) {
        Counterfactual c = explain(model, history, new int[] {5}, 7, ampleBudget(history.length()), NEVER).get(0);
        sound(c, model, history);
        assertThat(c.changes()).as("the smallest change that takes target 5 out").hasSize(positions.length);
        assertThat(c.changes().stream().mapToInt(Change::position).sorted().toArray()).as("the events that it is about").containsExactly(positions);
    }

    @Test
    @DisplayName("gives no plausibility where there are no cases")
    protected void plausibilityNeedsCases() {
        ExplanationContext plain = ExplanationContext.of(equip(model()), schema, history, 5).withRanking(EXCLUDED, SHOWN)
                .withBudget(ampleBudget(history.length()));
        assertThat(findings(explainer(), plain).get(0).plausibility()).as("plausibility without cases: NaN").isNaN();
    }
}
