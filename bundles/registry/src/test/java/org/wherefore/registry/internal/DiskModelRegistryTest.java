package org.wherefore.registry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Input;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Staged;
import org.wherefore.api.registry.Traffic;

class DiskModelRegistryTest {
    @TempDir
    Path home;

    /** Fails at the n-th step; when it is dead, at every later one too. */
    static final class FaultyDisk extends Disk {
        int left = Integer.MAX_VALUE;
        boolean dies;
        boolean failed;

        @Override
        void step(String what, Path path) throws IOException {
            if (left == 0) {
                failed = true;
                if (!dies) {
                    left = Integer.MAX_VALUE;
                }
                throw new IOException("no space left on device (" + what + ")");
            }
            left--;
        }
    }

    DiskModelRegistry registry() {
        return new DiskModelRegistry(home, new Disk());
    }

    static ModelVersion add(DiskModelRegistry r, String name, String content) {
        try (Staged s = r.stage(name)) {
            try (OutputStream out = s.create("weights.bin")) {
                out.write(content.getBytes(StandardCharsets.UTF_8));
            }
            s.create("schema.json").close();
            return r.commit(s, "fake", Map.of("extractor", "seq", "seed", "7"), Map.of("ndcg@10", 0.25, "none", Double.NaN));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    static void fails(ErrorCode code, Runnable run, String... words) {
        assertThatThrownBy(run::run).isInstanceOfSatisfying(WhereforeException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.getMessage()).contains(words);
        });
    }

    @Test
    void countsFilesThatATrainingProcessWroteAsEntries() throws IOException {
        DiskModelRegistry r = registry();
        ModelVersion ours = add(r, "shop", "a");
        try (Staged s = r.stage("shop")) {
            Files.writeString(s.folder().resolve("weights.bin"), "a");
            Files.createFile(s.folder().resolve("schema.json"));
            ModelVersion theirs = r.commit(s, "fake", Map.of(), Map.of());
            assertThat(theirs.info().digest()).isEqualTo(ours.info().digest());
            assertThat(r.open(ModelRef.parse("shop:2")).entries()).containsExactly("schema.json", "weights.bin");
        }
    }

    @Test
    void refusesAStagedFolderThatIsNoFlatSetOfFiles() throws IOException {
        DiskModelRegistry r = registry();
        try (Staged s = r.stage("shop")) {
            Path elsewhere = Files.createFile(home.resolve("elsewhere"));
            Files.createSymbolicLink(s.folder().resolve("weights.bin"), elsewhere);
            fails(ErrorCode.INVALID_INPUT, () -> r.commit(s, "fake", Map.of(), Map.of()), "weights.bin", "not a plain file");
        }
        assertThat(r.names()).isEmpty();
    }

    @Test
    void keepsVersionsAliasesAndTransitionsOverARestart() throws IOException {
        DiskModelRegistry r = registry();
        ModelVersion one = add(r, "shop", "a");
        ModelVersion two = add(r, "shop", "b");
        r.promote("shop", "champion", 1, "ann", "first");
        r.promote("shop", "champion", 2, "ben", "better\n\"quoted\"");
        r.promote("shop", "shadow", 1, "ben", "");

        DiskModelRegistry again = registry();
        assertThat(again.names()).containsExactly("shop");
        assertThat(again.versions("shop")).containsExactly(one, two);
        assertThat(again.aliases("shop")).isEqualTo(Map.of("champion", 2, "shadow", 1));
        assertThat(again.transitions("shop")).isEqualTo(r.transitions("shop")).hasSize(3);
        assertThat(again.find(ModelRef.parse("shop"))).contains(two);
        assertThat(one.info().digest()).startsWith("sha256:").isNotEqualTo(two.info().digest());
        assertThat(again.open(ModelRef.parse("shop:1")).entries()).containsExactly("schema.json", "weights.bin");
        assertThat(again.open(ModelRef.parse("shop:1")).open("weights.bin").readAllBytes()).isEqualTo("a".getBytes());
        fails(ErrorCode.NOT_FOUND, () -> again.open(ModelRef.parse("shop:1")).open("x"), "weights.bin");
        fails(ErrorCode.NOT_FOUND, () -> again.promote("shop", "champion", 9, "", ""), "no version 9", "[1, 2]");
    }

    @Test
    void rollsBackFurtherEachTimeAndRefusesWhenThereIsNoBefore() {
        DiskModelRegistry r = registry();
        for (int i = 1; i <= 3; i++) {
            add(r, "m", "v" + i);
            r.promote("m", "champion", i, "", "");
        }
        assertThat(r.rollback("m", "champion", "", "").to()).isEqualTo(2);
        assertThat(registry().rollback("m", "champion", "", "").to()).isEqualTo(1);
        fails(ErrorCode.CONFLICT, () -> r.rollback("m", "champion", "", ""), "no version before");
        fails(ErrorCode.CONFLICT, () -> r.rollback("m", "other", "", ""), "no alias");
        assertThat(r.aliases("m")).isEqualTo(Map.of("champion", 1));
    }

    @Test
    void seesWhatAnotherRegistryOnTheSameHomeDid() {
        DiskModelRegistry a = registry();
        DiskModelRegistry b = registry();
        add(a, "m", "1");
        assertThat(b.aliases("m")).isEmpty();
        a.promote("m", "champion", 1, "", "");
        assertThat(b.aliases("m")).isEqualTo(Map.of("champion", 1));
        assertThat(add(b, "m", "2").info().version()).isEqualTo(2);
        b.promote("m", "champion", 2, "", "");
        assertThat(a.find(ModelRef.parse("m")).orElseThrow().info().version()).isEqualTo(2);
    }

    @Test
    void writersOfTwoRegistriesNeverShareANumber() throws Exception {
        DiskModelRegistry[] rs = {registry(), registry()};
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            DiskModelRegistry r = rs[t % 2];
            threads.add(new Thread(() -> {
                for (int i = 0; i < 5; i++) {
                    int v = add(r, "m", "x").info().version();
                    r.promote("m", "champion", v, "", "");
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread t : threads) {
            t.join();
        }
        assertThat(registry().versions("m")).extracting(v -> v.info().version())
                .isEqualTo(Stream.iterate(1, i -> i + 1).limit(20).toList());
        assertThat(registry().transitions("m")).extracting(t -> t.sequence())
                .isEqualTo(Stream.iterate(1L, i -> i + 1).limit(20).toList());
    }

    @Test
    void ignoresATornLastLineAndCutsItOff() throws IOException {
        DiskModelRegistry r = registry();
        add(r, "m", "1");
        r.promote("m", "champion", 1, "", "");
        Path log = home.resolve("models/m/transitions.jsonl");
        byte[] whole = Files.readAllBytes(log);
        for (int cut = 1; cut <= whole.length; cut++) {
            Files.write(log, whole);
            Files.write(log, java.util.Arrays.copyOf(whole, cut == whole.length ? cut - 1 : cut), StandardOpenOption.APPEND);
            boolean second = registry().transitions("m").size() == 2;
            assertThat(second).isFalse();
        }
        r.promote("m", "shadow", 1, "", "");
        assertThat(registry().transitions("m")).hasSize(2);
        byte[] bytes = Files.readAllBytes(log);
        bytes[10] ^= 1;
        Files.write(log, bytes);
        fails(ErrorCode.STORAGE, () -> registry().transitions("m"), "transitions.jsonl:1", "damaged");
    }

    @Test
    void aFailureOfAnySingleFileOperationLeavesTheRegistryAsItWas() {
        everyFailure(false);
    }

    @Test
    void aKillAtAnyFileOperationLeavesTheOldOrTheNewState() {
        everyFailure(true);
    }

    private void everyFailure(boolean dies) {
        DiskModelRegistry first = registry();
        add(first, "m", "1");
        first.promote("m", "champion", 1, "", "");
        int completed = 0;
        for (int n = 0; completed == 0; n++) {
            DiskModelRegistry before = registry();
            List<ModelVersion> versions = before.versions("m");
            FaultyDisk disk = new FaultyDisk();
            DiskModelRegistry r = new DiskModelRegistry(home, disk);
            disk.dies = dies;
            disk.left = n;
            try {
                add(r, "m", "new");
                completed++;
            } catch (WhereforeException | java.io.UncheckedIOException e) {
                assertThat(e.getMessage()).contains("no space left");
                if (!dies) {
                    assertThat(r.versions("m")).isEqualTo(versions);
                    assertThat(registry().versions("m")).isEqualTo(versions);
                }
            }
            for (ModelVersion v : registry().versions("m")) {
                assertThat(registry().intact(v.info())).isTrue();
            }
            assertThat(registry().aliases("m")).isEqualTo(Map.of("champion", 1));
        }
        int last = add(registry(), "m", "z").info().version();
        completed = 0;
        for (int n = 0; completed == 0; n++) {
            var old = registry().transitions("m");
            FaultyDisk disk = new FaultyDisk();
            DiskModelRegistry r = new DiskModelRegistry(home, disk);
            disk.dies = dies;
            disk.left = n;
            try {
                r.promote("m", "champion", n % 2 == 0 ? last : 1, "", "");
                completed++;
            } catch (WhereforeException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.STORAGE);
                if (!dies) {
                    assertThat(r.transitions("m")).isEqualTo(old);
                    assertThat(registry().transitions("m")).isEqualTo(old);
                }
            }
            assertThat(registry().transitions("m")).startsWith(old.toArray(org.wherefore.api.registry.Transition[]::new));
            assertThat(registry().aliases("m").get("champion")).isIn(1, last);
        }
    }

    @Test
    void keepsNotesBesideAVersionThatStaysAsItIs() {
        DiskModelRegistry r = registry();
        ModelVersion v = add(r, "m", "1");
        ModelRef ref = ModelRef.version("m", 1);
        assertThat(r.kept(ref, "importance")).isEmpty();
        assertThat(r.kept(ModelRef.version("m", 2), "importance")).isEmpty();
        r.keep(ref, "importance", new byte[] {1});
        r.keep(ref, "importance.2", new byte[] {7});
        r.keep(ref, "importance", new byte[] {2, 3});
        assertThat(registry().kept(ref, "importance")).hasValue(new byte[] {2, 3});
        assertThat(registry().kept(ref, "importance.2")).hasValue(new byte[] {7});
        assertThat(home.resolve("models/m/1.notes")).isDirectoryContaining("glob:**/importance.2").isDirectoryNotContaining("glob:**/importance.1");
        assertThat(registry().versions("m")).containsExactly(v);
        assertThat(registry().intact(v.info())).isTrue();
        assertThat(add(registry(), "m", "2").info().version()).isEqualTo(2);
        fails(ErrorCode.NOT_FOUND, () -> r.keep(ModelRef.version("m", 9), "importance", new byte[0]), "m:9");
        fails(ErrorCode.INVALID_INPUT, () -> r.keep(ref, "../x", new byte[0]), "note name '../x'");
        fails(ErrorCode.INVALID_INPUT, () -> r.kept(ref, "../x"), "note name '../x'");
    }

    @Test
    void aFailureOrAKillWhileANoteIsWrittenLeavesTheOldOrTheNewNoteWhole() {
        add(registry(), "m", "1");
        ModelRef ref = ModelRef.version("m", 1);
        for (boolean dies : new boolean[] {false, true}) {
            registry().keep(ref, "n", "the old one".getBytes(StandardCharsets.UTF_8));
            int completed = 0;
            for (int n = 0; completed == 0; n++) {
                String old = new String(registry().kept(ref, "n").orElseThrow(), StandardCharsets.UTF_8);
                String fresh = "the note of step " + n + dies;
                FaultyDisk disk = new FaultyDisk();
                DiskModelRegistry r = new DiskModelRegistry(home, disk);
                disk.dies = dies;
                disk.left = n;
                boolean failed = false;
                try {
                    r.keep(ref, "n", fresh.getBytes(StandardCharsets.UTF_8));
                    completed = disk.failed ? 0 : 1;
                } catch (WhereforeException e) {
                    failed = true;
                    assertThat(e.code()).isEqualTo(ErrorCode.STORAGE);
                }
                String now = new String(registry().kept(ref, "n").orElseThrow(), StandardCharsets.UTF_8);
                if (failed && dies) {
                    assertThat(now).isIn(old, fresh);
                } else {
                    assertThat(now).isEqualTo(failed ? old : fresh);
                }
            }
        }
    }

    @Test
    void refusesNamesThatLeaveTheFolder() {
        DiskModelRegistry r = registry();
        for (String bad : new String[] {"", "..", "a/b", "A", "a..b", "-a", "a\\b", ".staging"}) {
            fails(ErrorCode.INVALID_INPUT, () -> r.stage(bad), "name");
            assertThat(r.find(new ModelRef(bad, 1, ""))).isEmpty();
        }
        try (Staged s = r.stage("m")) {
            for (String bad : new String[] {"", "..", "../x", "a/b", "a\\b", "version.json", ".x"}) {
                fails(ErrorCode.INVALID_INPUT, () -> s.create(bad), "artifact entry");
            }
        }
    }

    @Test
    void removesLeftoversOfDeadWritersOnly() throws IOException {
        DiskModelRegistry r = registry();
        Staged living = r.stage("m");
        Path dead = Files.createDirectories(home.resolve("models/.staging/dead"));
        Files.writeString(dead.resolve("w"), "x");
        Staged day = r.stage("m");
        Files.setLastModifiedTime(day.folder(), FileTime.from(Instant.now().minusSeconds(90_000)));
        registry();
        assertThat(dead).doesNotExist();
        assertThat(day.folder()).doesNotExist();
        assertThat(living.folder()).exists();
        living.close();
        assertThat(living.folder()).doesNotExist();
        day.close();
        assertThat(home.resolve("models/.staging")).isEmptyDirectory();
    }

    // ---- leases

    static class FakeEngine implements Engine {
        final List<String> closed = new ArrayList<>();
        int loads;

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public List<Parameter> parameters() {
            return List.of();
        }

        @Override
        public Support supports(FeatureSchema schema) {
            return Support.yes();
        }

        @Override
        public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {}

        @Override
        public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
            loads++;
            return new Model() {
                @Override
                public ModelInfo info() {
                    return info;
                }

                @Override
                public List<Output> predict(Instance instance, int k, BitSet excluded) {
                    return List.of();
                }

                @Override
                public RankedScore[][] score(List<? extends Instance> i, int[] t, BitSet excluded, boolean ranks) {
                    return new RankedScore[0][];
                }

                @Override
                public void close() {
                    closed.add(info.name() + ":" + info.version());
                }
            };
        }
    }

    static final class FakeExtractor implements FeatureExtractor {
        @Override
        public String name() {
            return "seq";
        }

        @Override
        public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
            throw new UnsupportedOperationException();
        }

        @Override
        public FittedExtractor load(ArtifactReader artifact) {
            return new FittedExtractor() {
                @Override
                public FeatureSchema schema() {
                    return FeatureSchema.of(List.of(FeatureSpec.number("amount")), List.of("a", "b"));
                }

                @Override
                public OptionalInt target(String id) {
                    return OptionalInt.empty();
                }

                @Override
                public Instance extract(Input input) {
                    return null;
                }


                @Override
                public void save(ArtifactWriter w) {}
            };
        }
    }

    @Test
    void keepsAliasedAndLeasedModelsAndTwoIdleOnes() {
        DiskModelRegistry r = registry();
        FakeEngine engine = new FakeEngine();
        r.addEngine(engine);
        r.addExtractor(new FakeExtractor());
        for (int i = 1; i <= 5; i++) {
            add(r, "m", "v" + i);
        }
        r.promote("m", "champion", 1, "", "");
        Lease two = r.lease(ModelRef.parse("m:2")).orElseThrow();
        for (int v : new int[] {1, 3, 4, 5}) {
            r.lease(ModelRef.version("m", v)).orElseThrow().close();
        }
        assertThat(engine.closed).containsExactly("m:3");
        r.lease(ModelRef.parse("m")).orElseThrow().close();
        assertThat(engine.loads).isEqualTo(5);
        two.close();
        two.close();
        assertThat(engine.closed).containsExactly("m:3", "m:2");
        assertThat(r.lease(ModelRef.parse("m:9"))).isEmpty();
        assertThatThrownBy(two::model).isInstanceOf(IllegalStateException.class);
        r.deactivate();
        assertThat(engine.closed).contains("m:1", "m:4", "m:5");
    }

    @Test
    void closesModelsOfAnEngineThatWentAwayWhenTheirLastLeaseEnds() {
        DiskModelRegistry r = registry();
        FakeEngine engine = new FakeEngine();
        add(r, "m", "1");
        fails(ErrorCode.MODEL_UNAVAILABLE, () -> r.lease(ModelRef.parse("m:1")), "'fake'");
        r.addEngine(engine);
        fails(ErrorCode.MODEL_UNAVAILABLE, () -> r.lease(ModelRef.parse("m:1")), "extractor 'seq'");
        r.addExtractor(new FakeExtractor());
        Lease a = r.lease(ModelRef.parse("m:1")).orElseThrow();
        Lease b = r.lease(ModelRef.parse("m:1")).orElseThrow();
        assertThat(engine.loads).isEqualTo(1);
        r.removeEngine(engine);
        fails(ErrorCode.MODEL_UNAVAILABLE, () -> r.lease(ModelRef.parse("m:1")), "'fake'");
        a.close();
        assertThat(engine.closed).isEmpty();
        assertThat(b.model().info().version()).isEqualTo(1);
        b.close();
        assertThat(engine.closed).containsExactly("m:1");
        r.addEngine(engine);
        r.lease(ModelRef.parse("m:1")).orElseThrow().close();
        assertThat(engine.loads).isEqualTo(2);
    }

    @Test
    void refusesToLoadSerialisedJavaObjects() throws IOException {
        DiskModelRegistry r = registry();
        r.addEngine(new FakeEngine());
        r.addExtractor(new FakeExtractor());
        byte[] object = {(byte) 0xAC, (byte) 0xED, 0, 5, 1};
        java.io.ByteArrayOutputStream zipped = new java.io.ByteArrayOutputStream();
        try (var gzip = new java.util.zip.GZIPOutputStream(zipped)) {
            gzip.write(object);
        }
        for (byte[] content : new byte[][] {object, zipped.toByteArray()}) {
            try (Staged s = r.stage("m")) {
                try (OutputStream out = s.create("layers.bin")) {
                    out.write(content);
                }
                ModelVersion v = r.commit(s, "fake", Map.of("extractor", "seq"), Map.of());
                fails(ErrorCode.BAD_DATA, () -> r.lease(ModelRef.version("m", v.info().version())), "'layers.bin'", "serialised Java");
            }
        }
    }

    @Test
    void keepsThoseThatBearTrafficLoaded() {
        DiskModelRegistry r = registry();
        FakeEngine engine = new FakeEngine();
        r.addEngine(engine);
        r.addExtractor(new FakeExtractor());
        for (int i = 1; i <= 6; i++) {
            add(r, "m", "v" + i);
        }
        r.promote("m", "champion", 1, "", "");
        r.split("m", new Traffic(2, 5, 3), "", "");
        for (int v = 1; v <= 6; v++) {
            r.lease(ModelRef.version("m", v)).orElseThrow().close();
        }
        assertThat(engine.closed).containsExactly("m:4");
        r.split("m", Traffic.NONE, "", "");
        assertThat(engine.closed).containsExactlyInAnyOrder("m:4", "m:3", "m:2");
    }

    @Test
    void closesTheChampionBeforeOnlyWhenItsLastRequestIsOver() {
        DiskModelRegistry r = registry();
        FakeEngine engine = new FakeEngine();
        r.addEngine(engine);
        r.addExtractor(new FakeExtractor());
        for (int i = 1; i <= 4; i++) {
            add(r, "m", "v" + i);
        }
        r.promote("m", "champion", 1, "", "");
        Lease running = r.lease(ModelRef.parse("m")).orElseThrow();
        for (int v = 2; v <= 4; v++) {
            r.promote("m", "champion", v, "", "");
            r.lease(ModelRef.parse("m")).orElseThrow().close();
        }
        assertThat(engine.closed).isEmpty();
        assertThat(running.model().info().version()).isEqualTo(1);
        running.close();
        assertThat(engine.closed).as("the two used last stay to go back to").containsExactly("m:1");
        assertThat(engine.loads).isEqualTo(4);
    }

    @Test
    void saysOfWhichVersionAModelDescends() throws IOException {
        DiskModelRegistry r = registry();
        assertThat(add(r, "m", "1").provenance()).doesNotContainKey("parent");
        r.promote("m", "champion", 1, "", "");
        try (Staged s = r.stage("m")) {
            s.create("weights.bin").close();
            add(r, "m", "2");
            r.promote("m", "champion", 2, "", "");
            assertThat(r.commit(s, "fake", Map.of(), Map.of()).provenance()).as("that served when its training began").containsEntry("parent", "m:1");
        }
    }

    @Test
    void refusesToLoadFilesThatWereChanged() throws IOException {
        DiskModelRegistry r = registry();
        r.addEngine(new FakeEngine());
        r.addExtractor(new FakeExtractor());
        add(r, "m", "1");
        Files.writeString(home.resolve("models/m/1/weights.bin"), "2");
        fails(ErrorCode.BAD_DATA, () -> r.lease(ModelRef.parse("m:1")), "digest");
    }
}
