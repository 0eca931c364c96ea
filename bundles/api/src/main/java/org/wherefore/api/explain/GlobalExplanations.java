package org.wherefore.api.explain;

import java.nio.file.Path;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.spi.TrainingProgress;

/** Measures what a model looks at overall, and remembers the last answer for each version. Thread-safe. */
@ProviderType
public interface GlobalExplanations {
    /** People where no number is given. */
    int PEOPLE = 300;

    /**
     * Measures and stores beside the version, in place of what was stored there. Blocks.
     *
     * @param people held-out cases, at least 2; fewer when there are fewer
     * @param seed the only source of randomness
     * @throws org.wherefore.api.WhereforeException {@code NOT_FOUND} for a domain or model, {@code UNSUPPORTED} for a model that does not
     *         read histories, {@code BAD_DATA} for data without two people to measure on, {@code CANCELLED} when the progress says so;
     *         nothing is stored then
     */
    GlobalExplanation measure(String domain, Path description, ModelRef model, int people, long seed, TrainingProgress progress);

    /** What was last stored of this version; empty when nothing was, or there is no such version. */
    Optional<GlobalExplanation> last(ModelRef model);
}
