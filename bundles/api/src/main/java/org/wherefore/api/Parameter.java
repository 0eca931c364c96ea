package org.wherefore.api;

import java.util.Objects;

/**
 * A parameter that a plugin declares, so that the platform can list, check and bind it.
 *
 * @param name unique within the plugin
 * @param kind {@code integer}, {@code number}, {@code text} or {@code flag}
 * @param defaultValue as text, bound when the caller gives none
 * @param help one sentence with unit and range
 */
public record Parameter(String name, String kind, String defaultValue, String help) {
    public Parameter {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(defaultValue, "defaultValue");
        Objects.requireNonNull(help, "help");
    }
}
