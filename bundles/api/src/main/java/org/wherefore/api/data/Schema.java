package org.wherefore.api.data;

import java.util.List;
import java.util.Objects;

/** The columns of one role of data, such as {@code events} or {@code items}, in order. */
public record Schema(String role, List<Field> fields) {
    public Schema {
        Objects.requireNonNull(role, "role");
        fields = List.copyOf(fields);
        if (fields.stream().map(Field::name).distinct().count() != fields.size()) {
            throw new IllegalArgumentException("schema '" + role + "' names a field twice");
        }
    }

    /** Position of a field, or -1 when the schema has none of that name. */
    public int indexOf(String field) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).name().equals(field)) {
                return i;
            }
        }
        return -1;
    }
}
