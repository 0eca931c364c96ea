package org.wherefore.launcher.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SdkRepositoryTest {
    private static final Instant FIRST = Instant.parse("2026-01-02T03:04:05Z");
    @TempDir
    Path folder;

    @Test
    void aSnapshotGetsATimeOnlyWhenItChanged() throws Exception {
        copied("org/x/a/1.0.0-SNAPSHOT/a-1.0.0-SNAPSHOT.jar", "jar");
        copied("org/x/a/1.0.0-SNAPSHOT/a-1.0.0-SNAPSHOT.pom", "pom");
        Path at = publish(FIRST).resolve("org/x/a/1.0.0-SNAPSHOT");
        assertThat(names(at)).contains("a-1.0.0-20260102.030405-1.jar", "a-1.0.0-20260102.030405-1.jar.sha1", "a-1.0.0-20260102.030405-1.pom");
        assertThat(at.resolve("maven-metadata.xml")).content().contains("<groupId>org.x</groupId>", "<artifactId>a</artifactId>",
                "<extension>jar</extension><value>1.0.0-20260102.030405-1</value>");
        List<String> before = names(at);
        publish(FIRST.plusSeconds(60));
        assertThat(names(at)).isEqualTo(before);
        copied("org/x/a/1.0.0-SNAPSHOT/a-1.0.0-SNAPSHOT.jar", "another jar");
        publish(FIRST.plusSeconds(60));
        assertThat(names(at)).contains("a-1.0.0-20260102.030505-1.jar").doesNotContain("a-1.0.0-20260102.030405-1.jar");
    }

    @Test
    void aReleaseIsCopiedWithItsChecksum() throws Exception {
        copied("org/x/a/1.0.0/a-1.0.0.pom", "pom");
        assertThat(names(publish(FIRST).resolve("org/x/a/1.0.0"))).containsExactly("a-1.0.0.pom", "a-1.0.0.pom.sha1", "content.sha1");
    }

    private void copied(String path, String content) throws IOException {
        Path file = folder.resolve("copied").resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private Path publish(Instant now) throws IOException {
        SdkRepository.publish(folder.resolve("copied"), folder.resolve("repository"), now);
        return folder.resolve("repository");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }
}
