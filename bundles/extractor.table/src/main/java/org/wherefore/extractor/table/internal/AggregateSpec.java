package org.wherefore.extractor.table.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;

/**
 * The parameters {@code aggregates…} as a plan: {@code customer:count,mean(amount)@1d,7d,30d;terminal:count,risk@1d}. Immutable.
 *
 * @param columns what is worked out, in the order of the parameter: entity by entity, window by window, measure by measure
 * @param numbers NUMBER fields whose values are remembered
 * @param texts TEXT fields whose values are remembered, as hashes
 * @param spans each entity field with the nanoseconds its longest window reaches back
 * @param span the longest of them
 */
record AggregateSpec(List<Column> columns, List<String> numbers, List<String> texts, Map<String, Long> spans, long span, boolean includeSelf) {
    private static final Pattern MEASURE = Pattern.compile("(count|risk|(sum|mean|min|max|distinct)\\(\\s*([^()\\s]+)\\s*\\))");
    private static final Pattern WINDOW = Pattern.compile("(\\d{1,5})([dhm])");
    private static final Duration LONGEST = Duration.ofDays(3_660);

    /** What is worked out of the records in a window. */
    enum Measure { COUNT, SUM, MEAN, MIN, MAX, DISTINCT, RISK }

    /**
     * @param field empty for COUNT and RISK
     * @param shift nanoseconds by which the window ends before the record
     * @param window nanoseconds
     */
    record Column(String name, String entity, Measure measure, String field, long shift, long window) {}

    /** @return null when the parameters ask for no aggregates */
    static AggregateSpec of(Schema schema, Settings settings) {
        if (settings.text(Settings.AGGREGATES).isEmpty()) {
            return null;
        }
        field(schema, Settings.ID, settings.text(Settings.ID), FieldType.TEXT);
        field(schema, Settings.TIME, settings.text(Settings.TIME), FieldType.TIME);
        long delay = duration(Settings.DELAY, settings.text(Settings.DELAY), 0);
        List<Column> columns = new ArrayList<>();
        Map<String, Long> spans = new LinkedHashMap<>();
        Set<String> numbers = new LinkedHashSet<>();
        Set<String> texts = new LinkedHashSet<>();
        for (String group : Settings.parts(settings.text(Settings.AGGREGATES), ";")) {
            int colon = group.indexOf(':');
            int at = group.lastIndexOf('@');
            if (colon < 1 || at < colon) {
                throw Settings.refuse(Settings.AGGREGATES, "aggregates: expected ENTITY:MEASURE,…@WINDOW,… between semicolons, such as "
                        + "customer:count,mean(amount)@1d,7d,30d, got '" + group + "'");
            }
            String entity = group.substring(0, colon).strip();
            field(schema, Settings.AGGREGATES, entity, FieldType.TEXT);
            List<String> measures = Settings.parts(group.substring(colon + 1, at), ",");
            List<String> windows = Settings.parts(group.substring(at + 1), ",");
            if (measures.isEmpty() || windows.isEmpty()) {
                throw Settings.refuse(Settings.AGGREGATES, "aggregates: '" + group + "' names no measure or no window");
            }
            long shift = measures.contains("risk") ? delay : 0;
            for (String window : windows) {
                long nanos = duration(Settings.AGGREGATES, window, 1);
                spans.merge(entity, nanos + shift, Math::max);
                for (String text : measures) {
                    Matcher m = MEASURE.matcher(text);
                    if (!m.matches()) {
                        throw Settings.refuse(Settings.AGGREGATES, "aggregates: expected count, risk, sum(FIELD), mean(FIELD), min(FIELD), "
                                + "max(FIELD) or distinct(FIELD), got '" + text + "'");
                    }
                    Measure measure = Measure.valueOf((m.group(2) == null ? m.group(1) : m.group(2)).toUpperCase(java.util.Locale.ROOT));
                    String of = m.group(3) == null ? "" : m.group(3);
                    if (measure == Measure.DISTINCT) {
                        texts.add(field(schema, Settings.AGGREGATES, of, FieldType.TEXT));
                    } else if (!of.isEmpty()) {
                        numbers.add(field(schema, Settings.AGGREGATES, of, FieldType.NUMBER));
                    }
                    columns.add(new Column(entity + (of.isEmpty() ? "" : "." + of) + "." + measure.name().toLowerCase(java.util.Locale.ROOT)
                            + "." + window, entity, measure, of, shift, nanos));
                }
            }
        }
        Set<String> names = new HashSet<>();
        for (Column column : columns) {
            if (!names.add(column.name()) || schema.indexOf(column.name()) >= 0) {
                throw Settings.refuse(Settings.AGGREGATES, "aggregates: there are two fields '" + column.name()
                        + "'; name each measure of an entity and a window once");
            }
        }
        return new AggregateSpec(List.copyOf(columns), List.copyOf(numbers), List.copyOf(texts),
                java.util.Collections.unmodifiableMap(spans), spans.values().stream().max(Long::compare).orElseThrow(),
                settings.flag(Settings.INCLUDE_SELF));
    }

    /** Entity fields that a parameter names, whether the schema has them or not. */
    static Set<String> entities(Settings settings) {
        Set<String> entities = new LinkedHashSet<>();
        for (String group : Settings.parts(settings.text(Settings.AGGREGATES), ";")) {
            entities.add(group.substring(0, Math.max(0, group.indexOf(':'))).strip());
        }
        return entities;
    }

    private static String field(Schema schema, String parameter, String name, FieldType type) {
        int i = schema.indexOf(name);
        if (i < 0 || schema.fields().get(i).type() != type) {
            throw Settings.refuse(parameter, parameter + ": records of '" + schema.role() + "' have no " + type + " field '" + name
                    + "'; they have " + schema.fields().stream().filter(f -> f.type() == type).map(Field::name).toList());
        }
        return name;
    }

    private static long duration(String parameter, String text, int min) {
        Matcher m = WINDOW.matcher(text);
        if (m.matches()) {
            long n = Long.parseLong(m.group(1));
            Duration d = switch (m.group(2)) {
                case "d" -> Duration.ofDays(n);
                case "h" -> Duration.ofHours(n);
                default -> Duration.ofMinutes(n);
            };
            if (n >= min && d.compareTo(LONGEST) <= 0) {
                return d.toNanos();
            }
        }
        throw Settings.refuse(parameter, parameter + ": expected a time such as 7d, 12h or 30m, at most " + LONGEST.toDays() + "d, got '" + text
                + "'");
    }

    /** Which of the number fields are summed for an entity. */
    int[] summed(String entity) {
        return columns.stream().filter(c -> c.entity().equals(entity) && (c.measure() == Measure.SUM || c.measure() == Measure.MEAN))
                .mapToInt(c -> numbers.indexOf(c.field())).distinct().sorted().toArray();
    }

    boolean risk(String entity) {
        return columns.stream().anyMatch(c -> c.entity().equals(entity) && c.measure() == Measure.RISK);
    }

    /** What a saved memory must have been written for. */
    String signature() {
        StringBuilder text = new StringBuilder("self " + includeSelf);
        columns.forEach(c -> text.append('\n').append(c));
        return text.toString();
    }
}
