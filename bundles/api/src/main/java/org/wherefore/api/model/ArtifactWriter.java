package org.wherefore.api.model;

import java.io.OutputStream;
import org.osgi.annotation.versioning.ProviderType;

/** Where a model's entries are written before it is registered. One thread. */
@ProviderType
public interface ArtifactWriter {
    /** The caller closes it before opening the next one. @throws org.wherefore.api.WhereforeException {@code STORAGE} */
    OutputStream create(String entry);
}
