package org.wherefore.connector.images.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataSet;

/** Reads the real data set through the description that is shipped. */
class PneumoniaMnistTest {
    private static Path root() {
        for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
            if (Files.isDirectory(p.resolve("runtime/datasets"))) {
                return p;
            }
        }
        throw new IllegalStateException("no runtime/datasets above the working folder");
    }

    private static Map<String, String> texts(JsonNode object) {
        Map<String, String> map = new LinkedHashMap<>();
        object.fields().forEachRemaining(e -> map.put(e.getKey(), e.getValue().textValue()));
        return map;
    }

    @Test
    void readsTheOfficialSplit() throws Exception {
        String given = System.getProperty("WHEREFORE_DATA", System.getenv("WHEREFORE_DATA"));
        Path data = given != null ? Path.of(given) : root().resolve("../shared/data").normalize();
        JsonNode json = new ObjectMapper().readTree(root().resolve("runtime/datasets/pneumonia-mnist.json").toFile());
        Map<String, Integer> counts = new TreeMap<>();
        Map<String, Double> sums = new TreeMap<>();
        Set<String> ids = new HashSet<>();
        for (JsonNode s : json.get("sources")) {
            Path path = data.resolve(s.get("path").asText());
            Assumptions.assumeTrue(Files.exists(path), "skipped: no " + path + "; set WHEREFORE_DATA");
            try (DataSet set = new ImagesConnector(java.util.List.of()).open(new Source("images", "images", path, texts(s.get("options")),
                    texts(s.get("columns"))), FolderContractTest.IMAGES)) {
                set.records(b -> {
                    throw new AssertionError(b);
                }).forEachRemaining(r -> {
                    Picture p = r.image("image").orElseThrow();
                    assertThat(p.toString()).isEqualTo("picture of 28 x 28, grey");
                    ids.add(r.text("id").orElseThrow());
                    counts.merge(r.text("split").orElseThrow() + " " + r.text("label").orElseThrow(), 1, Integer::sum);
                    double sum = 0;
                    for (float f : p.samples()) {
                        sum += Math.round(f * 255);
                    }
                    sums.merge(r.text("split").orElseThrow(), sum, Double::sum);
                });
            }
        }
        System.out.println("pneumonia-mnist: " + counts);
        // Counts as medmnist publishes them; sums of all samples as numpy adds them up.
        assertThat(counts).isEqualTo(Map.of("train normal", 1214, "train pneumonia", 3494, "validation normal", 135, "validation pneumonia", 389,
                "test normal", 234, "test pneumonia", 390));
        assertThat(sums).isEqualTo(Map.of("train", 538_305_934.0, "validation", 59_624_090.0, "test", 70_355_184.0));
        assertThat(ids).hasSize(4708 + 524 + 624);
    }
}
