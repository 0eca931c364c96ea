package org.wherefore.api.registry;

import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;
import org.wherefore.api.model.ArtifactWriter;

/** A model being written; invisible until committed. Closing without commit removes it. */
@ProviderType
public interface Staged extends ArtifactWriter, AutoCloseable {
    /** Where the entries are. A file that another process writes here is an entry, too, if it is complete before the commit. */
    Path folder();

    @Override
    void close();
}
