package org.wherefore.api.data;

import java.util.Objects;

/** One column of a {@link Schema}; a record without a required value is a bad record. */
public record Field(String name, FieldType type, boolean required) {
    public Field {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
    }

    public static Field required(String name, FieldType type) {
        return new Field(name, type, true);
    }

    public static Field optional(String name, FieldType type) {
        return new Field(name, type, false);
    }
}
