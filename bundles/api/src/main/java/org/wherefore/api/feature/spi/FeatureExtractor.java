package org.wherefore.api.feature.spi;

import java.util.Map;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.model.ArtifactReader;

/** Turns data into model input. Thread-safe. */
@ConsumerType
public interface FeatureExtractor {
    /** Name used by packs, such as {@code sequence}. */
    String name();

    /** Learns vocabularies from training data only. */
    FittedExtractor fit(CleanData data, Map<String, String> parameters);

    /** @throws org.wherefore.api.WhereforeException {@code BAD_DATA} when the artifact does not hold what this extractor wrote */
    FittedExtractor load(ArtifactReader artifact);
}
