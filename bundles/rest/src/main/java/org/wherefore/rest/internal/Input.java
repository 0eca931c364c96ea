package org.wherefore.rest.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.wherefore.api.WhereforeException;

/** One JSON object read strictly: every error names the JSON pointer of what is wrong. Used by one thread. */
final class Input {
    /** Longest id, in characters. */
    static final int MAX_ID = 512;
    private final JsonNode node;
    private final String pointer;

    /** @param known all fields that may occur */
    Input(JsonNode node, String pointer, Set<String> known) {
        this.node = node;
        this.pointer = pointer;
        if (!node.isObject()) {
            throw WhereforeException.invalid(pointer, "expected an object, got " + type(node));
        }
        for (Iterator<String> names = node.fieldNames(); names.hasNext();) {
            String name = names.next();
            if (!known.contains(name)) {
                throw WhereforeException.invalid(at(name), "unknown field '" + name + "'; known are "
                        + String.join(", ", known.stream().sorted().toList()));
            }
        }
    }

    String at(String name) {
        return pointer + "/" + name.replace("~", "~0").replace("/", "~1");
    }

    JsonNode get(String name) {
        JsonNode v = node.get(name);
        return v == null || v.isNull() ? null : v;
    }

    boolean has(String name) {
        return get(name) != null;
    }

    /** @return null when absent */
    String text(String name, int max) {
        JsonNode v = get(name);
        return v == null ? null : text(v, at(name), max);
    }

    String required(String name, int max) {
        String v = text(name, max);
        if (v == null || v.isBlank()) {
            throw WhereforeException.invalid(at(name), "'" + name + "' is required");
        }
        return v;
    }

    String id(String name) {
        String v = text(name, MAX_ID);
        return v == null ? null : id(v, at(name));
    }

    List<String> ids(String name, int max) {
        JsonNode v = get(name);
        if (v == null) {
            return null;
        }
        if (!v.isArray()) {
            throw WhereforeException.invalid(at(name), "expected an array of texts, got " + type(v));
        }
        if (v.size() > max) {
            throw WhereforeException.invalid(at(name), "'" + name + "' holds at most " + max + " entries, got " + v.size());
        }
        List<String> out = new ArrayList<>(v.size());
        for (int i = 0; i < v.size(); i++) {
            JsonNode e = v.get(i);
            out.add(e.isTextual() && plain(e.textValue()) ? e.textValue() : id(text(e, at(name) + "/" + i, MAX_ID), at(name) + "/" + i));
        }
        return out;
    }

    long integer(String name, long min, long max, long otherwise) {
        JsonNode v = get(name);
        if (v == null) {
            return otherwise;
        }
        if (!v.isIntegralNumber()) {
            throw WhereforeException.invalid(at(name), "expected a whole number, got " + type(v));
        }
        if (!v.canConvertToLong() || v.longValue() < min || v.longValue() > max) {
            throw WhereforeException.invalid(at(name), "'" + name + "' is " + min + " to " + max + ", got " + shorten(v.asText()));
        }
        return v.longValue();
    }

    double number(String name, double otherwise) {
        JsonNode v = get(name);
        if (v == null) {
            return otherwise;
        }
        if (!v.isNumber()) {
            throw WhereforeException.invalid(at(name), "expected a number, got " + type(v));
        }
        if (!Double.isFinite(v.doubleValue())) {
            throw WhereforeException.invalid(at(name), "expected a finite number, got " + shorten(v.asText()));
        }
        return v.doubleValue();
    }

    /** Whether a flag is set; false when absent. */
    boolean flag(String name) {
        JsonNode v = get(name);
        if (v != null && !v.isBoolean()) {
            throw WhereforeException.invalid(at(name), "expected true or false, got " + type(v));
        }
        return v != null && v.booleanValue();
    }

    Instant time(String name, Instant otherwise) {
        String v = text(name, 64);
        if (v == null) {
            return otherwise;
        }
        try {
            return OffsetDateTime.parse(v).toInstant();
        } catch (DateTimeException e) {
            throw WhereforeException.invalid(at(name), "expected an ISO-8601 time such as 2026-01-31T10:00:00Z, got '" + shorten(v) + "'");
        }
    }

    static Locale locale(String tag, String pointer) {
        try {
            return new Locale.Builder().setLanguageTag(tag).build();
        } catch (java.util.IllformedLocaleException e) {
            throw WhereforeException.invalid(pointer, "expected a language tag such as en or zh-CN, got '" + shorten(tag) + "'");
        }
    }

    static String id(String v, String pointer) {
        if (v.isEmpty()) {
            throw WhereforeException.invalid(pointer, "an id is not empty");
        }
        if (v.length() > MAX_ID) {
            throw WhereforeException.invalid(pointer, "an id has at most " + MAX_ID + " characters, got " + v.length());
        }
        String why = Ids.wrong(v);
        if (why != null) {
            throw WhereforeException.invalid(pointer, why);
        }
        return v;
    }

    private static boolean plain(String v) {
        return !v.isEmpty() && v.length() <= MAX_ID && Ids.wrong(v) == null;
    }

    /** A text that people read: no control characters but line breaks and tabs. */
    static String plainText(String v, String pointer) {
        for (int i = 0; i < v.length(); i++) {
            if (v.charAt(i) < ' ' && v.charAt(i) != '\n' && v.charAt(i) != '\t' || v.charAt(i) == 127) {
                throw WhereforeException.invalid(pointer, "a text has no control characters");
            }
        }
        return v;
    }

    static String text(JsonNode v, String pointer, int max) {
        if (!v.isTextual()) {
            throw WhereforeException.invalid(pointer, "expected a text, got " + type(v));
        }
        if (v.textValue().length() > max) {
            throw WhereforeException.invalid(pointer, "at most " + max + " characters, got " + v.textValue().length());
        }
        return v.textValue();
    }

    /** A whole number given in the query. */
    static long query(String name, String value, long min, long max, long otherwise) {
        if (value == null) {
            return otherwise;
        }
        try {
            long v = Long.parseLong(value.trim());
            if (v >= min && v <= max) {
                return v;
            }
        } catch (NumberFormatException e) {
            // told below, with the range
        }
        throw WhereforeException.invalid("?" + name, "'" + name + "' is a whole number, " + min + " to " + max + ", got '" + shorten(value) + "'");
    }

    static String type(JsonNode v) {
        return v.getNodeType().name().toLowerCase(Locale.ROOT) + (v.isValueNode() ? " " + shorten(v.toString()) : "");
    }

    static String shorten(String v) {
        return v.length() <= 60 ? v : v.substring(0, 60) + "…";
    }
}
