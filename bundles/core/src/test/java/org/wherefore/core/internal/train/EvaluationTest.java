package org.wherefore.core.internal.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;

import org.junit.jupiter.api.Test;

class EvaluationTest {
    @Test
    void figuresFollowTheirClosedForms() {
        Map<String, Double> f = Evaluation.figures(new int[] {1, 3, 10, 11, Integer.MAX_VALUE});
        assertThat(f.get("hr@1")).isEqualTo(0.2);
        assertThat(f.get("hr@5")).isEqualTo(0.4);
        assertThat(f.get("hr@10")).isEqualTo(0.6);
        assertThat(f.get("ndcg@10")).isCloseTo((1 + 0.5 + 1 / (Math.log(11) / Math.log(2))) / 5, within(1e-12));
        assertThat(f.get("mrr@20")).isCloseTo((1 + 1 / 3.0 + 0.1 + 1 / 11.0) / 5, within(1e-12));
    }
}
