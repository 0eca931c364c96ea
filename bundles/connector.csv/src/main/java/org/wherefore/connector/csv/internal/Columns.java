package org.wherefore.connector.csv.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.wherefore.api.data.FieldType;

/**
 * The small language of the right side of {@code columns}: a column's name or 1-based number, {@code const:TEXT}, or for
 * LIST fields {@code flags(6..24: A,B,…)}, {@code map(3: 1=Under 18,…)} and {@code band(2: age,18,25,…)}, several of
 * them joined by {@code " + "}.
 */
final class Columns {
    private Columns() {}

    /** One row of a table or object. */
    interface Row {
        /** Raw text, a list of texts, or null. */
        Object value(int column);
    }

    /** Reads one field of a row: null, a {@code String} or a list of them. */
    interface Reader {
        Object read(Row row) throws Values.BadValue;
    }

    /** @param column finds a column by name or number; it throws when there is none */
    static Reader parse(String field, FieldType type, String text, ToIntFunction<String> column) {
        if (text.startsWith("const:")) {
            String constant = text.substring("const:".length());
            return row -> constant;
        }
        if (!function(text)) {
            int index = column.applyAsInt(text);
            return row -> row.value(index);
        }
        List<Reader> parts = new ArrayList<>();
        for (String part : Values.split(text, " + ")) {
            parts.add(part(field, part.strip(), column));
        }
        if (parts.size() == 1 && type != FieldType.LIST) {
            return row -> {
                List<?> all = (List<?>) parts.get(0).read(row);
                return all.isEmpty() ? null : all;
            };
        }
        return row -> {
            List<String> all = new ArrayList<>();
            for (Reader p : parts) {
                Object value = p.read(row);
                if (value instanceof List<?> list) {
                    list.forEach(v -> all.add((String) v));
                } else if (value != null) {
                    all.add((String) value);
                }
            }
            return all;
        };
    }

    private static boolean function(String text) {
        return text.contains(" + ") || (text.endsWith(")")
                && (text.startsWith("flags(") || text.startsWith("map(") || text.startsWith("band(")));
    }

    private static Reader part(String field, String text, ToIntFunction<String> column) {
        int open = text.indexOf('(');
        if (open < 0 || !text.endsWith(")")) {
            int index = column.applyAsInt(text);
            return row -> row.value(index);
        }
        String pointer = "/columns/" + field;
        int colon = text.indexOf(':', open);
        if (colon < 0) {
            throw Failures.badOption(pointer, "expected NAME(COLUMN: …), got '" + text + "'");
        }
        String source = text.substring(open + 1, colon).strip();
        List<String> arguments = Values.split(text.substring(colon + 1, text.length() - 1), ",").stream().map(String::strip).toList();
        return switch (text.substring(0, open)) {
            case "flags" -> flags(pointer, source, arguments, column);
            case "map" -> map(pointer, source, arguments, column);
            case "band" -> band(pointer, source, arguments, column);
            default -> throw Failures.badOption(pointer, "expected flags(…), map(…) or band(…), got '" + text + "'");
        };
    }

    private static Reader flags(String pointer, String source, List<String> names, ToIntFunction<String> column) {
        int dots = source.indexOf("..");
        if (dots < 0) {
            throw Failures.badOption(pointer, "expected flags(FIRST..LAST: names), got '" + source + "'");
        }
        int first = column.applyAsInt(source.substring(0, dots).strip());
        int last = column.applyAsInt(source.substring(dots + 2).strip());
        if (last - first + 1 != names.size()) {
            throw Failures.badOption(pointer, "flags(" + source + ") are " + (last - first + 1) + " columns but " + names.size() + " names");
        }
        return row -> {
            List<String> set = new ArrayList<>();
            for (int i = 0; i < names.size(); i++) {
                Object value = row.value(first + i);
                if ("1".equals(value) || "true".equals(value)) {
                    set.add(names.get(i));
                } else if (value != null && !"0".equals(value) && !"false".equals(value) && !"".equals(value)) {
                    throw new Values.BadValue(value.toString(), "0 or 1 for '" + names.get(i) + "'");
                }
            }
            return set;
        };
    }

    private static Reader map(String pointer, String source, List<String> pairs, ToIntFunction<String> column) {
        int index = column.applyAsInt(source);
        Map<String, String> words = new HashMap<>();
        for (String pair : pairs) {
            int equals = pair.indexOf('=');
            if (equals < 0 || words.put(pair.substring(0, equals).strip(), pair.substring(equals + 1).strip()) != null) {
                throw Failures.badOption(pointer, "expected map(COLUMN: value=word,…) with each value once, got '" + pair + "'");
            }
        }
        return row -> {
            Object value = row.value(index);
            if (value == null || value.equals("")) {
                return List.of();
            }
            String word = words.get(value.toString().strip());
            if (word == null) {
                throw new Values.BadValue(value.toString(), "one of " + words.keySet().stream().sorted().toList());
            }
            return List.of(word);
        };
    }

    private static Reader band(String pointer, String source, List<String> arguments, ToIntFunction<String> column) {
        int index = column.applyAsInt(source);
        List<String> edges = new ArrayList<>(arguments);
        String label = edges.get(0).matches("\\d+") ? "" : edges.remove(0) + " ";
        int[] limits;
        try {
            limits = edges.stream().mapToInt(Integer::parseInt).toArray();
        } catch (NumberFormatException e) {
            limits = new int[0];
        }
        boolean rising = limits.length > 0;
        for (int i = 1; i < limits.length; i++) {
            rising &= limits[i] > limits[i - 1];
        }
        if (!rising) {
            throw Failures.badOption(pointer, "expected band(COLUMN: label,18,25,…) with rising whole numbers, got " + arguments);
        }
        int[] at = limits;
        return row -> {
            Object value = row.value(index);
            if (value == null || value.equals("")) {
                return List.of();
            }
            double number = Values.number(value.toString().strip());
            int i = 0;
            while (i < at.length && number >= at[i]) {
                i++;
            }
            return List.of(label + (i == 0 ? "<" + at[0] : i == at.length ? at[i - 1] + "+" : at[i - 1] + "-" + (at[i] - 1)));
        };
    }
}
