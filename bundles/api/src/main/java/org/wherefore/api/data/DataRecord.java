package org.wherefore.api.data;

import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One row that fits its schema. Values are of the types that {@link FieldType} names, null where an optional field is missing.
 * Immutable; equal when schema and values are, wherever they stood.
 */
public final class DataRecord implements Input {
    private final Schema schema;
    private final List<Object> values;
    private final Location location;

    /** @throws IllegalArgumentException when a value does not fit its field; connectors report that as a bad record */
    public DataRecord(Schema schema, Location location, Object... values) {
        this.schema = Objects.requireNonNull(schema, "schema");
        this.location = Objects.requireNonNull(location, "location");
        if (values.length != schema.fields().size()) {
            throw new IllegalArgumentException("expected " + schema.fields().size() + " values, got " + values.length);
        }
        Object[] copy = values.clone();
        for (int i = 0; i < copy.length; i++) {
            Field field = schema.fields().get(i);
            if (copy[i] == null) {
                if (field.required()) {
                    throw new IllegalArgumentException("field '" + field.name() + "' is required but missing");
                }
                continue;
            }
            Class<?> expected = switch (field.type()) {
                case TEXT -> String.class;
                case NUMBER -> Double.class;
                case TIME -> Instant.class;
                case LIST -> List.class;
                case IMAGE -> Picture.class;
            };
            if (!expected.isInstance(copy[i])) {
                throw new IllegalArgumentException("field '" + field.name() + "' expects " + field.type() + ", got " + copy[i]);
            }
            if (copy[i] instanceof List<?> list) {
                copy[i] = List.copyOf(list);
            }
        }
        this.values = Collections.unmodifiableList(Arrays.asList(copy));
    }

    public Schema schema() {
        return schema;
    }

    public Location location() {
        return location;
    }

    public Optional<String> text(String field) {
        return Optional.ofNullable((String) value(field));
    }

    public OptionalDouble number(String field) {
        Double v = (Double) value(field);
        return v == null ? OptionalDouble.empty() : OptionalDouble.of(v);
    }

    public Optional<Instant> time(String field) {
        return Optional.ofNullable((Instant) value(field));
    }

    /** Empty when missing. */
    @SuppressWarnings("unchecked")
    public List<String> list(String field) {
        List<String> v = (List<String>) value(field);
        return v == null ? List.of() : v;
    }

    /** Empty when missing. */
    public Optional<Picture> image(String field) {
        return Optional.ofNullable((Picture) value(field));
    }

    /**
     * The record with another value of one field.
     *
     * @param value null for missing
     * @throws IllegalArgumentException when there is no such field or the value does not fit it
     */
    public DataRecord with(String field, Object value) {
        Object[] other = values.toArray();
        other[position(field)] = value;
        return new DataRecord(schema, location, other);
    }

    /** The value of a field as it is, null when missing. */
    public Object value(String field) {
        return values.get(position(field));
    }

    private int position(String field) {
        int i = schema.indexOf(field);
        if (i < 0) {
            throw new IllegalArgumentException("schema '" + schema.role() + "' has no field '" + field + "'");
        }
        return i;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof DataRecord r && schema.equals(r.schema) && values.equals(r.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return schema.role() + " " + location;
    }
}
