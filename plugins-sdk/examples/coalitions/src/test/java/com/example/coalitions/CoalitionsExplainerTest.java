package com.example.coalitions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;

class CoalitionsExplainerTest {
    private final FeatureSchema schema = FeatureSchemas.items(12);
    private final ToyModel model = ToyModel.additive(schema).withPair(2, 3, 4);

    /** The Banzhaf value of a pair gives each half of it, as its Shapley value does. */
    @Test
    void bothOfAPairGetHalf() {
        double[] exact = model.shapley(Histories.sequence(2, 3, 7), 5);
        for (Contribution c : explain(20_000).contributions()) {
            assertThat(c.value()).isCloseTo(exact[c.position()], within(5 * c.stdError()));
        }
    }

    @Test
    void fourTimesTheBudgetHalvesTheError() {
        double few = explain(1_000).contributions().get(0).stdError();
        assertThat(explain(4_000).contributions().get(0).stdError()).isCloseTo(few / 2, within(few * 0.1));
    }

    private Attribution explain(int budget) {
        return new CoalitionsExplainer().explain(ExplanationContext.of(model, schema, Histories.sequence(2, 3, 7), 5).withBudget(budget)).get(0);
    }
}
