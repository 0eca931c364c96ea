package com.example.departures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.wherefore.api.Parameters;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;

class DeparturesExplainerTest {
    private final FeatureSchema schema = FeatureSchemas.items(12);
    /** Items 2 and 3 add 4 together: whoever leaves first takes it away. */
    private final ToyModel model = ToyModel.additive(schema).withPair(2, 3, 4);

    @Test
    void theParameterDecidesWhoOfAPairGetsIt() {
        double alone = ToyModel.additive(schema).leaveOneOut(Histories.sequence(2, 3), 5)[0];
        assertThat(value(explain("oldest"), 0)).isCloseTo(alone + 4, within(1e-9));
        assertThat(value(explain("newest"), 0)).isCloseTo(alone, within(1e-9));
    }

    @Test
    void aValueThatIsNoneOfThoseIsNamed() {
        assertThatThrownBy(() -> explain("middle")).hasMessage("first is oldest or newest, got 'middle'");
    }

    private Attribution explain(String first) {
        DeparturesExplainer strategy = new DeparturesExplainer();
        return strategy.explain(ExplanationContext.of(model, schema, Histories.sequence(2, 3), 5)
                .withParameters(Parameters.bind("/explain/parameters/", strategy.parameters(), Map.of("first", first)))).get(0);
    }

    private static double value(Attribution a, int position) {
        return a.contributions().stream().filter(c -> c.position() == position).mapToDouble(Contribution::value).sum();
    }
}
