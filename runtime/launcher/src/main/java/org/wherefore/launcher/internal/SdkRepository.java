package org.wherefore.launcher.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * Build step: makes of copied artifacts a repository that Maven reads as a remote one, with checksums. A snapshot gets a time stamp and
 * its metadata, as a deployment would give it: only so does Maven notice that there is a newer one. What did not change keeps its time.
 */
final class SdkRepository {
    private static final String SNAPSHOT = "-SNAPSHOT";
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd.HHmmss").withZone(ZoneOffset.UTC);

    private SdkRepository() {}

    /** @param copied in the layout of a Maven repository @param repository made anew where it differs */
    static void publish(Path copied, Path repository, Instant now) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(copied)) {
            files = all.filter(f -> f.getFileName().toString().matches(".*\\.(jar|pom)")).sorted().toList();
        }
        for (Path version : files.stream().map(Path::getParent).distinct().toList()) {
            Path place = copied.relativize(version);
            String group = place.getParent().getParent().toString().replace(java.io.File.separatorChar, '.');
            publish(group, files.stream().filter(f -> f.getParent().equals(version)).toList(), repository.resolve(place.toString()), now);
        }
    }

    private static void publish(String group, List<Path> files, Path target, Instant now) throws IOException {
        String version = target.getFileName().toString();
        String artifact = target.getParent().getFileName().toString();
        StringBuilder digest = new StringBuilder();
        for (Path f : files) {
            digest.append(sha1(Files.readAllBytes(f))).append('\n');
        }
        Path stamp = target.resolve("content.sha1");
        if (Files.exists(stamp) && Files.readString(stamp).contentEquals(digest)) {
            return;
        }
        Platform.delete(target);
        Files.createDirectories(target);
        boolean snapshot = version.endsWith(SNAPSHOT);
        String time = TIME.format(now);
        String unique = snapshot ? version.substring(0, version.length() - SNAPSHOT.length()) + "-" + time + "-1" : version;
        StringBuilder metadata = new StringBuilder();
        for (Path f : files) {
            String name = f.getFileName().toString();
            String extension = name.substring(name.lastIndexOf('.') + 1);
            write(target.resolve(artifact + "-" + unique + "." + extension), Files.readAllBytes(f));
            metadata.append("      <snapshotVersion><extension>").append(extension).append("</extension><value>").append(unique)
                    .append("</value><updated>").append(time.replace(".", "")).append("</updated></snapshotVersion>\n");
        }
        if (snapshot) {
            write(target.resolve("maven-metadata.xml"), ("""
                    <?xml version="1.0" encoding="UTF-8"?>
                    <metadata modelVersion="1.1.0">
                      <groupId>%s</groupId>
                      <artifactId>%s</artifactId>
                      <version>%s</version>
                      <versioning>
                        <snapshot><timestamp>%s</timestamp><buildNumber>1</buildNumber></snapshot>
                        <lastUpdated>%s</lastUpdated>
                        <snapshotVersions>
                    %s    </snapshotVersions>
                      </versioning>
                    </metadata>
                    """).formatted(group, artifact, version, time, time.replace(".", ""), metadata).getBytes(StandardCharsets.UTF_8));
        }
        Files.writeString(stamp, digest);
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Files.write(file, bytes);
        Files.writeString(file.resolveSibling(file.getFileName() + ".sha1"), sha1(bytes));
    }

    private static String sha1(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-1").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
