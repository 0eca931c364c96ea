package org.wherefore.registry.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.wherefore.registry.internal.DiskModelRegistryTest.fails;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.registry.Import;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Staged;
import org.wherefore.registry.internal.DiskModelRegistryTest.FakeEngine;
import org.wherefore.registry.internal.DiskModelRegistryTest.FakeExtractor;
import org.wherefore.registry.internal.DiskModelRegistryTest.FaultyDisk;

/** Archives as they are written, and every kind of archive that is refused: nothing stays of one. */
class ArchivesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    @TempDir
    Path home;
    @TempDir
    Path elsewhere;
    private DiskModelRegistry target;
    private byte[] good;

    @BeforeEach
    void export() {
        DiskModelRegistry source = registry(elsewhere, new Disk());
        try (Staged s = source.stage("shop")) {
            try (OutputStream out = s.create("weights.bin")) {
                out.write("w".repeat(5_000).getBytes(StandardCharsets.UTF_8));
            }
            try (OutputStream out = s.create("schema.json")) {
                out.write("{}".getBytes(StandardCharsets.UTF_8));
            }
            source.commit(s, "fake", Map.of("extractor", "seq", "dataDigest", "sha256:d", "parent", "shop:7"), Map.of("ndcg@10", 0.25, "none", Double.NaN));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        good = exported(source, "shop:1");
        target = registry(home, new Disk());
    }

    private static DiskModelRegistry registry(Path home, Disk disk) {
        DiskModelRegistry r = new DiskModelRegistry(home, disk, new ArchiveLimits(4, 1 << 20, 250));
        r.addEngine(new FakeEngine());
        r.addExtractor(new FakeExtractor());
        return r;
    }

    private static byte[] exported(DiskModelRegistry r, String ref) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        r.write(ModelRef.parse(ref), out);
        return out.toByteArray();
    }

    private ModelVersion imported(DiskModelRegistry r, byte[] archive) {
        try (Import i = r.read("copy", new ByteArrayInputStream(archive))) {
            return i.commit("ann", "from the other shop");
        }
    }

    @Test
    void anArchiveGivesTheSameModelElsewhere() {
        ModelVersion v = imported(target, good);
        ModelVersion origin = new DiskModelRegistry(elsewhere, new Disk()).find(ModelRef.parse("shop:1")).orElseThrow();
        assertThat(v.info().name()).isEqualTo("copy");
        assertThat(v.info().version()).isEqualTo(1);
        assertThat(v.info().engine()).isEqualTo("fake");
        assertThat(v.info().digest()).isEqualTo(origin.info().digest());
        assertThat(v.metrics()).isEqualTo(origin.metrics());
        assertThat(v.provenance()).isEqualTo(Map.of("extractor", "seq", "dataDigest", "sha256:d", "parent", "shop:1", "imported.parent", "shop:7",
                "imported.by", "ann", "imported.why", "from the other shop", "imported.created", origin.created().toString()));
        assertThat(target.aliases("copy")).isEmpty();
        assertThat(registry(home, new Disk()).lease(ModelRef.parse("copy:1"))).isPresent();
        assertThat(home.resolve("models/.staging")).isEmptyDirectory();
        assertThat(exported(registry(elsewhere, new Disk()), "shop:1")).as("the same bytes each time").isEqualTo(good);
    }

    @Test
    void anImportThatIsNotCommittedLeavesNothing() {
        FakeEngine engine = new FakeEngine();
        DiskModelRegistry r = new DiskModelRegistry(home, new Disk());
        r.addEngine(engine);
        r.addExtractor(new FakeExtractor());
        try (Import i = r.read("copy", new ByteArrayInputStream(good))) {
            assertThat(i.artifact().entries()).containsExactly("schema.json", "weights.bin");
            assertThat(i.origin().info().version()).isEqualTo(1);
        }
        assertThat(engine.closed).hasSize(1);
        nothingLeft();
    }

    private void nothingLeft() {
        assertThat(target.names()).isEmpty();
        assertThat(home.resolve("models/.staging")).satisfiesAnyOf(p -> assertThat(p).doesNotExist(), p -> assertThat(p).isEmptyDirectory());
    }

    private void refused(byte[] archive, String... words) {
        refused(ErrorCode.BAD_DATA, archive, words);
    }

    private void refused(ErrorCode code, byte[] archive, String... words) {
        fails(code, () -> imported(target, archive), words);
        nothingLeft();
    }

    // ---- archives made by hand

    /** The entries of an archive, in order, by name. */
    private static Map<String, byte[]> unzip(byte[] archive) {
        Map<String, byte[]> out = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(archive))) {
            for (ZipEntry e; (e = zip.getNextEntry()) != null;) {
                out.put(e.getName(), zip.readAllBytes());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out;
    }

    private static byte[] zip(Map<String, byte[]> entries) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (var e : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(e.getKey()));
                zip.write(e.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private byte[] with(Consumer<Map<String, byte[]>> change) {
        Map<String, byte[]> entries = unzip(good);
        change.accept(entries);
        return zip(entries);
    }

    private byte[] manifest(Consumer<ObjectNode> change) {
        return with(e -> {
            try {
                ObjectNode m = (ObjectNode) JSON.readTree(e.get("manifest.json"));
                change.accept(m);
                e.put("manifest.json", JSON.writeValueAsBytes(m));
            } catch (IOException x) {
                throw new UncheckedIOException(x);
            }
        });
    }

    /** An archive that is what its manifest says, whatever its entries hold. */
    private byte[] holding(Map<String, byte[]> artifact) {
        try {
            DiskModelRegistry r = new DiskModelRegistry(elsewhere, new Disk());
            ModelVersion v;
            try (Staged s = r.stage("evil")) {
                for (var e : artifact.entrySet()) {
                    try (OutputStream out = s.create(e.getKey())) {
                        out.write(e.getValue());
                    }
                }
                v = r.commit(s, "fake", Map.of("extractor", "seq"), Map.of());
            }
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            Path folder = elsewhere.resolve("models/evil/" + v.info().version());
            ArchiveWriter.write(r, v, Signature.of(new FakeExtractor().load(null).schema()), folder, r.entries(folder), out);
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] gzip(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    @Test
    void refusesSerialisedJavaObjectsAlsoInsideGzip() {
        byte[] object = {(byte) 0xAC, (byte) 0xED, 0, 5, 's', 'r'};
        refused(holding(Map.of("a.bin", new byte[3], "layers.bin", object)), "'layers.bin'", "serialised Java object");
        refused(holding(Map.of("layers.bin", gzip(object))), "'layers.bin'", "inside gzip");
        refused(holding(Map.of("layers.bin", gzip(gzip(object)))), "'layers.bin'", "inside gzip");
        refused(holding(Map.of("layers.bin", gzip(gzip(gzip(gzip(gzip(new byte[9]))))))), "'layers.bin'", "more than 4 times");
        assertThat(imported(target, holding(Map.of("ok.bin", new byte[] {(byte) 0xAC, (byte) 0xED, 0, 4}, "cut.gz",
                Arrays.copyOf(gzip(new byte[100]), 12)))).info().version()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"artifact/../weights.bin", "artifact/..", "artifact/a/b", "artifact/a\\b", "artifact/", "artifact//etc/passwd", "artifact/.hidden",
            "artifact/version.json", "artifact/a\u0007b", "artifact/a\u202eb", "artifact/a\nb", "artifact/C:x", "artifact/a\u0000b"})
    void refusesNamesThatAreNone(String name) {
        refused(with(e -> e.put(name, new byte[1])), "entry that can't have its name");
        refused(manifest(m -> m.withArray("entries").addObject().put("name", name.substring(9)).put("size", 0).put("sha256", "")), "can't have its name");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc/passwd", "../artifact/x", "other/x", "weights.bin", "META-INF/MANIFEST.MF"})
    void refusesEntriesElsewhere(String name) {
        refused(with(e -> e.put(name, new byte[1])), "there is only artifact/");
    }

    @Test
    void refusesEntriesThatTheManifestDoesNotListOrThatAreMissing() {
        refused(with(e -> e.put("artifact/more.bin", new byte[1])), "'more.bin'", "does not list");
        refused(with(e -> e.remove("artifact/weights.bin")), "lacks entry 'weights.bin'");
        refused(manifest(m -> m.withArray("entries").removeAll()), "lists 0 entries");
        refused(manifest(m -> {
            for (int i = 0; i < 4; i++) {
                m.withArray("entries").addObject().put("name", "x" + i).put("size", 0).put("sha256", "");
            }
        }), "lists 6 entries", "1 to 4");
    }

    @Test
    void refusesAnEntryThatIsThereTwice() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (var e : unzip(good).entrySet()) {
                zip.putNextEntry(new ZipEntry(e.getKey()));
                zip.write(e.getValue());
                zip.closeEntry();
            }
            zip.putNextEntry(new ZipEntry("artifact/weights.biX"));
            zip.write("other".getBytes(StandardCharsets.UTF_8));
            zip.closeEntry();
        }
        // the writer of zips knows no doubles: the name is changed afterwards, in the local header and in the directory
        byte[] doubled = out.toByteArray();
        byte[] name = "weights.biX".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i + name.length <= doubled.length; i++) {
            if (Arrays.equals(doubled, i, i + name.length, name, 0, name.length)) {
                doubled[i + name.length - 1] = 'n';
            }
        }
        refused(doubled, "'weights.bin' twice");
        refused(manifest(m -> m.withArray("entries").add(m.withArray("entries").get(0))), "twice in its manifest.json");
    }

    @Test
    void refusesSizesAndDigestsThatAreOthersThanSaid() {
        refused(with(e -> e.put("artifact/weights.bin", new byte[5_001])), "'weights.bin'", "more than the 5000 bytes");
        refused(with(e -> e.put("artifact/weights.bin", new byte[4_999])), "'weights.bin' of 4999 bytes");
        refused(with(e -> e.put("artifact/weights.bin", new byte[5_000])), "'weights.bin'", "another SHA-256");
        refused(manifest(m -> ((ObjectNode) m.get("model")).put("digest", "sha256:00")), "the whole has the digest sha256:00");
        refused(manifest(m -> ((ObjectNode) m.withArray("entries").get(0)).put("size", -1)), "of -1 bytes");
        refused(manifest(m -> ((ObjectNode) m.withArray("entries").get(0)).put("size", 1 << 20)), "at most 1048576");
        refused(manifest(m -> ((ObjectNode) m.withArray("entries").get(0)).put("size", Long.MAX_VALUE)), "at most 1048576");
    }

    @Test
    void refusesABombWhereverItIs() {
        DiskModelRegistry large = new DiskModelRegistry(home, new Disk(), new ArchiveLimits(4, 1L << 30, 250));
        byte[] zeros = new byte[32 << 20];
        byte[] written = holding(Map.of("zeros.bin", zeros));
        fails(ErrorCode.UNSUPPORTED, () -> imported(large, written), "engine 'fake'");
        fails(ErrorCode.BAD_DATA, () -> imported(large, zip(unzip(written))), "'zeros.bin'", "more than 250 times");
        nothingLeft();
        refused(with(e -> e.put("artifact/weights.bin", zeros)), "'weights.bin'", "more than the 5000 bytes");
        refused(with(e -> e.put("manifest.json", zeros)), "manifest.json of more than 1048576 bytes");
    }

    @Test
    void readsNoMoreOfABombThanItsBound() {
        byte[] bomb = with(e -> e.put("artifact/weights.bin", new byte[32 << 20]));
        long[] read = new long[1];
        InputStream counting = new java.io.FilterInputStream(new ByteArrayInputStream(bomb)) {
            @Override
            public int read(byte[] b, int off, int len) throws IOException {
                int n = super.read(b, off, Math.min(len, 64));
                read[0] += Math.max(0, n);
                return n;
            }
        };
        fails(ErrorCode.BAD_DATA, () -> target.read("copy", counting), "more than the 5000 bytes");
        assertThat(read[0]).isLessThan(bomb.length / 2);
    }

    @Test
    void refusesManifestsThatAreNone() {
        refused(new byte[0], "is no zip");
        refused("PK, but not really".getBytes(StandardCharsets.UTF_8), "is no zip");
        refused(with(e -> {
            byte[] m = e.remove("manifest.json");
            e.put("manifest.json", m);
        }), "begins with the entry 'artifact/schema.json'");
        for (String m : List.of("", "{", "[]", "null", "{\"format\":\"wherefore-model\"}", "{\"a\":1,\"a\":2}", "[".repeat(5_000), "NaN", "{}{}")) {
            refused(with(e -> e.put("manifest.json", m.getBytes(StandardCharsets.UTF_8))), "manifest.json");
        }
        refused(with(e -> e.put("manifest.json", new byte[] {'"', (byte) 0xC3, '"'})), "manifest.json that can't be read");
        refused(manifest(m -> m.put("format", "other\u202e")), "format 'other\\u202e'");
        refused(manifest(m -> m.put("formatVersion", 2)), "wherefore-model 1 can be read");
        refused(manifest(m -> m.put("surprise", 2)), "surprise");
        refused(manifest(m -> m.put("created", "yesterday")), "'yesterday'");
        refused(manifest(m -> m.putNull("provenance")), "manifest.json");
        refused(manifest(m -> ((ObjectNode) m.get("provenance")).putNull("x")), "null in the provenance");
        refused(manifest(m -> m.withArray("entries").addNull()), "null among the entries");
        refused(manifest(m -> ((ObjectNode) m.get("model")).put("name", "../x")), "which is no name");
        refused(manifest(m -> ((ObjectNode) m.get("model")).put("version", 1e99)), "manifest.json");
    }

    @Test
    void refusesAnArchiveCutAnywhere() {
        int headers = 60;
        for (int length = 1; length < good.length - headers; length += 7) {
            byte[] cut = Arrays.copyOf(good, length);
            try {
                // what is lost of the directory at the end is not missed
                assertThat(imported(target, cut).info().version()).isEqualTo(1);
                assertThat(unzip(cut).keySet()).isEqualTo(Set.of("manifest.json", "artifact/schema.json", "artifact/weights.bin"));
                break;
            } catch (WhereforeException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA);
                nothingLeft();
            }
        }
    }

    @Test
    void refusesModelsThatCanNotBeLoadedHere() {
        refused(ErrorCode.UNSUPPORTED, manifest(m -> ((ObjectNode) m.get("model")).put("engine", "other")), "engine 'other'", "not installed");
        refused(ErrorCode.UNSUPPORTED, manifest(m -> ((ObjectNode) m.get("provenance")).put("extractor", "rows")), "extractor 'rows'");
        refused(manifest(m -> ((ObjectNode) m.get("schema")).put("digest", "sha256:00")), "another input signature");
        target.addEngine(new FakeEngine() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public org.wherefore.api.model.spi.Model load(org.wherefore.api.model.ModelInfo info, org.wherefore.api.feature.FeatureSchema schema,
                    org.wherefore.api.model.ArtifactReader artifact) {
                throw new OutOfMemoryError("Requested array size exceeds VM limit");
            }
        });
        refused(manifest(m -> ((ObjectNode) m.get("model")).put("engine", "broken")), "can't be loaded", "OutOfMemoryError");
        fails(ErrorCode.INVALID_INPUT, () -> target.read("../x", new ByteArrayInputStream(good)), "model name");
        fails(ErrorCode.NOT_FOUND, () -> target.write(ModelRef.parse("nobody:1"), OutputStream.nullOutputStream()), "nobody:1");
        nothingLeft();
    }

    @Test
    void aFailureOrAKillAtAnyFileOperationLeavesTheImportedVersionWholeOrNotThere() {
        for (boolean dies : new boolean[] {false, true}) {
            boolean completed = false;
            for (int n = 0; !completed; n++) {
                List<ModelVersion> old = registry(home, new Disk()).versions("copy");
                FaultyDisk disk = new FaultyDisk();
                DiskModelRegistry r = registry(home, disk);
                disk.dies = dies;
                disk.left = n;
                try {
                    imported(r, good);
                    completed = !disk.failed;
                } catch (WhereforeException e) {
                    assertThat(e.code()).isEqualTo(ErrorCode.STORAGE);
                    if (!dies) {
                        assertThat(r.versions("copy")).isEqualTo(old);
                        assertThat(registry(home, new Disk()).versions("copy")).isEqualTo(old);
                    }
                }
                DiskModelRegistry after = registry(home, new Disk());
                for (ModelVersion v : after.versions("copy")) {
                    assertThat(after.intact(v.info())).isTrue();
                }
            }
        }
    }
}
