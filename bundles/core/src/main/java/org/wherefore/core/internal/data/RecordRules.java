package org.wherefore.core.internal.data;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;

/**
 * What a record must be to be believed, beyond the types of its fields, as the {@code cleaning} settings of a description say:
 *
 * <ul>
 * <li>{@code min.FIELD}, {@code max.FIELD}: bounds of a NUMBER or TIME, the bounds themselves allowed
 * <li>{@code required.FIELD=true}: never missing, though the schema would allow it
 * <li>{@code oneOf.FIELD=a|b|c}: the values of a TEXT
 * <li>{@code known.FIELD=ROLE}: a TEXT that is the id of an entity of that role
 * <li>{@code back.FIELD=1h}, {@code ahead.FIELD=31d}: how far a TIME may lie behind or ahead of the newest one that was accepted
 * </ul>
 *
 * A missing value breaks no rule but {@code required}. A record that breaks one changes nothing: the newest time is that of accepted
 * records. So one record from a far future, once accepted, has all later ones refused as running backwards; {@code ahead} or
 * {@code max} keep it out. One object per read, one thread.
 */
final class RecordRules {
    private final List<Rule> rules = new ArrayList<>();
    private final Map<String, Instant> newest = new TreeMap<>();
    private final BiPredicate<String, String> known;

    /** What is expected instead of a value that is there, null when it may stay. */
    private interface Check {
        String broken(Object value);
    }

    private record Rule(String field, boolean required, Check check) {}

    /**
     * @param cleaning settings of a description; those that begin with none of the words above are somebody else's
     * @param at where they stand, for errors: such as {@code shop.json#/cleaning}
     * @param known whether an entity of a role (first) has an id (second); asked when a record is checked
     * @throws WhereforeException {@code BAD_DATA} for a setting that names no such field or can't be read
     */
    RecordRules(Schema schema, Map<String, String> cleaning, String at, BiPredicate<String, String> known) {
        this.known = known;
        for (Map.Entry<String, String> setting : new TreeMap<>(cleaning).entrySet()) {
            int dot = setting.getKey().indexOf('.');
            String word = dot < 0 ? "" : setting.getKey().substring(0, dot);
            if (!Set.of("min", "max", "required", "oneOf", "known", "back", "ahead").contains(word)) {
                continue;
            }
            String name = setting.getKey().substring(dot + 1);
            String pointer = at + "/" + setting.getKey();
            Field field = schema.fields().stream().filter(f -> f.name().equals(name)).findFirst().orElseThrow(() -> bad(pointer, "records of '"
                    + schema.role() + "' have no field '" + name + "'; they have " + schema.fields().stream().map(Field::name).toList()));
            if (word.equals("required")) {
                if (!Set.of("true", "false").contains(setting.getValue())) {
                    throw bad(pointer, "expected true or false, got '" + setting.getValue() + "'");
                }
                if (setting.getValue().equals("true")) {
                    rules.add(new Rule(name, true, value -> null));
                }
            } else {
                rules.add(new Rule(name, false, check(word, field, setting.getValue().strip(), pointer)));
            }
        }
    }

    private Check check(String word, Field field, String value, String pointer) {
        return switch (word) {
            case "min", "max" -> {
                boolean min = word.equals("min");
                if (field.type() == FieldType.NUMBER) {
                    double bound = number(value, pointer);
                    yield v -> (min ? (Double) v >= bound : (Double) v <= bound) ? null : "a number of " + value + (min ? " or more" : " or less");
                }
                must(field, FieldType.TIME, word, pointer);
                Instant bound = time(value, pointer);
                yield v -> (min ? ((Instant) v).isBefore(bound) : ((Instant) v).isAfter(bound)) ? "a time not " + (min ? "before " : "after ") + bound : null;
            }
            case "oneOf" -> {
                must(field, FieldType.TEXT, word, pointer);
                Set<String> values = new TreeSet<>();
                for (String one : value.split("\\|")) {
                    values.add(one.strip());
                }
                yield v -> values.contains(v) ? null : "one of " + values;
            }
            case "known" -> {
                must(field, FieldType.TEXT, word, pointer);
                yield v -> known.test(value, (String) v) ? null : "the id of one of the " + value;
            }
            default -> {
                must(field, FieldType.TIME, word, pointer);
                Duration most = duration(value, pointer);
                boolean back = word.equals("back");
                yield v -> {
                    Instant last = newest.get(field.name());
                    if (last == null || (back ? !((Instant) v).isBefore(last.minus(most)) : !((Instant) v).isAfter(last.plus(most)))) {
                        return null;
                    }
                    return "a time at most " + value + (back ? " behind " : " ahead of ") + last + ", the newest before it"
                            + (back ? ": time runs backwards here" : "");
                };
            }
        };
    }

    /** The first rule that a record breaks; empty when it may be used, and then later ones are held against its times, too. */
    Optional<BadRecord> check(DataRecord record) {
        for (Rule rule : rules) {
            Object value = record.value(rule.field());
            String expected = value == null ? rule.required() ? "a value" : null : rule.check().broken(value);
            if (expected != null) {
                return Optional.of(new BadRecord(record.location(), rule.field(), value == null ? null : text(value), expected));
            }
        }
        for (Field field : record.schema().fields()) {
            if (field.type() == FieldType.TIME && record.value(field.name()) instanceof Instant time) {
                newest.merge(field.name(), time, (a, b) -> a.isAfter(b) ? a : b);
            }
        }
        return Optional.empty();
    }

    private static String text(Object value) {
        if (value instanceof Double d) {
            return Double.isFinite(d) ? BigDecimal.valueOf(d).stripTrailingZeros().toPlainString() : d.toString();
        }
        return value.toString();
    }

    private static void must(Field field, FieldType type, String word, String pointer) {
        if (field.type() != type) {
            throw bad(pointer, "'" + word + "' is for fields of " + type + (type == FieldType.TIME && !word.equals("back") && !word.equals("ahead") ? " or NUMBER" : "")
                    + ", and '" + field.name() + "' is " + field.type());
        }
    }

    private static double number(String text, String pointer) {
        if (text.matches("[+-]?\\d{1,15}(\\.\\d{1,15})?")) {
            return Double.parseDouble(text);
        }
        throw bad(pointer, "expected a number, got '" + text + "'");
    }

    private static Instant time(String text, String pointer) {
        try {
            return text.length() == 10 ? LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC) : Instant.parse(text);
        } catch (DateTimeException e) {
            throw bad(pointer, "expected a time such as 2018-04-01 or 2018-04-01T12:00:00Z, got '" + text + "'");
        }
    }

    private static Duration duration(String text, String pointer) {
        if (text.matches("\\d{1,6}[mhd]")) {
            long n = Long.parseLong(text.substring(0, text.length() - 1));
            return switch (text.charAt(text.length() - 1)) {
                case 'd' -> Duration.ofDays(n);
                case 'h' -> Duration.ofHours(n);
                default -> Duration.ofMinutes(n);
            };
        }
        throw bad(pointer, "expected a time such as 30m, 12h or 7d, got '" + text + "'");
    }

    private static WhereforeException bad(String pointer, String message) {
        return new WhereforeException(ErrorCode.BAD_DATA, pointer, pointer + ": " + message, null);
    }
}
