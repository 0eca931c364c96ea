package org.wherefore.api.feature.spi;

import java.util.List;
import java.util.OptionalInt;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.data.Event;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ArtifactWriter;

/** An extractor after fitting. Immutable, thread-safe. */
@ConsumerType
public interface FittedExtractor {
    FeatureSchema schema();

    /** Index of a target id, empty when the training data did not have it. */
    OptionalInt target(String id);

    /** Model input of a history, oldest first; events on unknown items are left out, too old ones are cut. */
    Instance extract(List<Event> history);

    /** For each position of {@link #extract}'s result, the index of its event in {@code history}. */
    int[] positions(List<Event> history);

    void save(ArtifactWriter artifact);
}
