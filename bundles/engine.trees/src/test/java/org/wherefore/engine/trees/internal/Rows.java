package org.wherefore.engine.trees.internal;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.testkit.service.MemoryArtifact;
import org.wherefore.testkit.service.RecordingProgress;

/** A small table with eight targets, and models of it. */
final class Rows {
    static final FeatureSchema SCHEMA = FeatureSchema.of(List.of(FeatureSpec.number("a"), FeatureSpec.number("b"), FeatureSpec.category("shape",
            "round", "square", "long", "flat", "odd", "other"), FeatureSpec.number("c")), IntStream.range(0, 8).mapToObj(t -> "t" + t).toList());

    private Rows() {}

    static TreesModel model(Engine engine, FeatureSchema schema, List<Example> training, List<Example> validation, Map<String, String> parameters) {
        MemoryArtifact artifact = new MemoryArtifact();
        engine.train(new TrainingRequest(schema, training, validation, parameters, 7, 1, null), artifact, new RecordingProgress());
        return (TreesModel) engine.load(new ModelInfo("rows", 1, engine.name(), "sha256:0"), schema, artifact);
    }
}
