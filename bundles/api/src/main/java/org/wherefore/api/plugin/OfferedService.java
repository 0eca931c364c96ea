package org.wherefore.api.plugin;

import java.util.Objects;

/**
 * A service that a plugin bundle offers.
 *
 * @param type the interface's full name, such as {@code org.wherefore.api.explain.spi.Explainer}
 * @param name as requests name it; empty for a service that is none of the plugin kinds
 */
public record OfferedService(String type, String name) {
    public OfferedService {
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(name, "name");
    }
}
