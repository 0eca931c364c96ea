package org.wherefore.api.model;

import java.util.Objects;

/** Names a version ({@code fraud:7}) or an alias ({@code fraud@champion}) of a model; text form by {@link #parse}. */
public record ModelRef(String name, int version, String alias) {
    /** The alias that serves by default. */
    public static final String CHAMPION = "champion";

    public ModelRef {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(alias, "alias");
        if (version < 0 || (version == 0) == alias.isEmpty()) {
            throw new IllegalArgumentException("a model reference is NAME:VERSION or NAME@ALIAS");
        }
    }

    public static ModelRef version(String name, int version) {
        return new ModelRef(name, version, "");
    }

    public static ModelRef alias(String name, String alias) {
        return new ModelRef(name, 0, alias);
    }

    /** {@code name:3}, {@code name@alias} or {@code name} (its champion). @throws IllegalArgumentException otherwise */
    public static ModelRef parse(String text) {
        int at = text.indexOf('@');
        if (at >= 0) {
            return alias(text.substring(0, at), text.substring(at + 1));
        }
        int colon = text.indexOf(':');
        try {
            return colon < 0 ? alias(text, CHAMPION)
                    : version(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "': the version after ':' is a positive number", e);
        }
    }

    @Override
    public String toString() {
        return alias.isEmpty() ? name + ":" + version : name + "@" + alias;
    }
}
