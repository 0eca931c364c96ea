package org.wherefore.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RoundsTest {
    @Test
    void alternatesAndComparesRoundByRound() {
        List<String> order = new ArrayList<>();
        Map<String, Rounds.Figures> figures = Rounds.run(List.of("a", "b"), c -> c, 3, c -> {
            order.add(c);
            return c.equals("a") ? 2 * order.size() : order.size();
        });
        assertThat(order).containsExactly("a", "b", "b", "a", "a", "b");
        assertThat(figures.get("a").values()).containsExactly(2, 8, 10);
        assertThat(figures.get("a").median()).isEqualTo(8);
        assertThat(Rounds.ratios(figures, "a"::equals)).containsOnlyKeys("ours/peer b");
        assertThat(Rounds.ratios(figures, "a"::equals).get("ours/peer b").values()).containsExactly(1, 8 / 3.0, 10 / 6.0);
    }

    @Test
    void comparesOursWithPeersOnly() {
        Map<String, Rounds.Figures> figures = Rounds.run(List.of("one", "two", "peer"), c -> c, 1, c -> c.length() + c.charAt(0));
        assertThat(Rounds.ratios(figures, c -> !c.equals("peer"))).containsOnlyKeys("ours/peer peer", "two/peer peer");
        assertThat(Rounds.ratios(figures, c -> true)).isEmpty();
    }

    @Test
    void startsAllContendersFromTheSameWeights() {
        Shape shape = new Shape(10, 4, 8, 2, 16, 4, 1e-3f);
        assertThat(shape.weights(7).get("item")).isEqualTo(shape.weights(7).get("item")).hasSize(80);
        assertThat(shape.weights(7)).containsKeys("block1.qkv", "norm.gain").hasSize(2 + 2 * 12 + 2);
    }
}
