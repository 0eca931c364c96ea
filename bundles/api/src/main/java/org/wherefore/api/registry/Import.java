package org.wherefore.api.registry;

import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.spi.Model;

/** A model out of an archive: checked and loaded, but no version yet. Closing without commit removes it. One thread. */
@ProviderType
public interface Import extends AutoCloseable {
    /** As it was where it was exported: name, version, digest, provenance, metrics. */
    ModelVersion origin();

    /** Loaded, to be tried. Closed with this. */
    Model model();

    FittedExtractor extractor();

    ArtifactReader artifact();

    /**
     * Makes it a version. Its provenance says whose: {@code parent} is what it was at its origin, {@code imported.by} and
     * {@code imported.why} are who and why.
     */
    ModelVersion commit(String who, String why);

    @Override
    void close();
}
