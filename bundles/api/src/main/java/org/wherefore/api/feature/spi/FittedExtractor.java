package org.wherefore.api.feature.spi;

import java.util.Optional;
import java.util.OptionalInt;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.data.Input;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ArtifactWriter;

/** An extractor after fitting. Immutable, thread-safe. */
@ConsumerType
public interface FittedExtractor {
    FeatureSchema schema();

    /** Index of a target id, empty when the training data did not have it. */
    OptionalInt target(String id);

    /**
     * Model input. Of a {@link org.wherefore.api.data.History} events on unknown items are left out, and too old ones are cut. Of a
     * record what it lacks is missing in the instance, too, and a category the training data did not have is the one for others.
     *
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} naming the field, when the record can't be read by this model
     * @throws IllegalArgumentException for another kind of input than it was fitted on
     */
    Instance extract(Input input);

    /**
     * Of a history: for each position of {@link #extract}'s result, the index of its event. An extractor of records has no such thing
     * and gives an empty array.
     */
    default int[] positions(Input input) {
        return new int[0];
    }

    /**
     * Whether an input is of the kind that the training data were: an input that is not has an instance and a prediction, and neither
     * means anything. Cheap beside a prediction.
     *
     * @return why it is not, for people, naming what was measured and what was expected; empty when nothing speaks against it, or the
     *         extractor does not judge inputs
     * @throws org.wherefore.api.WhereforeException as {@link #extract} does
     */
    default Optional<String> check(Input input) {
        return Optional.empty();
    }

    void save(ArtifactWriter artifact);
}
