package org.wherefore.core.internal.global;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.registry.Staged;
import org.wherefore.core.internal.guard.Bulkhead;
import org.wherefore.core.internal.train.Evaluation;
import org.wherefore.testkit.data.ToyData;
import org.wherefore.testkit.plugin.ToyConnector;
import org.wherefore.testkit.plugin.ToyEngine;
import org.wherefore.testkit.plugin.ToyExplainer;
import org.wherefore.testkit.plugin.ToyExtractor;
import org.wherefore.testkit.plugin.ToyPack;
import org.wherefore.testkit.service.MemoryPlugins;
import org.wherefore.testkit.service.MemoryRegistry;
import org.wherefore.testkit.service.RecordingProgress;

class GlobalMeasureTest {
    private static final ModelRef MODEL = ModelRef.version("toy", 1);
    private final CleanData data = ToyData.shop(60, 12, 3);
    private final MemoryPlugins plugins = new MemoryPlugins().install(new ToyPack(), new ToyEngine(), new ToyExtractor(), new ToyConnector(),
            new ToyExplainer());
    private final MemoryRegistry registry = new MemoryRegistry(plugins);
    private final GlobalMeasure measure = new GlobalMeasure(plugins, registry, new Bulkhead());

    @BeforeEach
    void train() {
        FittedExtractor extractor = new ToyExtractor().fit(data, Map.of());
        List<Example> examples = Evaluation.trainingHistories(data.histories()).values().stream()
                .map(h -> (SequenceInstance) extractor.extract(new org.wherefore.api.data.History(h))).map(h -> new Example(h.prefix(h.length() - 1), h.item(h.length() - 1))).toList();
        try (Staged staged = registry.stage("toy")) {
            extractor.save(staged);
            new ToyEngine().train(new TrainingRequest(extractor.schema(), examples, List.of(), Map.of(), 7, 1, null), staged, new RecordingProgress());
            registry.commit(staged, "toy", Map.of("extractor", "toy"), Map.of());
        }
    }

    private GlobalExplanation measured(int people, long seed) {
        return measure.measure(MODEL, data, people, seed, new ToyExplainer(), new RecordingProgress());
    }

    @Test
    void whatWasMeasuredIsStoredBesideTheVersionAndReadBackDigitForDigit() {
        assertThat(measure.last(MODEL)).isEmpty();
        GlobalExplanation measured = measured(30, 7);
        assertThat(measured.people()).isEqualTo(30);
        assertThat(measured.attributions().explained()).isEqualTo(30);
        assertThat(measured.attributions().strategy()).isEqualTo("toy");
        assertThat(measured.data()).isEqualTo(data.digest());
        assertThat(measured.model().version()).isEqualTo(1);
        assertThat(measured.importances().stream().filter(i -> i.feature().equals(GlobalExplanation.ORDER)).findFirst().orElseThrow().ndcg())
                .as("the toy model adds up").isEqualTo(new GlobalExplanation.Fall(0, 0, 0));
        assertThat(measure.last(MODEL)).hasValue(measured);
        assertThat(measured(30, 7)).isEqualTo(measured);
        GlobalExplanation all = measured(1_000, 8);
        assertThat(all.people()).isEqualTo(60);
        assertThat(measure.last(MODEL)).hasValue(all);
    }

    @Test
    void cancelledMeasurementsStoreNothing() {
        GlobalExplanation before = measured(20, 7);
        for (int updates : new int[] {0, 1, 5}) {
            assertThatThrownBy(() -> measure.measure(MODEL, data, 40, 8, new ToyExplainer(), RecordingProgress.cancelledAfter(updates)))
                    .isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        }
        assertThat(measure.last(MODEL)).hasValue(before);
    }

    @Test
    void progressGrowsToTheEnd() {
        RecordingProgress progress = new RecordingProgress();
        measure.measure(MODEL, data, 40, 7, new ToyExplainer(), progress);
        assertThat(progress.updates()).extracting(RecordingProgress.Update::done).isSorted().endsWith(1.0);
    }

    @Test
    void aStrategyThatFailsCostsTheContributionsOnly() {
        Explainer broken = new Explainer() {
            private final Explainer toy = new ToyExplainer();

            @Override
            public String name() {
                return "broken";
            }

            @Override
            public String version() {
                return "1.0.0";
            }

            @Override
            public List<org.wherefore.api.Parameter> parameters() {
                return List.of();
            }

            @Override
            public org.wherefore.api.Support supports(org.wherefore.api.model.spi.Model model, org.wherefore.api.feature.Instance instance) {
                return toy.supports(model, instance);
            }

            @Override
            public List<org.wherefore.api.explain.Finding> explain(ExplanationContext context) {
                throw new IllegalStateException("out of ideas");
            }
        };
        GlobalExplanation measured = measure.measure(MODEL, data, 4, 7, broken, new RecordingProgress());
        assertThat(measured.importances()).isNotEmpty();
        assertThat(measured.attributions().explained()).isZero();
        assertThat(measured.attributions().reason()).contains("out of ideas");
    }

    @Test
    void refusalsNameTheWayOut() {
        assertThatThrownBy(() -> measured(1, 7)).isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT));
        assertThatThrownBy(() -> measure.measure(ModelRef.version("toy", 9), data, 10, 7, new ToyExplainer(), new RecordingProgress()))
                .isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND)).hasMessageContaining("toy:9");
        CleanData strangers = new CleanData("strangers", Map.of(), List.of(), List.of(), List.of(), 0, "sha256:0");
        assertThatThrownBy(() -> measure.measure(MODEL, strangers, 10, 7, new ToyExplainer(), new RecordingProgress()))
                .isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA)).hasMessageContaining("strangers");
    }

    @Test
    void aNoteOfAnotherFormatCountsAsNoneAndADamagedOneIsTold() {
        registry.keep(MODEL, GlobalMeasure.NOTE, "{\"format\":2,\"more\":true}".getBytes(UTF_8));
        assertThat(measure.last(MODEL)).isEmpty();
        registry.keep(MODEL, GlobalMeasure.NOTE, "{\"format\":1,".getBytes(UTF_8));
        assertThatThrownBy(() -> measure.last(MODEL)).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE)).hasMessageContaining("evaluate --global");
        assertThat(measure.last(ModelRef.version("other", 1))).isEmpty();
    }
}
