package org.wherefore.api.model.spi;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;

/** Trains and loads models of one family. Thread-safe. */
@ConsumerType
public interface Engine {
    /** Such as {@code dl4j-transformer}. */
    String name();

    List<Parameter> parameters();

    /** Whether it can learn this kind of input; if not, why. */
    Support supports(FeatureSchema schema);

    /** Trains and writes the weights. Same request, same seed and thread count: same bytes. Blocks. */
    void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress);

    /** Loads what {@link #train} wrote. @throws org.wherefore.api.WhereforeException {@code BAD_DATA} when it is not that */
    Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact);
}
