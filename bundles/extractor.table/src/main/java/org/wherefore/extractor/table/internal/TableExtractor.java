package org.wherefore.extractor.table.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.feature.spi.Aggregates;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;

/**
 * Turns records into rows: numbers as they are, texts as categories, parts of times, formulas over numbers, hashed identifiers. Only
 * the categories are learned, so the order of the records is nothing to it. Keeps aggregates of entities over time when asked to
 * ({@link RunningAggregates}). Parameters are in the bundle's README. Thread-safe.
 */
@Component(service = FeatureExtractor.class)
public final class TableExtractor implements FeatureExtractor {
    static final int MAX_BUCKETS = 4_096;
    private static final String NAME = "table";

    @Activate
    public TableExtractor() {
        // Stateless.
    }

    @Override
    public String name() {
        return NAME;
    }

    /**
     * @throws WhereforeException {@code INVALID_INPUT} naming the parameter that can't be read or names what is not there,
     *         {@code BAD_DATA} when there is no record or they are of several schemas
     */
    @Override
    public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
        Settings settings = new Settings(parameters);
        if (data.records().isEmpty()) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "data set '" + data.name() + "' holds no record after cleaning: nothing to learn");
        }
        Schema schema = data.records().get(0).schema();
        for (DataRecord record : data.records()) {
            if (!record.schema().equals(schema)) {
                throw new WhereforeException(ErrorCode.BAD_DATA, record.location().toString(), record + " is of another schema than "
                        + data.records().get(0) + "; a table has one", null);
            }
        }
        return new Fit(schema, data.records(), settings).fitted();
    }

    @Override
    public Optional<Aggregates> aggregates(Schema schema, Map<String, String> parameters) {
        Settings settings = new Settings(parameters);
        AggregateSpec spec = AggregateSpec.of(schema, settings);
        return spec == null ? Optional.empty() : Optional.of(new RunningAggregates(schema, spec, settings, labels(settings)));
    }

    @Override
    public FittedExtractor load(ArtifactReader artifact) {
        return FittedTable.load(artifact);
    }

    private static Labels labels(Settings settings) {
        try {
            return new Labels(settings.targets());
        } catch (IllegalArgumentException e) {
            throw Settings.refuse(Settings.TARGETS, Settings.TARGETS + ": " + e.getMessage());
        }
    }

    /** One fit; one thread. */
    private static final class Fit {
        private final Schema schema;
        private final List<DataRecord> records;
        private final Settings settings;
        private final Map<String, String> hashed;
        private final Map<String, Column> derived = new LinkedHashMap<>();

        Fit(Schema schema, List<DataRecord> records, Settings settings) {
            this.schema = schema;
            this.records = records;
            this.settings = settings;
            this.hashed = settings.pairs(Settings.HASH, ':');
            hashed.forEach((name, buckets) -> {
                known(Settings.HASH, name, FieldType.TEXT);
                Settings.integer(Settings.HASH, buckets, 2, MAX_BUCKETS);
            });
            settings.pairs(Settings.DERIVED, '=').forEach((name, formula) -> {
                if (schema.indexOf(name) >= 0) {
                    throw Settings.refuse(Settings.DERIVED, Settings.DERIVED + ": '" + name + "' is a field of the records; choose another name");
                }
                derived.put(name, formula(name, formula));
            });
        }

        FittedTable fitted() {
            Set<String> wanted = settings.list(Settings.FEATURES);
            Set<String> names = wanted.isEmpty() ? all() : wanted;
            if (names.isEmpty()) {
                throw Settings.refuse(Settings.FEATURES, "records of '" + schema.role() + "' have no field that could be an input; name some in "
                        + Settings.FEATURES);
            }
            Map<String, Column> columns = new LinkedHashMap<>();
            names.forEach(name -> columns.put(name, column(name)));
            Set<String> sensitive = marked(Settings.SENSITIVE, names);
            Set<String> immutable = marked(Settings.IMMUTABLE, names);
            Set<String> actionable = marked(Settings.ACTIONABLE, names);
            Map<String, String> groups = groups(names);
            Map<String, String> titles = settings.pairs(Settings.NAMES, '=');
            titles.keySet().forEach(name -> mustBe(Settings.NAMES, name, names));
            for (String both : actionable) {
                if (immutable.contains(both)) {
                    throw Settings.refuse(Settings.ACTIONABLE, "feature '" + both + "' can't be both immutable and actionable");
                }
            }
            List<FittedTable.Feature> features = new ArrayList<>();
            columns.forEach((name, column) -> features.add(FittedTable.Feature.of(name, sensitive.contains(name), immutable.contains(name),
                    actionable.isEmpty() ? !immutable.contains(name) : actionable.contains(name),
                    titles.getOrDefault(name, name.replace('.', ' ')), groups.getOrDefault(name, ""), column)));
            return new FittedTable(features, labels(settings).targets());
        }

        private Set<String> all() {
            Set<String> not = new HashSet<>(settings.list(Settings.IGNORE));
            not.addAll(List.of(settings.text(Settings.ID), settings.text(Settings.LABEL), settings.text(Settings.SPLIT)));
            Set<String> entities = AggregateSpec.entities(settings);
            Set<String> names = new LinkedHashSet<>();
            for (Field field : schema.fields()) {
                boolean usable = field.type() == FieldType.NUMBER || field.type() == FieldType.TEXT;
                if (usable && !not.contains(field.name()) && (!entities.contains(field.name()) || hashed.containsKey(field.name()))) {
                    names.add(field.name());
                }
            }
            names.addAll(derived.keySet());
            return names;
        }

        private Column column(String name) {
            if (name.equals(settings.text(Settings.LABEL)) || name.equals(settings.text(Settings.SPLIT))) {
                throw Settings.refuse(Settings.FEATURES, "'" + name + "' says what became of a record, or what it is used for; it is never an input");
            }
            if (derived.containsKey(name)) {
                return derived.get(name);
            }
            int i = schema.indexOf(name);
            FieldType type = i < 0 ? null : schema.fields().get(i).type();
            if (type == FieldType.NUMBER) {
                return new Column.Number(name);
            }
            if (type == FieldType.TEXT) {
                return hashed.containsKey(name) ? Column.Hashed.of(name, Integer.parseInt(hashed.get(name))) : Column.Category.of(name, frequent(name));
            }
            Column calendar = type == null ? calendar(name) : null;
            if (calendar != null) {
                return calendar;
            }
            throw Settings.refuse(Settings.FEATURES, Settings.FEATURES + ": " + (type == null ? "there is no field or derived feature '" + name + "'"
                    : "'" + name + "' is a " + type + ", of which a row can't be made") + "; there are "
                    + schema.fields().stream().filter(f -> f.type() == FieldType.NUMBER || f.type() == FieldType.TEXT).map(Field::name).toList()
                    + " and " + derived.keySet() + ", and hour, weekday, weekend, night and month of a time");
        }

        private Column calendar(String name) {
            int dot = name.lastIndexOf('.');
            String field = dot < 0 ? settings.text(Settings.TIME) : name.substring(0, dot);
            int i = schema.indexOf(field);
            if (i < 0 || schema.fields().get(i).type() != FieldType.TIME) {
                return null;
            }
            for (Column.Calendar.Part part : Column.Calendar.Part.values()) {
                if (part.text().equals(name.substring(dot + 1))) {
                    return new Column.Calendar(field, part, settings.zone());
                }
            }
            return null;
        }

        /** Values that enough records have, most frequent first, then by name. */
        private List<String> frequent(String field) {
            Map<String, Integer> counts = new HashMap<>();
            for (DataRecord record : records) {
                record.text(field).ifPresent(value -> counts.merge(value, 1, Integer::sum));
            }
            int min = settings.integer(Settings.MIN_RECORDS, 1, Integer.MAX_VALUE);
            counts.values().removeIf(n -> n < min);
            counts.remove(Column.OTHER);
            List<String> values = new ArrayList<>(new TreeMap<>(counts).keySet());
            values.sort((a, b) -> Integer.compare(counts.get(b), counts.get(a)));
            return values.subList(0, Math.min(values.size(), settings.integer(Settings.MAX_CATEGORIES, 1, 100_000)));
        }

        /** {@code a/b}, {@code a-b}, {@code a+b}, {@code a*b}, {@code log(a)}, {@code log1p(a)} over numbers and what was derived before. */
        private Column formula(String name, String text) {
            for (String function : List.of("log", "log1p")) {
                if (text.startsWith(function + "(") && text.endsWith(")")) {
                    Column inner = operand(text.substring(function.length() + 1, text.length() - 1).strip());
                    if (inner != null) {
                        return new Column.Derived(function.equals("log") ? 'l' : 'p', inner, null);
                    }
                }
            }
            for (int i = 1; i < text.length() - 1; i++) {
                if ("/-+*".indexOf(text.charAt(i)) >= 0) {
                    Column left = operand(text.substring(0, i).strip());
                    Column right = operand(text.substring(i + 1).strip());
                    // A name may hold a '-': what stands on both sides must be known.
                    if (left != null && right != null) {
                        return new Column.Derived(text.charAt(i), left, right);
                    }
                }
            }
            throw Settings.refuse(Settings.DERIVED, Settings.DERIVED + ": expected " + name + "=A/B, A-B, A+B, A*B, log(A) or log1p(A), where A and "
                    + "B are numbers, NUMBER fields or derived before it, got '" + text + "'; the NUMBER fields are "
                    + schema.fields().stream().filter(f -> f.type() == FieldType.NUMBER).map(Field::name).toList());
        }

        private Column operand(String text) {
            if (derived.containsKey(text)) {
                return derived.get(text);
            }
            int i = schema.indexOf(text);
            if (i >= 0 && schema.fields().get(i).type() == FieldType.NUMBER && !text.equals(settings.text(Settings.LABEL))) {
                return new Column.Number(text);
            }
            return text.matches("\\d{1,15}(\\.\\d{1,15})?") ? new Column.Constant(Double.parseDouble(text)) : null;
        }

        private Set<String> marked(String parameter, Set<String> names) {
            Set<String> marked = settings.list(parameter);
            marked.forEach(name -> mustBe(parameter, name, names));
            return marked;
        }

        private Map<String, String> groups(Set<String> names) {
            Map<String, String> groups = new HashMap<>();
            settings.pairs(Settings.GROUP, ':').forEach((group, members) -> Settings.parts(members, ",").forEach(name -> {
                mustBe(Settings.GROUP, name, names);
                if (groups.put(name, group) != null) {
                    throw Settings.refuse(Settings.GROUP, "feature '" + name + "' is in two groups");
                }
            }));
            return groups;
        }

        private static void mustBe(String parameter, String name, Set<String> names) {
            if (!names.contains(name)) {
                throw Settings.refuse(parameter, parameter + ": there is no feature '" + name + "'; there are " + names);
            }
        }

        private void known(String parameter, String name, FieldType type) {
            int i = schema.indexOf(name);
            if (i < 0 || schema.fields().get(i).type() != type) {
                throw Settings.refuse(parameter, parameter + ": there is no " + type + " field '" + name + "'");
            }
        }
    }
}
