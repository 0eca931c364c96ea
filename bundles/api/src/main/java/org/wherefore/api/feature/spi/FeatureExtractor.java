package org.wherefore.api.feature.spi;

import java.util.Map;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Schema;
import org.wherefore.api.model.ArtifactReader;

/** Turns data into model input. Thread-safe. */
@ConsumerType
public interface FeatureExtractor {
    /** Name used by packs, such as {@code sequence}. */
    String name();

    /** Learns vocabularies from training data only. */
    FittedExtractor fit(CleanData data, Map<String, String> parameters);

    /**
     * What it keeps of records that go by, for inputs that depend on what happened before: one fresh object without memory. Not fitted:
     * the same parameters give the same numbers whatever the data.
     *
     * @param schema of the records
     * @param parameters the pack's and the data set's, of which it takes those it knows
     * @return empty when it looks at each record by itself
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} for a parameter it can't read
     */
    default Optional<Aggregates> aggregates(Schema schema, Map<String, String> parameters) {
        return Optional.empty();
    }

    /** @throws org.wherefore.api.WhereforeException {@code BAD_DATA} when the artifact does not hold what this extractor wrote */
    FittedExtractor load(ArtifactReader artifact);
}
