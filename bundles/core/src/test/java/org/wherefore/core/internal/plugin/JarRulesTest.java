package org.wherefore.core.internal.plugin;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

class JarRulesTest {
    @TempDir
    Path folder;

    @Test
    void anOrdinaryZipPasses() throws Exception {
        assertThatCode(() -> JarRules.BUNDLE.check(zip("META-INF/MANIFEST.MF", "com/example/..A.class", "a..b/c"))).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"../evil", "a/../../evil", "/etc/passwd", "C:/evil", "a\\..\\evil", "a/.."})
    void anEntryThatLeadsOutIsRefused(String name) throws Exception {
        refused(JarRules.BUNDLE, zip(name), "zip-slip");
    }

    @Test
    void namesWithControlCharactersAreRefused() throws Exception {
        refused(JarRules.BUNDLE, zip("a\u0007b"), "entry-name");
        refused(JarRules.BUNDLE, zip("x".repeat(600)), "entry-name");
    }

    @Test
    void tooManyEntriesAreRefused() throws Exception {
        Path file = folder.resolve("many.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < 70_000; i++) {
                zip.putNextEntry(new ZipEntry("e" + i));
            }
        }
        refused(JarRules.BUNDLE, file, "entry-count");
    }

    @Test
    void oneNameTwiceIsRefused() throws Exception {
        Path file = zip("twin-a", "twin-b");
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        Files.write(file, bytes.replace("twin-b", "twin-a").getBytes(StandardCharsets.ISO_8859_1));
        refused(JarRules.BUNDLE, file, "duplicate-entry");
    }

    @Test
    void bombsAreRefusedBeforeTheyAreUnpacked() throws Exception {
        refused(JarRules.BUNDLE, filled("bomb.bin", 1L << 30), "compression-ratio");
        refused(JarRules.BUNDLE, filled("META-INF/MANIFEST.MF", 32 << 20), "ratio' of a bundle", "manifest-size");
        Path many = folder.resolve("many.jar");
        byte[] almost = new byte[1 << 20];
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(many))) {
            for (int i = 0; i < 300; i++) {
                zip.putNextEntry(new ZipEntry("e" + i));
                zip.write(almost);
            }
        }
        refused(JarRules.BUNDLE, many, "unpacked-size");
    }

    @Test
    void aSizeThatTheZipClaimsIsNotBelieved() throws Exception {
        Path file = filled("bomb.bin", 64 << 20);
        byte[] bytes = Files.readAllBytes(file);
        // In the central directory, the size unpacked is 20 bytes from the end of the fixed part before the name.
        int at = new String(bytes, StandardCharsets.ISO_8859_1).lastIndexOf("bomb.bin") - 22;
        Arrays.fill(bytes, at, at + 4, (byte) 0);
        Files.write(file, bytes);
        assertThatThrownBy(() -> JarRules.BUNDLE.check(file)).isInstanceOfSatisfying(WhereforeException.class,
                e -> org.assertj.core.api.Assertions.assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT));
    }

    @Test
    void whatIsCutOffIsRefused() throws Exception {
        Path whole = zip("a", "b", "c");
        byte[] bytes = Files.readAllBytes(whole);
        for (int n = 0; n < bytes.length; n++) {
            Files.write(whole, Arrays.copyOf(bytes, n));
            refused(JarRules.BUNDLE, whole, "readable");
        }
    }

    @Test
    void anArchiveHoldsNothingElse() throws Exception {
        assertThatCode(() -> JarRules.ARCHIVE.check(zip("feature.json", "bundles/a-1.0.jar"))).doesNotThrowAnyException();
        refused(JarRules.ARCHIVE, zip("feature.json", "bundles/sub/a.jar"), "entry-name");
        refused(JarRules.ARCHIVE, zip("run.sh"), "entry-name");
        refused(JarRules.ARCHIVE, zip("bundles/../../a.jar"), "zip-slip");
    }

    /** @param rules of which one is named */
    private static void refused(JarRules checked, Path file, String... rules) {
        assertThatThrownBy(() -> checked.check(file)).isInstanceOfSatisfying(WhereforeException.class, e -> {
            org.assertj.core.api.Assertions.assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT);
            org.assertj.core.api.Assertions.assertThat(Arrays.stream(rules).anyMatch(r -> e.getMessage().contains(r))).as(e.getMessage()).isTrue();
        });
    }

    private Path zip(String... names) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (String n : names) {
                zip.putNextEntry(new ZipEntry(n));
                zip.write(1);
            }
        }
        return Files.write(folder.resolve("a.jar"), bytes.toByteArray());
    }

    private Path filled(String name, long size) throws IOException {
        Path file = folder.resolve("filled.jar");
        try (OutputStream out = Files.newOutputStream(file); ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.putNextEntry(new ZipEntry(name));
            byte[] zeros = new byte[1 << 20];
            for (long i = 0; i < size; i += zeros.length) {
                zip.write(zeros);
            }
        }
        return file;
    }
}
