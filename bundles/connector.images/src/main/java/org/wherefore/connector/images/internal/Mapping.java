package org.wherefore.connector.images.internal;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.wherefore.api.Parameters;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;

/** Turns rows into records: which column a field is read from, what a label is called, which split is meant. Immutable. */
final class Mapping {
    private static final String CONSTANT = "const:";
    private static final Map<String, String> SPLITS = Map.of("train", "train", "training", "train", "val", "validation", "valid",
            "validation", "validation", "validation", "dev", "validation", "test", "test", "testing", "test");
    private final Schema schema;
    private final int[] columns;
    private final String[] constants;
    private final Map<String, String> names;

    Mapping(Source source, Schema schema, Parameters options, Table table) {
        this.schema = schema;
        this.names = names(options.text("names"));
        for (String field : new TreeSet<>(source.columns().keySet())) {
            if (schema.indexOf(field) < 0) {
                throw WhereforeException.invalid("/columns/" + field, "/columns/" + field + ": role '" + schema.role()
                        + "' has no field '" + field + "'; it has " + schema.fields().stream().map(Field::name).toList());
            }
        }
        columns = new int[schema.fields().size()];
        constants = new String[columns.length];
        for (int i = 0; i < columns.length; i++) {
            Field field = schema.fields().get(i);
            String wanted = source.columns().get(field.name());
            if (wanted == null && field.name().equals("split") && !options.text("split").isEmpty()) {
                wanted = CONSTANT + options.text("split");
            }
            columns[i] = -1;
            if (wanted != null && wanted.startsWith(CONSTANT)) {
                constants[i] = wanted.substring(CONSTANT.length());
                continue;
            }
            boolean image = field.type() == FieldType.IMAGE;
            columns[i] = table.column(wanted != null ? wanted : table.usual(field.name(), image));
            if (columns[i] < 0 && wanted != null) {
                throw Failures.badData(table.at(), "expected a column '" + wanted + "' for the field '" + field.name() + "', there are "
                        + table.columns(), null);
            }
            if (columns[i] < 0 && field.required()) {
                throw WhereforeException.invalid("/columns/" + field.name(), "the field '" + field.name() + "' of role '" + schema.role()
                        + "' is required: name its column; there are " + table.columns());
            }
        }
    }

    private static Map<String, String> names(String text) {
        Map<String, String> map = new LinkedHashMap<>();
        for (String pair : text.isBlank() ? new String[0] : text.split(",")) {
            int equals = pair.indexOf('=');
            if (equals < 1 || map.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip()) != null) {
                throw WhereforeException.invalid("/options/names", "/options/names: expected VALUE=NAME,VALUE=NAME with each value once, got '"
                        + text + "'");
            }
        }
        return map;
    }

    /** Null when the row is bad, which has been reported then. */
    DataRecord record(Table table, Consumer<BadRecord> bad) {
        Object[] values = new Object[columns.length];
        for (int i = 0; i < columns.length; i++) {
            Field field = schema.fields().get(i);
            try {
                if (field.type() == FieldType.IMAGE) {
                    values[i] = columns[i] < 0 ? null : table.picture(columns[i]);
                } else {
                    values[i] = convert(field, constants[i] != null ? constants[i] : columns[i] < 0 ? null : table.text(columns[i]));
                }
                if (values[i] == null && field.required()) {
                    throw new Table.BadValue(null, "a value");
                }
            } catch (Table.BadValue e) {
                bad.accept(new BadRecord(table.at(), field.name(), e.value, e.expected));
                return null;
            }
        }
        return new DataRecord(schema, table.at(), values);
    }

    private Object convert(Field field, String text) throws Table.BadValue {
        String value = text == null ? "" : text.strip();
        if (value.isEmpty()) {
            return null;
        }
        if (field.name().equals("split")) {
            String split = SPLITS.get(value.toLowerCase(Locale.ROOT));
            if (split == null) {
                throw new Table.BadValue(value, "train, validation or test");
            }
            return split;
        }
        if (field.name().equals("label") && !names.isEmpty()) {
            String name = names.get(value);
            if (name == null) {
                throw new Table.BadValue(value, "one of the labels that the option 'names' lists: " + names.keySet());
            }
            return name;
        }
        return switch (field.type()) {
            case TEXT -> value;
            case NUMBER -> number(value);
            case TIME -> time(value);
            case LIST -> list(value);
            case IMAGE -> throw new IllegalStateException();
        };
    }

    private static Double number(String text) throws Table.BadValue {
        try {
            double v = Double.parseDouble(text);
            if (Double.isFinite(v)) {
                return v;
            }
        } catch (NumberFormatException e) {
            // Reported below.
        }
        throw new Table.BadValue(text, "a number, such as 12.5");
    }

    private static Instant time(String text) throws Table.BadValue {
        try {
            return text.length() == 10 ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant() : Instant.parse(text);
        } catch (DateTimeException e) {
            throw new Table.BadValue(text, "an ISO-8601 date or instant, such as 2026-01-31 or 2026-01-31T08:00:00Z");
        }
    }

    private static List<String> list(String text) {
        List<String> all = new ArrayList<>();
        for (String one : text.split("\\|")) {
            if (!one.isBlank() && !all.contains(one.strip())) {
                all.add(one.strip());
            }
        }
        return all.isEmpty() ? null : all;
    }
}
