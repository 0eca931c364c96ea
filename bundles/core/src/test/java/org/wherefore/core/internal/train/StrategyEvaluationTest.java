package org.wherefore.core.internal.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.wherefore.api.train.StrategyComparison;
import org.wherefore.core.internal.quality.Measures;

class StrategyEvaluationTest {
    @Test
    void strategiesAreOrderedByTheMeanOfTheirPlaces() {
        List<StrategyComparison.Row> placed = StrategyEvaluation.placed(List.of(row("no", "can't", Map.of()),
                row("b", "", Map.of("deletion", 0.2, "insertion", 0.8, "infidelity", 0.1, "sensitivity", 0.3, "stability", 1.0)),
                row("a", "", Map.of("deletion", 0.1, "insertion", 0.9, "infidelity", 0.2, "sensitivity", 0.1, "stability", 1.0)),
                row("c", "", Map.of("deletion", 0.3, "insertion", 0.7, "infidelity", 0.3, "stability", 0.5))));
        assertThat(placed).extracting(StrategyComparison.Row::name).containsExactly("a", "b", "c", "no");
        // a: 1, 1, 2, 1 and half of a tie for the first two; c has no sensitivity and is last in it
        assertThat(placed.get(0).figures().get(StrategyComparison.PLACE)).isEqualTo((1 + 1 + 2 + 1 + 1.5) / 5, within(1e-12));
        assertThat(placed.get(2).figures().get(StrategyComparison.PLACE)).isEqualTo(3, within(1e-12));
        assertThat(placed.get(3).figures()).isEmpty();
    }

    @Test
    void curvesOfDifferentLengthsAreMeantOnOneGrid() {
        MeanCurves mean = new MeanCurves();
        assertThat(mean.mean()).isNull();
        mean.add(new Measures(new double[] {0, 1}, new double[] {1, 0}, new double[] {0, 1}, new double[] {1, 0}, 0));
        mean.add(new Measures(new double[] {0, 0.5, 1}, new double[] {1, 0, 0}, new double[] {0, 1, 1}, new double[] {1, 0.5, 0}, 0));
        mean.add(new Measures(new double[0], new double[0], new double[0], new double[0], Double.NaN));
        StrategyComparison.Curves c = mean.mean();
        assertThat(c.shares()).hasSize(21).startsWith(0, 0.05).endsWith(1);
        assertThat(c.deletion()[0]).isEqualTo(1);
        assertThat(c.deletion()[5]).isEqualTo((0.75 + 0.5) / 2, within(1e-12));
        assertThat(c.deletion()[10]).isEqualTo(0.25, within(1e-12));
        assertThat(c.insertion()[15]).isEqualTo((0.75 + 1) / 2, within(1e-12));
        assertThat(c.random()[15]).isEqualTo(0.25, within(1e-12));
    }

    private static StrategyComparison.Row row(String name, String reason, Map<String, Double> figures) {
        return new StrategyComparison.Row(name, "1.0.0", reason, figures, null);
    }
}
