package org.wherefore.api.plugin;

import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Whether a jar may be loaded: whether it is put together as jars are, who signed it, and what the policy says of such. Nothing of it is
 * run. Thread-safe.
 */
@ProviderType
public interface PluginTrust {
    /** {@code signed}, {@code unsigned} or {@code isolate}: what has to be signed, and what happens to what is not. */
    String policy();

    /**
     * Reads a jar as a whole.
     *
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} naming the rule that it breaks; {@code STORAGE} when the home's
     *         certificates can't be read
     */
    Signature examine(Path jar);

    /**
     * Examines, and refuses what the policy does not let in.
     *
     * @throws org.wherefore.api.WhereforeException as {@link #examine}; {@code UNSUPPORTED} with the signature's state and the way out
     */
    Signature admit(Path jar);
}
