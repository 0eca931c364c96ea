package org.wherefore.core.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.predict.StrategyState;
import org.wherefore.core.internal.guard.Bulkhead;
import org.wherefore.core.internal.predict.Asked;
import org.wherefore.core.internal.predict.ExplanationMaker;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;
import org.wherefore.testkit.plugin.ToyExplainer;
import org.wherefore.testkit.plugin.ToyPack;
import org.wherefore.testkit.service.MemoryPopulation;

/** Strategies that come, misbehave and are replaced. */
class InstalledPluginsTest {
    private final Bulkhead bulkhead = new Bulkhead();
    private final InstalledPlugins plugins = new InstalledPlugins(bulkhead, null);

    @AfterEach
    void close() {
        bulkhead.close();
    }

    @Test
    void aQuarantinedStrategyIsListedAndAnotherVersionOfItAnswers() {
        List<StrategyState> told = new ArrayList<>();
        Runnable stop = plugins.listen(told::add);
        Named bad = new Named("shop", true);
        plugins.addExplainer(bad);
        plugins.addExplainer(new ToyExplainer());
        for (int i = 0; i < 3; i++) {
            assertThat(explain("shop").status()).isEqualTo(Explanation.FAILED);
        }
        assertThat(plugins.states()).extracting(StrategyState::state).containsExactly("quarantined", "active");
        assertThat(explain("toy").status()).isEqualTo(Explanation.COMPLETE);
        Named mended = new Named("shop", false);
        plugins.addExplainer(mended);
        assertThat(explain("shop").status()).isEqualTo(Explanation.COMPLETE);
        plugins.removeExplainer(mended);
        assertThat(explain("shop").reason()).contains("quarantined");
        assertThat(plugins.release("shop").state()).isEqualTo("active");
        assertThat(explain("shop").reason()).contains("threw");
        assertThat(told).extracting(StrategyState::state).containsExactly("quarantined", "active");
        stop.run();
        plugins.removeExplainer(bad);
        assertThat(plugins.states()).extracting(StrategyState::name).containsExactly("toy");
        assertThatThrownBy(() -> plugins.release("shop")).hasMessageContaining("installed: toy");
    }

    @Test
    void oneThatCanNotSayItsNameHarmsNoOther() {
        plugins.addExplainer(new Named(null, false));
        plugins.addExplainer(new ToyExplainer());
        assertThat(plugins.explainer("toy").name()).isEqualTo("toy");
        assertThat(plugins.explainers()).extracting(Explainer::name).containsExactly(Named.class.getName(), "toy");
        assertThatThrownBy(() -> plugins.release(Named.class.getName())).isInstanceOf(WhereforeException.class)
                .hasMessageContaining("install a version that can");
    }

    @Test
    void aPropertyNamesTheStrategyOfRequestsThatNameNone() {
        InstalledPlugins other = new InstalledPlugins(bulkhead, " toy ");
        assertThatThrownBy(() -> other.explainer("")).isInstanceOf(WhereforeException.class).hasMessageContaining("'toy'");
        other.addExplainer(new ToyExplainer());
        assertThat(other.explainer("").name()).isEqualTo("toy");
    }

    private Explanation explain(String strategy) {
        FeatureSchema schema = FeatureSchemas.items(8);
        ToyModel model = ToyModel.additive(schema);
        SequenceInstance history = Histories.sequence(0, 1, 2, 3);
        return new ExplanationMaker(bulkhead).personal(Asked.ofHistory(new ToyPack(), model, schema, history, new BitSet(),
                model.predict(history, 1, new BitSet()), new MemoryPopulation(List.of())), plugins.explainer(strategy), ExplanationRequest.defaults(Locale.ENGLISH)).get(0);
    }

    private record Named(String name, boolean throwing) implements Explainer {
        @Override
        public String version() {
            return "1.0.0";
        }

        @Override
        public List<Parameter> parameters() {
            return List.of();
        }

        @Override
        public Support supports(Model model, Instance instance) {
            return Support.yes();
        }

        @Override
        public List<? extends Finding> explain(ExplanationContext context) {
            if (throwing) {
                throw new IllegalStateException("bad day");
            }
            return new ToyExplainer().explain(context);
        }
    }
}
