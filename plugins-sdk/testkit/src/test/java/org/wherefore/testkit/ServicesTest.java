package org.wherefore.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Population;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.History;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataSet;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.journal.Feedback;
import org.wherefore.api.journal.FeedbackCount;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.Output;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Staged;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.data.Records;
import org.wherefore.testkit.data.ToyData;
import org.wherefore.testkit.model.ToyModel;
import org.wherefore.testkit.plugin.ToyConnector;
import org.wherefore.testkit.plugin.ToyEngine;
import org.wherefore.testkit.plugin.ToyExplainer;
import org.wherefore.testkit.plugin.ToyExtractor;
import org.wherefore.testkit.plugin.ToyPack;
import org.wherefore.testkit.service.MemoryArtifact;
import org.wherefore.testkit.service.MemoryJournal;
import org.wherefore.testkit.service.MemoryPlugins;
import org.wherefore.testkit.service.MemoryRegistry;
import org.wherefore.testkit.service.RecordingProgress;

class ServicesTest {
    private final MemoryPlugins plugins = new MemoryPlugins().install(new ToyPack(), new ToyEngine(), new ToyExtractor(),
            new ToyExplainer(), new ToyConnector());
    private final MemoryRegistry registry = new MemoryRegistry(plugins);

    private ModelVersion commit(long seed) {
        FittedExtractor fitted = plugins.extractor("toy").fit(ToyData.shop(20, 6, 1), Map.of());
        try (Staged staged = registry.stage("toy")) {
            fitted.save(staged);
            plugins.engine("toy").train(ToyData.request(fitted.schema(), Map.of(), seed), staged, new RecordingProgress());
            return registry.commit(staged, "toy", Map.of("extractor", "toy"), Map.of("hr@10", 1.0));
        }
    }

    private static void fails(ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void leasesWhatWasCommittedAndClosesItAfterTheLastLease() {
        assertThat(commit(1).info().version()).isEqualTo(1);
        ModelVersion second = commit(2);
        assertThat(second.info().digest()).isNotEqualTo(registry.versions("toy").get(0).info().digest()).startsWith("sha256:");
        registry.promote("toy", ModelRef.CHAMPION, 2, "me", "better");
        Lease lease = registry.lease(ModelRef.parse("toy")).orElseThrow();
        Lease other = registry.lease(ModelRef.parse("toy:2")).orElseThrow();
        ToyModel model = (ToyModel) lease.model();
        assertThat(lease.extractor().schema().targets()).hasSize(6);
        assertThat(model.predict(Histories.sequence(2), 1, new BitSet())).hasSize(1);
        assertThat(other.model()).isSameAs(model);
        lease.close();
        lease.close();
        assertThat(model.isClosed()).isFalse();
        other.close();
        assertThat(model.isClosed()).isTrue();
        assertThatThrownBy(lease::model).isInstanceOf(IllegalStateException.class);
        assertThat(registry.lease(ModelRef.parse("toy:9"))).isEmpty();
    }

    @Test
    void movesAliasesForthAndBack() {
        commit(1);
        commit(2);
        fails(ErrorCode.NOT_FOUND, () -> registry.promote("toy", "champion", 3, "me", "no such version"));
        assertThat(registry.promote("toy", "champion", 1, "me", "first").from()).isZero();
        fails(ErrorCode.CONFLICT, () -> registry.rollback("toy", "champion", "me", "nothing before"));
        registry.promote("toy", "champion", 2, "me", "better");
        assertThat(registry.rollback("toy", "champion", "me", "worse").to()).isEqualTo(1);
        assertThat(registry.aliases("toy")).containsExactly(Map.entry("champion", 1));
        assertThat(registry.transitions("toy")).extracting(t -> t.from() + ">" + t.to()).containsExactly("0>1", "1>2", "2>1");
    }

    @Test
    void notesAreKeptBesideAVersionAndReplaced() {
        String digest = commit(1).info().digest();
        ModelRef ref = ModelRef.version("toy", 1);
        assertThat(registry.kept(ref, "figures")).isEmpty();
        byte[] content = {1};
        registry.keep(ref, "figures", content);
        content[0] = 9;
        assertThat(registry.kept(ref, "figures")).hasValue(new byte[] {1});
        registry.keep(ref, "figures", new byte[] {2});
        assertThat(registry.kept(ref, "figures")).hasValue(new byte[] {2});
        assertThat(registry.versions("toy").get(0).info().digest()).isEqualTo(digest);
        fails(ErrorCode.NOT_FOUND, () -> registry.keep(ModelRef.version("toy", 9), "figures", content));
        fails(ErrorCode.INVALID_INPUT, () -> registry.keep(ref, "../figures", content));
        fails(ErrorCode.INVALID_INPUT, () -> registry.kept(ref, "../figures"));
    }

    @Test
    void missingPluginsAndStolenStagesAreRefused() {
        commit(1);
        plugins.uninstall(plugins.engine("toy"));
        fails(ErrorCode.MODEL_UNAVAILABLE, () -> registry.lease(ModelRef.version("toy", 1)));
        fails(ErrorCode.NOT_FOUND, () -> plugins.engine("toy"));
        Staged closed = registry.stage("toy");
        Path folder = closed.folder();
        assertThat(folder).isDirectory();
        closed.close();
        assertThat(folder).doesNotExist();
        fails(ErrorCode.CONFLICT, () -> registry.commit(closed, "toy", Map.of(), Map.of()));
        assertThatThrownBy(() -> plugins.install("a text")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void anArtifactIsAsStrictAsTheStoredOne() throws IOException {
        MemoryArtifact artifact = new MemoryArtifact();
        OutputStream one = artifact.create("one");
        one.write(1);
        assertThat(artifact.unclosed()).isEqualTo("one");
        assertThatThrownBy(() -> artifact.create("two")).isInstanceOf(IllegalStateException.class);
        one.close();
        one.close();
        assertThatThrownBy(() -> artifact.create("one")).isInstanceOf(IllegalStateException.class);
        fails(ErrorCode.INVALID_INPUT, () -> artifact.create("../up"));
        fails(ErrorCode.NOT_FOUND, () -> artifact.open("two"));
        assertThat(artifact.bytes("one")).containsExactly(1);
        assertThat(artifact.with("one", new byte[] {2})).isNotEqualTo(artifact);
        assertThat(artifact.with("one", new byte[] {1})).isEqualTo(artifact).hasSameHashCodeAs(artifact);
        assertThat(artifact.with("one", null).entries()).isEmpty();
    }

    @Test
    void theJournalRemembersAndCounts() {
        MemoryJournal journal = new MemoryJournal();
        CleanData data = ToyData.shop(4, 5, 1);
        journal.importData("toy", data);
        assertThat(journal.history("toy", "u0", 3)).isEqualTo(data.histories().get("u0").subList(5, 8));
        assertThat(journal.append("toy", Histories.events("new", "i0", "i1"))).isEqualTo(2);
        assertThat(journal.append("toy", Histories.events("new", "i0", "i1", "i2"))).isEqualTo(1);
        Population population = journal.population("toy");
        assertThat(population.users()).isEqualTo(5);
        assertThat(population.users("i0", "i1")).isPositive().isLessThanOrEqualTo(population.users("i0"));
        assertThat(population.popularityRank("nothing")).isEqualTo(6);
        journal.put("toy", new Entity("item", "i9", "Nine", Map.of()));
        assertThat(journal.entities("toy", "item", null, 4).nextCursor()).isEqualTo("i3");
        assertThat(journal.entities("toy", "item", "i3", 4).items()).extracting(Entity::id).containsExactly("i4", "i9");
        assertThat(journal.delete("toy", "item", "i9")).isTrue();
        assertThat(journal.entity("toy", "item", "i9")).isEmpty();
        StoredPrediction p = new StoredPrediction("p", "toy", new ModelInfo("toy", 1, "toy", "sha256:0"), "u0", new History(List.of()), List.of(),
                List.of(new Output(0, "i0", 1, 1)), List.of(), "", Instant.EPOCH);
        journal.record(p);
        assertThat(journal.prediction("p")).contains(p);
        assertThat(journal.predictionCounts("toy")).containsExactly(Map.entry("toy:1", 1L));
        journal.record(new Feedback("f", "p", "i0", "click", 1, "", "me", Instant.EPOCH));
        fails(ErrorCode.NOT_FOUND, () -> journal.record(new Feedback("g", "p", "i1", "click", 1, "", "me", Instant.EPOCH)));
        assertThat(journal.feedbackCounts("toy")).containsExactly(new FeedbackCount("toy", 1, "click", false, 1));
    }

    @Test
    void theToySampleReadsBackAsWritten(@TempDir Path folder) {
        assertThat(plugins.domain("toy").writeSample(folder, 1)).isPresent();
        Source source = new Source("toy", "events", folder.resolve("toy-events.txt"), Map.of(), Map.of());
        try (DataSet set = plugins.connector("toy").open(source, Records.EVENTS)) {
            List<String> read = new java.util.ArrayList<>();
            set.records(b -> { throw new AssertionError(b.toString()); }).forEachRemaining(r -> read.add(r.text("user").orElseThrow()
                    + r.text("item").orElseThrow() + r.time("time").orElseThrow()));
            assertThat(read).containsExactlyElementsOf(ToyData.shop(20, 8, 1).histories().values().stream().flatMap(List::stream)
                    .map(e -> e.user() + e.item() + e.time()).toList());
        }
        assertThat(Records.values(Records.event(3, "u", "i", null, Instant.EPOCH))).containsExactly("u", "i", null, Instant.EPOCH);
    }

    @Test
    void theDefaultStrategyIsTheOneInstalledFirst() {
        assertThat(plugins.explainer("").name()).isEqualTo("toy");
        fails(ErrorCode.NOT_FOUND, () -> plugins.explainer("other"));
    }
}
