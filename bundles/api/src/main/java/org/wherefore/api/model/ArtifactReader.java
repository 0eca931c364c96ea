package org.wherefore.api.model;

import java.io.InputStream;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/** The entries of a stored model. Thread-safe. */
@ProviderType
public interface ArtifactReader {
    Set<String> entries();

    /** The caller closes it. @throws org.wherefore.api.WhereforeException {@code NOT_FOUND} when there is no such entry */
    InputStream open(String entry);
}
