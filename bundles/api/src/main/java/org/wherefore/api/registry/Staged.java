package org.wherefore.api.registry;

import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.model.ArtifactWriter;

/** A model being written; invisible until committed. Closing without commit removes it. */
@ProviderType
public interface Staged extends ArtifactWriter, AutoCloseable {
    Path folder();

    @Override
    void close();
}
