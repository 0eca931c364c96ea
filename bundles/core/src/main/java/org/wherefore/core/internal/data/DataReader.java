package org.wherefore.core.internal.data;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.CleaningStep;
import org.wherefore.api.data.DataDescription;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataSet;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.predict.Plugins;

/**
 * Reads described data through connectors and cleans them: normalise, fill what is missing, remove duplicates, k-core. Every
 * step is counted. One object per read, one thread.
 */
public final class DataReader {
    /** Kind of an event whose source names none. */
    public static final String DEFAULT_KIND = "event";
    private static final int KEPT_BAD = 100;

    private final Plugins plugins;
    private final List<CleaningStep> steps = new ArrayList<>();
    private final List<BadRecord> bad = new ArrayList<>();
    private long badCount;
    private long normalised;
    private long filledKinds;
    private long filledTitles;
    private long read;
    private String missingTitle = "{id}";

    public DataReader(Plugins plugins) {
        this.plugins = plugins;
    }

    /** The description as parsed. */
    public static DataDescription describe(Path description) {
        return DescriptionReader.read(description);
    }

    /** @throws WhereforeException {@code BAD_DATA} with file, line and what was expected */
    public CleanData read(String domain, Path description) {
        DataDescription d = DescriptionReader.read(description);
        if (!d.domain().equals(domain)) {
            throw new WhereforeException(ErrorCode.BAD_DATA, description + "#/domain",
                    description + " describes data for the domain '" + d.domain() + "', not '" + domain + "'", null);
        }
        DomainPack pack = plugins.domain(domain);
        missingTitle = d.cleaning().getOrDefault("missingTitle", missingTitle);
        List<Event> events = new ArrayList<>();
        Map<String, Entity> entities = new LinkedHashMap<>();
        RecordCleaning judged = pack.classification().map(c -> {
            Schema schema = schema(pack, c.role());
            return new RecordCleaning(c, schema, new RecordRules(schema, d.cleaning(), description + "#/cleaning",
                    (role, id) -> entities.containsKey(kind(role) + " " + id)));
        }).orElse(null);
        for (Source source : d.sources()) {
            Schema schema = pack.schemas().stream().filter(s -> s.role().equals(source.role())).findFirst()
                    .orElseThrow(() -> new WhereforeException(ErrorCode.BAD_DATA, description + "#/sources",
                            "the pack '" + domain + "' has no role '" + source.role() + "'; it has "
                                    + pack.schemas().stream().map(Schema::role).toList(), null));
            try (DataSet set = plugins.connector(source.connector()).open(source, schema)) {
                Iterator<DataRecord> records = set.records(this::reject);
                while (records.hasNext()) {
                    DataRecord r = records.next();
                    read++;
                    if (judged != null && source.role().equals(judged.role())) {
                        judged.add(r, this::reject);
                    } else if (source.role().equals("events")) {
                        events.add(event(r, events.size()));
                    } else {
                        Entity e = entity(r, source.role());
                        entities.merge(e.kind() + " " + e.id(), e, DataReader::merge);
                    }
                }
            }
        }
        if (judged != null) {
            return judged.clean(d.name(), description, entities.values(), bad, badCount);
        }
        steps.add(new CleaningStep("read", read + badCount, read, badCount + " bad records left out"));
        steps.add(new CleaningStep("normalise", read, read, normalised + " texts trimmed or brought to Unicode NFC"));
        steps.add(new CleaningStep("missing", read, read, filledKinds + " events without kind became '" + DEFAULT_KIND + "', "
                + filledTitles + " entities without title got one from their id"));
        if (events.isEmpty()) {
            throw new WhereforeException(ErrorCode.BAD_DATA, description.toString(), description + ": no usable event in "
                    + (read + badCount) + " records" + (bad.isEmpty() ? "" : "; the first bad one: " + bad.get(0)), null);
        }
        if (!"false".equals(d.cleaning().get("dedupe"))) {
            events = dedupe(events);
        }
        events = kCore(events, number(description, d.cleaning(), "kCore", 0));
        Map<String, List<Event>> histories = histories(events);
        return new CleanData(d.name(), histories, List.copyOf(entities.values()), steps, bad, badCount,
                digest(histories, entities.values()));
    }

    private static Schema schema(DomainPack pack, String role) {
        return pack.schemas().stream().filter(s -> s.role().equals(role)).findFirst()
                .orElseThrow(() -> new WhereforeException(ErrorCode.INTERNAL, "the pack '" + pack.id() + "' judges '" + role
                        + "' but has no schema of that role; this is a defect of the pack"));
    }

    private void reject(BadRecord r) {
        badCount++;
        if (bad.size() < KEPT_BAD) {
            bad.add(r);
        }
    }

    private Event event(DataRecord r, int index) {
        String kind = r.text("kind").map(this::normalise).map(k -> k.toLowerCase(Locale.ROOT)).orElse("");
        if (kind.isEmpty()) {
            kind = DEFAULT_KIND;
            filledKinds++;
        }
        return new Event("i" + index, normalise(r.text("user").orElseThrow()), normalise(r.text("item").orElseThrow()), kind,
                r.time("time").orElse(Instant.ofEpochSecond(index)));
    }

    private Entity entity(DataRecord r, String role) {
        String id = normalise(r.text("id").orElseThrow());
        String title = r.text("title").map(this::normalise).orElse("");
        if (title.isEmpty()) {
            filledTitles++;
            title = role.equals("items") ? missingTitle.replace("{id}", id) : id;
        }
        Map<String, List<String>> attributes = new TreeMap<>();
        for (Field f : r.schema().fields()) {
            if (f.name().equals("id") || f.name().equals("title")) {
                continue;
            }
            List<String> values = switch (f.type()) {
                case IMAGE -> List.of();
                case LIST -> r.list(f.name()).stream().map(this::normalise).filter(v -> !v.isEmpty()).distinct().toList();
                case NUMBER -> r.number(f.name()).isPresent() ? List.of(plain(r.number(f.name()).getAsDouble())) : List.of();
                case TIME -> r.time(f.name()).map(t -> List.of(t.toString())).orElse(List.of());
                case TEXT -> r.text(f.name()).map(this::normalise).filter(v -> !v.isEmpty()).map(List::of).orElse(List.of());
            };
            if (!values.isEmpty()) {
                attributes.put(f.name().equals("attributes") ? "attribute" : f.name(), values);
            }
        }
        return new Entity(kind(role), id, title, attributes);
    }

    /** Of one entity of a role. */
    private static String kind(String role) {
        return role.endsWith("s") ? role.substring(0, role.length() - 1) : role;
    }

    private static String plain(double v) {
        return java.math.BigDecimal.valueOf(v).stripTrailingZeros().toPlainString();
    }

    /** Later sources of one role add what earlier ones lack. */
    private static Entity merge(Entity a, Entity b) {
        Map<String, List<String>> all = new HashMap<>(b.attributes());
        all.putAll(a.attributes());
        return new Entity(a.kind(), a.id(), a.title().contains(a.id()) ? b.title() : a.title(), all);
    }

    private String normalise(String text) {
        String t = Normalizer.isNormalized(text, Normalizer.Form.NFC) ? text : Normalizer.normalize(text, Normalizer.Form.NFC);
        t = t.strip();
        if (!t.equals(text)) {
            normalised++;
        }
        return t;
    }

    private List<Event> dedupe(List<Event> events) {
        record Key(String user, String item, String kind, Instant time) {}
        Set<Key> seen = new HashSet<>(events.size() * 2);
        List<Event> kept = new ArrayList<>(events.size());
        for (Event e : events) {
            if (seen.add(new Key(e.user(), e.item(), e.kind(), e.time()))) {
                kept.add(e);
            }
        }
        steps.add(new CleaningStep("de-duplicate", events.size(), kept.size(), "same user, item, kind and time"));
        return kept;
    }

    private List<Event> kCore(List<Event> events, int k) {
        if (k <= 1) {
            return events;
        }
        List<Event> now = events;
        int rounds = 0;
        while (true) {
            Map<String, Integer> users = new HashMap<>();
            Map<String, Integer> items = new HashMap<>();
            for (Event e : now) {
                users.merge(e.user(), 1, Integer::sum);
                items.merge(e.item(), 1, Integer::sum);
            }
            List<Event> kept = now.stream().filter(e -> users.get(e.user()) >= k && items.get(e.item()) >= k).toList();
            rounds++;
            if (kept.size() == now.size()) {
                break;
            }
            now = kept;
        }
        steps.add(new CleaningStep("k-core", events.size(), now.size(),
                "users and items with at least " + k + " events, " + rounds + " rounds"));
        if (now.isEmpty()) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "/cleaning/kCore", "no events are left in the " + k
                    + "-core; choose a smaller cleaning.kCore", null);
        }
        return now;
    }

    private static Map<String, List<Event>> histories(List<Event> events) {
        Map<String, List<Event>> out = new LinkedHashMap<>();
        for (Event e : events) {
            out.computeIfAbsent(e.user(), u -> new ArrayList<>()).add(e);
        }
        out.values().forEach(l -> l.sort(Comparator.comparing(Event::time)));
        return out;
    }

    private static int number(Path file, Map<String, String> settings, String key, int otherwise) {
        String v = settings.get(key);
        if (v == null) {
            return otherwise;
        }
        try {
            return Integer.parseInt(v);
        } catch (NumberFormatException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, file + "#/cleaning/" + key,
                    file + "#/cleaning/" + key + ": '" + v + "' is not a whole number", e);
        }
    }

    private static String digest(Map<String, List<Event>> histories, Iterable<Entity> entities) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            StringBuilder line = new StringBuilder();
            histories.forEach((u, l) -> {
                line.setLength(0);
                for (Event e : l) {
                    line.append(e.user()).append('\t').append(e.item()).append('\t').append(e.kind()).append('\t')
                            .append(e.time().toEpochMilli()).append('\n');
                }
                sha.update(line.toString().getBytes(StandardCharsets.UTF_8));
            });
            for (Entity e : entities) {
                sha.update((e.kind() + "\t" + e.id() + "\t" + e.title() + "\t" + new TreeMap<>(e.attributes()) + "\n")
                        .getBytes(StandardCharsets.UTF_8));
            }
            return "sha256:" + HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
