package org.wherefore.engine.classic.internal;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;

/** Small data and an artifact in memory. */
final class Toy {
    static final ModelInfo INFO = new ModelInfo("toy", 1, "classic", "sha256:0");
    static final TrainingProgress QUIET = new TrainingProgress() {
        @Override
        public void update(double done, Map<String, Double> figures) {}

        @Override
        public boolean cancelled() {
            return false;
        }
    };

    private Toy() {}

    static final class Artifact implements ArtifactWriter, ArtifactReader {
        final Map<String, byte[]> files = new TreeMap<>();

        @Override
        public OutputStream create(String entry) {
            return new ByteArrayOutputStream() {
                @Override
                public void close() {
                    files.put(entry, toByteArray());
                }
            };
        }

        @Override
        public Set<String> entries() {
            return files.keySet();
        }

        @Override
        public InputStream open(String entry) {
            return new ByteArrayInputStream(files.get(entry));
        }
    }

    static FeatureSchema schema(int targets) {
        return new FeatureSchema(List.of(), IntStream.range(0, targets).mapToObj(t -> "i" + t).toList(), List.of("view"),
                List.of(), IntStream.range(0, targets).mapToObj(t -> new int[0]).toList());
    }

    static SequenceInstance history(int... items) {
        return new SequenceInstance(items, new int[items.length]);
    }

    static Example example(int... sequence) {
        return new Example(history(Arrays.copyOf(sequence, sequence.length - 1)), sequence[sequence.length - 1]);
    }

    static Artifact train(Engine engine, int targets, List<Example> examples, Map<String, String> parameters) {
        Artifact artifact = new Artifact();
        engine.train(new TrainingRequest(schema(targets), examples, List.of(), parameters, 7, 1, null), artifact, QUIET);
        return artifact;
    }

    static Model model(Engine engine, int targets, List<Example> examples, Map<String, String> parameters) {
        return engine.load(INFO, schema(targets), train(engine, targets, examples, parameters));
    }
}
