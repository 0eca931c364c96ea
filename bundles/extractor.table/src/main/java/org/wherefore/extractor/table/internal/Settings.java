package org.wherefore.extractor.table.internal;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.wherefore.api.WhereforeException;

/**
 * The parameters of this extractor among all that a training has: those called {@code table.…} and {@code aggregates…}. Of these an
 * unknown name is refused, others belong to somebody else. Immutable, thread-safe.
 */
final class Settings {
    static final String FEATURES = "table.features";
    static final String DERIVED = "table.derived";
    static final String IGNORE = "table.ignore";
    static final String HASH = "table.hash";
    static final String ID = "table.id";
    static final String TIME = "table.time";
    static final String LABEL = "table.label";
    static final String SPLIT = "table.split";
    static final String TARGETS = "table.targets";
    static final String SENSITIVE = "table.sensitive";
    static final String IMMUTABLE = "table.immutable";
    static final String ACTIONABLE = "table.actionable";
    static final String GROUP = "table.group";
    static final String NAMES = "table.names";
    static final String MIN_RECORDS = "table.categories.min";
    static final String MAX_CATEGORIES = "table.categories.max";
    static final String ZONE = "table.timeZone";
    static final String AGGREGATES = "aggregates";
    static final String DELAY = "aggregates.delay";
    static final String INCLUDE_SELF = "aggregates.includeSelf";
    /** With their defaults. */
    private static final Map<String, String> KNOWN = known();
    private final Map<String, String> given;

    private static Map<String, String> known() {
        Map<String, String> known = new TreeMap<>();
        for (String none : List.of(FEATURES, DERIVED, IGNORE, HASH, TARGETS, SENSITIVE, IMMUTABLE, ACTIONABLE, GROUP, NAMES, AGGREGATES)) {
            known.put(none, "");
        }
        known.put(ID, "id");
        known.put(TIME, "time");
        known.put(LABEL, "label");
        known.put(SPLIT, "split");
        known.put(MIN_RECORDS, "10");
        known.put(MAX_CATEGORIES, "100");
        known.put(ZONE, "UTC");
        known.put(DELAY, "0d");
        known.put(INCLUDE_SELF, "false");
        return Map.copyOf(known);
    }

    /** @throws WhereforeException {@code INVALID_INPUT} for a name that starts like ours and is none of them */
    Settings(Map<String, String> parameters) {
        for (String name : new TreeMap<>(parameters).keySet()) {
            if ((name.startsWith("table.") || name.startsWith("aggregates")) && !KNOWN.containsKey(name)) {
                throw refuse(name, "extractor 'table' has no parameter '" + name + "'; it has " + new TreeMap<>(KNOWN).keySet());
            }
        }
        this.given = Map.copyOf(parameters);
    }

    static WhereforeException refuse(String name, String message) {
        return WhereforeException.invalid("/parameters/" + name, message);
    }

    String text(String name) {
        return given.getOrDefault(name, KNOWN.get(name)).strip();
    }

    /** Comma-separated, without blanks; each once, in order. */
    Set<String> list(String name) {
        return new LinkedHashSet<>(parts(text(name), ","));
    }

    /** {@code KEY=VALUE} pairs between semicolons, in order. */
    Map<String, String> pairs(String name, char between) {
        Map<String, String> pairs = new LinkedHashMap<>();
        for (String pair : parts(text(name), ";")) {
            int at = pair.indexOf(between);
            if (at < 1 || at == pair.length() - 1) {
                throw refuse(name, name + ": expected NAME" + between + "VALUE between semicolons, got '" + pair + "'");
            }
            String key = pair.substring(0, at).strip();
            if (pairs.put(key, pair.substring(at + 1).strip()) != null) {
                throw refuse(name, name + " names '" + key + "' twice");
            }
        }
        return pairs;
    }

    int integer(String name, int min, int max) {
        return integer(name, text(name), min, max);
    }

    static int integer(String name, String text, int min, int max) {
        if (text.matches("\\d{1,9}") && Integer.parseInt(text) >= min && Integer.parseInt(text) <= max) {
            return Integer.parseInt(text);
        }
        throw refuse(name, name + " is a whole number from " + min + " to " + max + ", got '" + text + "'");
    }

    boolean flag(String name) {
        return switch (text(name)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw refuse(name, name + " is true or false, got '" + text(name) + "'");
        };
    }

    ZoneId zone() {
        try {
            return ZoneId.of(text(ZONE));
        } catch (DateTimeException e) {
            throw refuse(ZONE, ZONE + " is a time zone such as UTC or Europe/Paris, got '" + text(ZONE) + "'");
        }
    }

    /** What is looked for; the label field's name where nothing is said. */
    List<String> targets() {
        Set<String> targets = list(TARGETS);
        return targets.isEmpty() ? List.of(text(LABEL)) : List.copyOf(targets);
    }

    static List<String> parts(String text, String separator) {
        List<String> parts = new ArrayList<>();
        for (String part : text.split(separator, -1)) {
            if (!part.isBlank()) {
                parts.add(part.strip());
            }
        }
        return parts;
    }
}
