package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Evidence.Precedent;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;

/** What every strategy that gives cases for and against promises: they are the model's own, nearest first. Subclass it, give {@link #explainer}. */
public abstract class EvidenceContract extends FindingContract<Evidence> {
    /** One of them has the very history that is explained. */
    private static final List<Example> CASES = List.of(Histories.example(8, 9, 10, 0), Histories.example(0, 1, 2, 3, 4, 7, 3, 5),
            Histories.example(0, 1, 2, 5), Histories.example(9, 10, 11), Histories.example(3, 4, 7, 11), Histories.example(6, 8, 5),
            Histories.example(1, 2, 3, 4, 8, 0), Histories.example(9, 8, 6, 11));

    @Override
    final Class<Evidence> kind() {
        return Evidence.class;
    }

    @Override
    final ToyModel model() {
        return ToyModel.additive(schema).withPair(2, 3, 4);
    }

    @Override
    final ExplanationContext ask(ExplanationContext plain) {
        return plain.withCases(CASES);
    }

    @Override
    final void sound(Evidence e, ToyModel model, SequenceInstance input) {
        assertThat(e.score()).as("score of target %d: the model's own", e.target()).isCloseTo(model.scoreOf(input, e.target()), within(1e-9));
        assertThat(e.looked()).as("looked: how many of the %d cases were compared, at least those given", CASES.size())
                .isBetween(e.cases().size(), CASES.size());
        assertThat(e.cases()).extracting(Precedent::index).as("cases: each once").doesNotHaveDuplicates();
        assertThat(e.cases()).extracting(Precedent::similarity).as("cases: nearest first, 1 being equal")
                .isSortedAccordingTo((a, b) -> Double.compare(b, a)).allMatch(s -> s <= 1 + 1e-9);
        for (Precedent p : e.cases()) {
            assertThat(p.index()).as("index of %s: in the context's cases", p).isBetween(0, CASES.size() - 1);
            Example given = CASES.get(p.index());
            assertThat(p.outcome()).as("outcome of %s: the id of the case's target", p).isEqualTo(schema.targets().get(given.target()));
            assertThat(p.supports()).as("whether %s ended with target %d", p, e.target()).isEqualTo(given.target() == e.target());
            SequenceInstance other = (SequenceInstance) given.instance();
            for (String shared : p.shared()) {
                int item = schema.targets().indexOf(shared.substring(shared.indexOf(':') + 1));
                assertThat(has(input, item) && has(other, item)).as("'%s', which input and case %d are said to share", shared, p.index()).isTrue();
            }
        }
    }

    private static boolean has(SequenceInstance history, int item) {
        return IntStream.of(history.items()).anyMatch(i -> i == item);
    }

    @Test
    @DisplayName("the cases are the model's own, with how they ended, nearest first")
    protected void casesAreTrue() {
        explain(model(), 7).forEach(e -> sound(e, model(), history));
    }

    @Test
    @DisplayName("finds the case that is equal")
    protected void findsTheEqualCase() {
        for (Evidence e : explain(model(), 7)) {
            assertThat(e.cases()).as("cases with an ample budget").isNotEmpty();
            assertThat(e.cases().get(0).index()).as("the nearest of the cases: one has the history that is explained").isEqualTo(1);
            assertThat(e.cases().get(0).similarity()).as("similarity of a case that is equal").isCloseTo(1, within(1e-6));
        }
    }

    @Test
    @DisplayName("gives no case where there are none")
    protected void needsCases() {
        ExplanationContext plain = ExplanationContext.of(equip(model()), schema, history, targets).withBudget(ampleBudget(history.length()));
        assertThat(findings(explainer(), plain)).as("a model version that keeps no cases").allMatch(e -> e.cases().isEmpty() && e.looked() == 0);
    }
}
