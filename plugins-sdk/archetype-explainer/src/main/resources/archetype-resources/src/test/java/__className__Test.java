package ${package};

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;

/** The strategy's own numbers, on a model whose answers are known. */
class ${className}Test {
    private final FeatureSchema schema = FeatureSchemas.items(12);
    /** Items 2 and 3 add 4 together, and nothing of that alone. */
    private final ToyModel model = ToyModel.additive(schema).withPair(2, 3, 4);
    private final SequenceInstance history = Histories.sequence(2, 7, 3);

    @Test
    void aPairIsPutDownToTheEventThatCompletedIt() {
        Attribution a = new ${className}().explain(ExplanationContext.of(model, schema, history, 5)).get(0);
        assertThat(a.completenessGap()).isCloseTo(0, within(1e-9));
        double with = value(a, 2);
        double alone = model.scoreOf(Histories.sequence(3), 5) - model.scoreOf(Histories.sequence(), 5);
        assertThat(with - alone).as("what item 3 gained by coming after item 2").isCloseTo(4, within(1e-9));
    }

    @Test
    void aSmallBudgetExplainsTheNewestEvents() {
        Attribution a = new ${className}().explain(ExplanationContext.of(model, schema, history, 5).withBudget(3)).get(0);
        assertThat(a.contributions()).extracting(Contribution::position).isEqualTo(List.of(2));
    }

    private static double value(Attribution a, int position) {
        return a.contributions().stream().filter(c -> c.position() == position).mapToDouble(Contribution::value).sum();
    }
}
