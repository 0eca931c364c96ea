package org.wherefore.api.plugin;

import java.io.InputStream;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The plugin bundles of this home. Changes come one after the other and touch that bundle only: nothing else stops, restarts or is
 * refreshed. What was acknowledged is there again after a restart or a crash. Thread-safe.
 */
@ProviderType
public interface PluginBundles {
    /** Largest jar, in bytes. */
    long MAX_BYTES = 64L << 20;

    /** All that are kept, ordered by symbolic name; those that could not be started, too. */
    List<PluginBundle> list();

    /**
     * Installs and starts a plugin bundle, or replaces the one with the same symbolic name. The new one runs before the old one stops,
     * so that the name is answered all the time. Blocks until done. When it is refused nothing is left behind, and an older jar goes on
     * running untouched.
     *
     * @param jar read to its end, not closed
     * @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} when it is no bundle or too large, {@code UNSUPPORTED} when it
     *         can't run here or takes what a plugin must not, {@code CONFLICT} when a bundle of the platform has its symbolic name or
     *         another bundle offers the same plugin name, {@code STORAGE} when it can't be kept; the message says which and the way out
     */
    PluginChange install(InputStream jar);

    /**
     * Stops and forgets a plugin bundle.
     *
     * @throws org.wherefore.api.WhereforeException {@code NOT_FOUND}, naming those there are; {@code CONFLICT} for a bundle of the platform;
     *         {@code STORAGE}
     */
    PluginChange remove(String symbolicName);
}
