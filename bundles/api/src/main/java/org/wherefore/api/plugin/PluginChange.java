package org.wherefore.api.plugin;

import java.util.List;
import java.util.Objects;

/**
 * What an installation, update or removal did.
 *
 * @param bundle as it is now; after a removal, as it was
 * @param updated whether another jar of the same symbolic name was replaced
 * @param touched symbolic names of all bundles whose state changed meanwhile, observed and not planned; ordered
 */
public record PluginChange(PluginBundle bundle, boolean updated, List<String> touched) {
    public PluginChange {
        Objects.requireNonNull(bundle, "bundle");
        touched = List.copyOf(touched);
    }
}
