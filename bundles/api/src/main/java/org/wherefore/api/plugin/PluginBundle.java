package org.wherefore.api.plugin;

import java.util.List;
import java.util.Objects;

/**
 * A plugin bundle as it is now.
 *
 * @param symbolicName unique among all bundles; what it is updated and removed by
 * @param version of the bundle, as its manifest says
 * @param state {@code active}; {@code waiting} when a component of it waits for a service or a configuration; {@code failed} when it is
 *        kept but could not be started
 * @param services what it offers, ordered by type and name
 * @param digest {@code sha256:} and the hexadecimal digest of the jar
 * @param signature of the jar as it was loaded
 * @param problems why it is not active, in words; empty when it is
 */
public record PluginBundle(String symbolicName, String version, String state, List<OfferedService> services, String digest,
        Signature signature, List<String> problems) {
    public PluginBundle {
        Objects.requireNonNull(symbolicName, "symbolicName");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(digest, "digest");
        Objects.requireNonNull(signature, "signature");
        services = List.copyOf(services);
        problems = List.copyOf(problems);
    }
}
