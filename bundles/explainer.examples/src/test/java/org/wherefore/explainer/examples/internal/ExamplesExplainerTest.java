package org.wherefore.explainer.examples.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Version;
import org.wherefore.api.Parameters;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Evidence.Precedent;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;

class ExamplesExplainerTest {
    private final ExamplesExplainer explainer = new ExamplesExplainer(Version.parseVersion("1.2.3.SNAPSHOT"));
    private final FeatureSchema schema = FeatureSchemas.items(12);
    private final ToyModel model = ToyModel.additive(schema);
    private final SequenceInstance history = Histories.sequence(1, 2, 3);
    private final List<Example> cases = List.of(Histories.example(7, 8, 9), Histories.example(1, 2, 5), Histories.example(2, 3, 4, 5),
            Histories.example(1, 2, 3, 0), Histories.example(3, 2, 1, 11));

    /** A model without any ability. */
    private record Plain(Model inside) implements Model {
        @Override
        public ModelInfo info() {
            return inside.info();
        }

        @Override
        public List<Output> predict(Instance instance, int k, BitSet excluded) {
            return inside.predict(instance, k, excluded);
        }

        @Override
        public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
            return inside.score(instances, targets, excluded, ranks);
        }

        @Override
        public <T> Optional<T> adapt(Class<T> ability) {
            return Optional.empty();
        }

        @Override
        public void close() {}
    }

    private Evidence explain(Model by, int budget, Map<String, String> parameters) {
        return explainer.explain(ExplanationContext.of(by, schema, history, 5).withCases(cases).withBudget(budget)
                .withParameters(Parameters.bind("", explainer.parameters(), parameters))).get(0);
    }

    @Test
    void likenessIsTheCosineOfPlacesWhereTheModelHasThem() {
        Evidence e = explain(model, 100, Map.of());
        // to the toy model a history is how often each item is in it, whatever the order
        assertThat(e.cases()).extracting(Precedent::index).containsExactly(3, 4, 1, 2, 0);
        assertThat(e.cases().get(1).similarity()).isCloseTo(1, within(1e-12));
        assertThat(e.cases().get(2).similarity()).isCloseTo(2 / Math.sqrt(6), within(1e-12));
        assertThat(e.cases().get(2)).isEqualTo(new Precedent(1, e.cases().get(2).similarity(), "i5", true, List.of("history:i2", "history:i1")));
        assertThat(e.looked()).isEqualTo(5);
    }

    @Test
    void likenessIsWhatHistoriesShareWhereTheModelHasNoPlaces() {
        Evidence e = explain(new Plain(model), 100, Map.of("cases", "3"));
        assertThat(e.cases()).extracting(Precedent::index).as("what they share of all that they have").containsExactly(3, 4, 1);
        assertThat(e.cases().get(0).similarity()).isEqualTo(1);
        assertThat(e.cases().get(1).similarity()).isBetween(0.8, 0.99);
        assertThat(explain(new Plain(model), 100, Map.of()).cases()).filteredOn(p -> p.index() == 0).extracting(Precedent::similarity).containsExactly(0.0);
    }

    @Test
    void placesTheCasesThatShareMostWhenTheBudgetIsSmall() {
        Evidence e = explain(model, 4, Map.of("cases", "2"));
        assertThat(e.looked()).isEqualTo(2);
        assertThat(e.cases()).extracting(Precedent::index).containsExactly(3, 4);
        assertThat(explain(model, 1, Map.of("cases", "2")).looked()).as("no budget to place any: all by what they share").isEqualTo(5);
    }

    @Test
    void leavesCasesOfAnotherKindAside() {
        Evidence e = explainer.explain(ExplanationContext.of(model, schema, history, 5)
                .withCases(List.of(new Example(new org.wherefore.api.feature.TableInstance(1, 2), 5), Histories.example(1, 2, 5)))
                .withParameters(Parameters.bind("", explainer.parameters(), Map.of()))).get(0);
        assertThat(e.cases()).extracting(Precedent::index).containsExactly(1);
    }

    @Test
    void namesTheBundlesReleaseAsItsVersion() {
        assertThat(explainer.version()).isEqualTo("1.2.3");
        assertThat(explainer.name()).isEqualTo("examples");
    }
}
