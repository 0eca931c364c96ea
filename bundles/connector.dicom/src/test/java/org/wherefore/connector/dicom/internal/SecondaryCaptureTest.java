package org.wherefore.connector.dicom.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Picture;

class SecondaryCaptureTest {
    private static final Map<String, String> TAGS = Map.of("time", "2026-01-31T08:00:00Z", "study", "1.2.3", "series", "1.2.4", "image", "1.2.5", "title",
            "Heat map over the image", "comment", "Where the model looked", "orientation", "L\\F");
    private final SecondaryCapture encoder = new SecondaryCapture();

    private static Picture picture(int channels) {
        float[] samples = new float[channels * 5 * 7];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = i / (samples.length - 1f);
        }
        return new Picture(channels, 5, 7, samples);
    }

    @Test
    void writesWhatTheReaderReads() {
        for (int channels : new int[] {1, 3}) {
            byte[] file = encoder.encode(picture(channels), TAGS);
            assertThat(file).as("same tags, same bytes").isEqualTo(encoder.encode(picture(channels), TAGS));
            Picture back = new DicomDecoder((Path) null).decode(file).picture();
            assertThat(back.channels()).isEqualTo(channels);
            for (int c = 0; c < channels; c++) {
                for (int y = 0; y < 5; y++) {
                    for (int x = 0; x < 7; x++) {
                        assertThat(back.sample(c, y, x)).isCloseTo(picture(channels).sample(c, y, x), within(.5f / 255 + 1e-6f));
                    }
                }
            }
        }
    }

    @Test
    void refusesTagsThatItCantWrite() {
        for (Map<String, String> tags : new Map[] {Map.of("patient", "x"), Map.of("study", "1..2"), Map.of("title", "a\\b"), Map.of("title", "x".repeat(65)),
            Map.of("time", "today"), Map.of("number", "one"), Map.of("orientation", "up")}) {
            assertThatThrownBy(() -> encoder.encode(picture(1), tags)).isInstanceOfSatisfying(WhereforeException.class,
                    e -> assertThat(e.pointer().orElse("")).isEqualTo("/tags/" + tags.keySet().iterator().next()));
        }
    }

    @Test
    void othersFindItSound(@TempDir Path folder) throws Exception {
        boolean ran = false;
        for (int channels : new int[] {1, 3}) {
            Path file = Files.write(folder.resolve("capture" + channels + ".dcm"), encoder.encode(picture(channels), TAGS));
            for (String[] command : new String[][] {{"dcmdump", file.toString()}, {"dciodvfy", "-new", file.toString()}}) {
                Process process;
                try {
                    process = new ProcessBuilder(command).redirectErrorStream(true).start();
                } catch (IOException e) {
                    System.out.println("skipped: " + command[0] + " is not installed");
                    continue;
                }
                ran = true;
                String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
                assertThat(process.waitFor()).as("%s of %d channels: %s", command[0], channels, said).isZero();
                System.out.println(command[0] + " of " + channels + " channels: " + said.lines().filter(l -> l.matches("(Error|Warning|E:|W:|F:).*")).toList());
                assertThat(said.lines().filter(l -> l.matches("(Error|E:|F:).*"))).as(said).isEmpty();
            }
        }
        Assumptions.assumeTrue(ran, "skipped: neither dcmdump nor dciodvfy is installed");
    }
}
