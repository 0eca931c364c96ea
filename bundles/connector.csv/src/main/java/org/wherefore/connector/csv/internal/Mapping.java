package org.wherefore.connector.csv.internal;

import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;

/** Turns rows of a source into records of a schema as its {@code columns} say. Immutable. */
final class Mapping {
    private final Schema schema;
    private final Source source;
    private final Values values;
    private final IdMap ids;
    private final Columns.Reader[] readers;

    /** @param column finds a column by name or number; it throws when there is none */
    Mapping(Source source, Schema schema, Options options, IdMap ids, ToIntFunction<String> column) {
        this.source = source;
        this.schema = schema;
        this.values = new Values(options);
        this.ids = ids;
        for (String field : new TreeSet<>(source.columns().keySet())) {
            requireField(schema, "/columns/" + field, field);
        }
        if (ids != null) {
            requireField(schema, "/options/idMap.field", ids.field);
        }
        readers = new Columns.Reader[schema.fields().size()];
        for (int i = 0; i < readers.length; i++) {
            Field field = schema.fields().get(i);
            String spec = source.columns().get(field.name());
            if (spec == null && field.name().equals("kind") && !options.get("kind").isEmpty()) {
                spec = "const:" + options.get("kind");
            }
            if (spec != null) {
                readers[i] = Columns.parse(field.name(), field.type(), spec, column);
            } else if (field.required()) {
                throw Failures.badOption("/columns/" + field.name(), "the field '" + field.name() + "' of role '" + schema.role()
                        + "' is required: name its column");
            }
        }
    }

    private static void requireField(Schema schema, String pointer, String field) {
        if (schema.indexOf(field) < 0) {
            throw Failures.badOption(pointer, "role '" + schema.role() + "' has no field '" + field + "'; it has "
                    + schema.fields().stream().map(Field::name).toList());
        }
    }

    /** Null when the row is bad (then it was reported) or to be skipped. */
    DataRecord record(Columns.Row row, Location at, Consumer<BadRecord> bad) {
        List<Field> fields = schema.fields();
        Object[] record = new Object[fields.size()];
        for (int i = 0; i < record.length; i++) {
            if (readers[i] == null) {
                continue;
            }
            Field field = fields.get(i);
            try {
                record[i] = values.convert(readers[i].read(row), field.type());
            } catch (Values.BadValue e) {
                bad.accept(new BadRecord(at, source.columns().get(field.name()), shorten(e.value), e.expected));
                return null;
            }
            if (record[i] == null && field.required()) {
                bad.accept(new BadRecord(at, source.columns().get(field.name()), "", "a value for '" + field.name() + "', which is required"));
                return null;
            }
            if (ids != null && field.name().equals(ids.field) && record[i] instanceof String id) {
                String mapped = ids.get(id);
                if (mapped == null) {
                    if (!ids.skip) {
                        bad.accept(new BadRecord(at, source.columns().get(field.name()), shorten(id), "an id that stands in " + ids.file()));
                    }
                    return null;
                }
                record[i] = mapped;
            }
        }
        return new DataRecord(schema, at, record);
    }

    static String shorten(String value) {
        return value.length() <= 200 ? value : value.substring(0, 200) + "\u2026";
    }
}
