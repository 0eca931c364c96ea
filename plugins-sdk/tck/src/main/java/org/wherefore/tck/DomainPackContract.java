package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.spi.DomainPack;

/** What every domain pack promises. Subclass it and give {@link #pack}. */
public abstract class DomainPackContract {
    @TempDir
    Path temporary;

    /** The pack; a new one or the same for each call. */
    protected abstract DomainPack pack();

    private static Map<String, String> files(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            Map<String, String> files = new TreeMap<>();
            for (Path p : all.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(p).toString(), digest(Files.readAllBytes(p)));
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256", e);
        }
    }

    private Path sample(DomainPack pack, Path folder, long seed) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Optional<Path> description = pack.writeSample(folder, seed);
        assertThat(description).as("writeSample(): empty when there is no sample, never null").isNotNull();
        assumeTrue(description.isPresent(), "the pack has no sample");
        return description.get();
    }

    @Test
    @DisplayName("names itself, its extractor and its engines")
    protected void declaresItself() {
        DomainPack pack = pack();
        Checks.name("id()", pack.id());
        Checks.name("extractor()", pack.extractor());
        Checks.name("engine()", pack.engine());
        Checks.name("fallbackEngine(): who answers when there is no trained model or no history", pack.fallbackEngine());
    }

    @Test
    @DisplayName("has a title in every reader's language, or in English")
    protected void hasTitles() {
        for (Locale locale : List.of(Locale.ENGLISH, Locale.SIMPLIFIED_CHINESE, Locale.forLanguageTag("tlh"), Locale.ROOT)) {
            assertThat(pack().title(locale)).as("title(%s)", locale).isNotBlank();
        }
        assertThat(pack().title(Locale.forLanguageTag("tlh"))).as("title in a language the pack does not speak: the English one")
                .isEqualTo(pack().title(Locale.ENGLISH));
    }

    @Test
    @DisplayName("lists tasks, modalities and claim kinds, each once")
    protected void listsWhatItDoes() {
        Map<String, Function<DomainPack, List<String>>> lists = Map.of("tasks()", DomainPack::tasks, "modalities()", DomainPack::modalities,
                "claimKinds()", DomainPack::claimKinds);
        lists.forEach((what, list) -> assertThat(list.apply(pack())).as(what).isNotEmpty().doesNotHaveDuplicates()
                .allMatch(s -> s.matches("[a-z0-9][a-z0-9.-]*")));
    }

    @Test
    @DisplayName("describes the data it needs, one schema a role")
    protected void describesItsData() {
        List<Schema> schemas = pack().schemas();
        assertThat(schemas).as("schemas(): a domain needs data").isNotEmpty();
        assertThat(schemas).extracting(Schema::role).as("roles: each once").doesNotHaveDuplicates();
        for (Schema s : schemas) {
            assertThat(s.role()).as("role: what a data set description calls it").isNotBlank();
            assertThat(s.fields()).as("fields of role '%s'", s.role()).isNotEmpty();
            assertThat(s.fields()).as("role '%s': at least one field is required, or an empty row would do", s.role()).anyMatch(f -> f.required());
        }
    }

    @Test
    @DisplayName("says the same every time, and nobody can change it")
    protected void isImmutable() {
        DomainPack pack = pack();
        assertThat(pack.schemas()).as("schemas() again").isEqualTo(pack.schemas());
        assertThat(pack.trainingDefaults()).as("trainingDefaults() again").isEqualTo(pack.trainingDefaults());
        Map<String, Collection<?>> lists = Map.of("tasks()", pack.tasks(), "modalities()", pack.modalities(), "claimKinds()",
                pack.claimKinds(), "schemas()", pack.schemas());
        lists.forEach((what, list) -> assertThatThrownBy(list::clear, "%s is shared by all callers: return an unmodifiable list", what)
                .isInstanceOf(UnsupportedOperationException.class));
        Map<String, String> before = new TreeMap<>(pack.trainingDefaults());
        try {
            pack.trainingDefaults().put("tck", "1");
        } catch (UnsupportedOperationException e) {
            // What it should do.
        }
        assertThat(pack.trainingDefaults()).as("trainingDefaults() after a caller tried to change them").isEqualTo(before);
    }

    @Test
    @DisplayName("writes a sample with its description, inside the folder only")
    protected void writesItsSample() throws IOException {
        Path folder = temporary.resolve("in").resolve("sample");
        Path description = sample(pack(), folder, 7);
        assertThat(description).as("the description's path: inside the folder given").exists().isRegularFile();
        assertThat(description.toRealPath().startsWith(folder.toRealPath())).as("the description %s is inside %s", description, folder).isTrue();
        assertThat(files(temporary).keySet()).as("files written: inside the folder only").allMatch(f -> f.startsWith("in"))
                .hasSameSizeAs(files(folder).keySet());
        String text = Files.readString(description).strip();
        assertThat(text).as("the description: a JSON object that names its data set and domain").startsWith("{").endsWith("}")
                .contains("\"" + pack().id() + "\"");
    }

    @Test
    @DisplayName("same seed, same sample, byte for byte, also over an older one")
    protected void sampleIsReproducible() {
        sample(pack(), temporary.resolve("a"), 7);
        Map<String, String> expected = files(temporary.resolve("a"));
        sample(pack(), temporary.resolve("b"), 7);
        assertThat(files(temporary.resolve("b"))).as("the sample of seed 7 in another folder: no path, no time, one random generator")
                .isEqualTo(expected);
        sample(pack(), temporary.resolve("b"), 8);
        sample(pack(), temporary.resolve("b"), 7);
        assertThat(files(temporary.resolve("b"))).as("the sample of seed 7 over that of seed 8").isEqualTo(expected);
    }

    @Test
    @DisplayName("writes samples for many threads at once")
    protected void isThreadSafe() {
        DomainPack shared = pack();
        sample(shared, temporary.resolve("a"), 7);
        Map<String, String> expected = files(temporary.resolve("a"));
        java.util.concurrent.atomic.AtomicInteger number = new java.util.concurrent.atomic.AtomicInteger();
        Checks.concurrently("writeSample()", 1, expected, () -> {
            Path folder = temporary.resolve("t" + number.incrementAndGet());
            sample(shared, folder, 7);
            return files(folder);
        });
    }

    @Test
    @DisplayName("says where the sample can't be written")
    protected void unwritableFolderIsReported() throws IOException {
        sample(pack(), temporary.resolve("a"), 7);
        Path taken = Files.writeString(temporary.resolve("taken"), "a file, not a folder");
        assertThat(Checks.refusal("writeSample() where a file stands", () -> pack().writeSample(taken, 7), ErrorCode.STORAGE))
                .as("the refusal names the folder").hasMessageContaining("taken");
        assertThat(taken).hasContent("a file, not a folder");
    }
}
