package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.testkit.model.ToyModel;

/**
 * What every strategy that says how a score comes about promises. Subclass it, give {@link #explainer}; a strategy that is a heuristic, such as
 * attention weights, widens {@link #additiveTolerance}; one that needs an ability of the model that
 * {@link ToyModel} does not have wraps it in {@link #equip}.
 */
public abstract class ExplainerContract extends FindingContract<Attribution> {
    /** How far a contribution may be from the true one on an additive model, standard errors aside. 1e-6 by default. */
    protected double additiveTolerance() {
        return 1e-6;
    }

    /** How far the parts may be from adding up, as a share of the score. 1e-9 by default. */
    protected double sumTolerance() {
        return 1e-9;
    }

    private ToyModel additive() {
        return ToyModel.additive(schema);
    }

    private ToyModel withPair() {
        return additive().withPair(2, 3, 4);
    }

    @Override
    final Class<Attribution> kind() {
        return Attribution.class;
    }

    @Override
    final ToyModel model() {
        return withPair();
    }

    /** What holds for every attribution, partial ones included. */
    @Override
    final void sound(Attribution a, ToyModel model, SequenceInstance input) {
        double score = model.scoreOf(input, a.target());
        assertThat(a.score()).as("score of target %d: the model's own, for the whole input", a.target())
                .isCloseTo(score, within(sumTolerance() * Math.max(1, Math.abs(score))));
        assertThat(a.localFit()).as("local fit: an R² is a number of at most 1; NaN without a simple model").matches(f -> Double.isNaN(f)
                || f > Double.NEGATIVE_INFINITY && f <= 1);
        double sum = a.baseValue() + a.completenessGap();
        List<Integer> positions = new ArrayList<>();
        for (Contribution c : a.contributions()) {
            assertThat(c.value()).as("contribution %s: a finite number", c).isFinite();
            assertThat(c.stdError()).as("standard error of %s: 0 for exact methods, otherwise what the sampling leaves open", c)
                    .isFinite().isNotNegative();
            assertThat(c.feature()).as("a contribution names its feature, such as history:50").isNotBlank();
            positions.add(c.position());
            sum += c.value();
        }
        assertThat(positions).as("positions: each event at most once, counted from 0 in the model's input")
                .doesNotHaveDuplicates().allMatch(p -> p >= 0 && p < input.length());
        assertThat(a.contributions()).extracting(Contribution::value).as("contributions: largest first")
                .isSortedAccordingTo((x, y) -> Double.compare(y, x));
        assertThat(sum).as("baseValue + contributions + completenessGap must be the score; report what is left as the gap, don't"
                + " hide it (%s)", a).isCloseTo(a.score(), within(sumTolerance() * Math.max(1, Math.abs(score))));
    }

    @Test
    @DisplayName("base value, contributions and completeness gap add up to the score")
    protected void partsAddUp() {
        for (ToyModel model : List.of(additive(), withPair())) {
            for (Attribution a : explain(model, 7)) {
                sound(a, model, history);
            }
        }
    }

    @Test
    @DisplayName("finds the exact contribution of every event of an additive model")
    protected void findsTheTermsOfAnAdditiveModel() {
        ToyModel model = additive();
        for (Attribution a : explain(model, 7)) {
            double[] exact = model.leaveOneOut(history, a.target());
            assertThat(a.contributions()).as("contributions with an ample budget: every event").hasSize(history.length());
            for (Contribution c : a.contributions()) {
                assertThat(c.value()).as("contribution of event %d to target %d: this model adds exactly that for it", c.position(),
                        a.target()).isCloseTo(exact[c.position()], within(additiveTolerance() + 4 * c.stdError()));
            }
        }
    }

    @Test
    @DisplayName("answers of different seeds differ by no more than the standard errors say")
    protected void standardErrorsAreHonest() {
        List<Attribution> first = explain(withPair(), 1);
        for (long seed = 2; seed < 10; seed++) {
            List<Attribution> other = explain(withPair(), seed);
            for (int t = 0; t < targets.length; t++) {
                for (Contribution c : first.get(t).contributions()) {
                    Contribution d = other.get(t).contributions().stream().filter(x -> x.position() == c.position()).findFirst()
                            .orElseThrow(() -> new AssertionError("the seed decides which events are explained: " + c));
                    double allowed = 6 * Math.hypot(c.stdError(), d.stdError()) + 1e-9;
                    assertThat(d.value()).as("event %d under seed %d and under seed 1 (%s): the difference is more than six"
                            + " standard errors; report the sampling error in stdError", c.position(), seed, c)
                            .isCloseTo(c.value(), within(allowed));
                }
            }
        }
    }
}
