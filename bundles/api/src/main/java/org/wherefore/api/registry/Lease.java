package org.wherefore.api.registry;

import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.registry.ModelVersion;

/** A model for the length of one call; the version stays loaded until its last lease is closed. */
@ProviderType
public interface Lease extends AutoCloseable {
    ModelVersion version();

    Model model();

    FittedExtractor extractor();

    /** What is stored of the version, the entries of engine and extractor among others. Usable as long as the lease is. */
    ArtifactReader artifact();

    @Override
    void close();
}
