package org.wherefore.testkit.service;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Population;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Schema;
import org.wherefore.api.journal.Feedback;
import org.wherefore.api.journal.FeedbackCount;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.journal.Page;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.journal.StoredRecord;

/** The journal's answers from memory; a cursor is the last id of the page before. Thread-safe. */
public final class MemoryJournal implements Journal {
    private static final class Domain {
        List<Event> imported = List.of();
        final Map<String, Event> live = new LinkedHashMap<>();
        Map<String, Entity> importedEntities = Map.of();
        final Map<String, Entity> liveEntities = new HashMap<>();

        List<StoredRecord> importedRecords = List.of();
        final List<StoredRecord> liveRecords = new ArrayList<>();

        final Map<String, String> labels = new HashMap<>();

        /** Live ones first. */
        Stream<StoredRecord> records() {
            return Stream.concat(liveRecords.stream(), importedRecords.stream());
        }

        Stream<StoredRecord> records(Schema schema) {
            return records().filter(r -> r.record().schema().role().equals(schema.role()))
                    .map(r -> new StoredRecord(r.id(), r.time(), r.record(), labels.get(schema.role() + " " + r.id())));
        }

        Stream<Event> events() {
            return Stream.concat(imported.stream(), live.values().stream());
        }
    }

    private final Map<String, Domain> domains = new HashMap<>();
    private final Map<String, StoredPrediction> predictions = new LinkedHashMap<>();
    private final Map<String, Feedback> feedback = new LinkedHashMap<>();

    @Override
    public synchronized void importData(String domain, CleanData data, List<StoredRecord> records) {
        Domain d = domain(domain);
        d.imported = data.histories().values().stream().flatMap(List::stream).toList();
        Map<String, Entity> entities = new HashMap<>();
        data.entities().forEach(e -> entities.put(key(e.kind(), e.id()), e));
        d.importedEntities = entities;
        d.importedRecords = List.copyOf(records);
    }

    @Override
    public synchronized List<String> store(String domain, List<StoredRecord> records) {
        List<String> other = new ArrayList<>();
        for (StoredRecord r : records) {
            Optional<StoredRecord> known = record(domain, r.record().schema(), r.id());
            if (known.isEmpty()) {
                domain(domain).liveRecords.add(r);
            } else if (!known.get().time().equals(r.time()) || !known.get().record().equals(r.record())) {
                other.add(r.id());
            }
        }
        return other;
    }

    @Override
    public synchronized boolean label(String domain, String role, String id, String label) {
        boolean known = domain(domain).records().anyMatch(r -> r.record().schema().role().equals(role) && r.id().equals(id));
        if (known) {
            domain(domain).labels.put(role + " " + id, label);
        }
        return known;
    }

    @Override
    public void records(String domain, Schema schema, Instant from, Consumer<StoredRecord> to) {
        List<StoredRecord> found;
        synchronized (this) {
            found = domain(domain).records(schema).filter(r -> !r.time().isBefore(from)).sorted(Comparator.comparing(StoredRecord::time)).toList();
        }
        found.forEach(to);
    }

    @Override
    public synchronized Optional<StoredRecord> record(String domain, Schema schema, String id) {
        return domain(domain).records(schema).filter(r -> r.id().equals(id)).findFirst();
    }

    @Override
    public synchronized int append(String domain, List<Event> events) {
        Domain d = domain(domain);
        int fresh = 0;
        for (Event e : events) {
            if (d.imported.stream().noneMatch(i -> i.id().equals(e.id())) && d.live.putIfAbsent(e.id(), e) == null) {
                fresh++;
            }
        }
        return fresh;
    }

    @Override
    public synchronized List<Event> history(String domain, String user, int limit) {
        List<Event> all = domain(domain).events().filter(e -> e.user().equals(user)).sorted(Comparator.comparing(Event::time)).toList();
        return List.copyOf(all.subList(Math.max(0, all.size() - limit), all.size()));
    }

    @Override
    public synchronized Optional<Entity> entity(String domain, String kind, String id) {
        return Optional.ofNullable(entities(domain).get(key(kind, id)));
    }

    @Override
    public synchronized void put(String domain, Entity entity) {
        domain(domain).liveEntities.put(key(entity.kind(), entity.id()), entity);
    }

    @Override
    public synchronized boolean delete(String domain, String kind, String id) {
        Domain d = domain(domain);
        Map<String, Entity> imported = new HashMap<>(d.importedEntities);
        boolean known = imported.remove(key(kind, id)) != null | d.liveEntities.remove(key(kind, id)) != null;
        d.importedEntities = imported;
        return known;
    }

    @Override
    public synchronized Page<Entity> entities(String domain, String kind, String cursor, int limit) {
        List<Entity> after = entities(domain).values().stream().filter(e -> e.kind().equals(kind))
                .filter(e -> cursor == null || e.id().compareTo(cursor) > 0).sorted(Comparator.comparing(Entity::id)).toList();
        boolean more = after.size() > limit;
        return new Page<>(more ? after.subList(0, limit) : after, more ? after.get(limit - 1).id() : null);
    }

    @Override
    public synchronized Population population(String domain) {
        return new MemoryPopulation(domain(domain).events().toList());
    }

    @Override
    public synchronized void record(StoredPrediction prediction) {
        predictions.put(prediction.id(), prediction);
    }

    @Override
    public synchronized Optional<StoredPrediction> prediction(String id) {
        return Optional.ofNullable(predictions.get(id));
    }

    @Override
    public synchronized void record(Feedback given) {
        StoredPrediction p = predictions.get(given.prediction());
        if (p == null || given.target() != null && p.outputs().stream().noneMatch(o -> o.target().equals(given.target()))) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "prediction '" + given.prediction() + "' "
                    + (p == null ? "is unknown" : "has no output '" + given.target() + "'"));
        }
        feedback.put(given.id(), given);
    }

    @Override
    public synchronized List<FeedbackCount> feedbackCounts(String domain) {
        Map<String, FeedbackCount> counts = new TreeMap<>();
        for (Feedback f : feedback.values()) {
            StoredPrediction p = predictions.get(f.prediction());
            if (p.domain().equals(domain)) {
                FeedbackCount one = new FeedbackCount(p.model().name(), p.model().version(), f.kind(), !p.explanations().isEmpty(), 1);
                counts.merge(one.toString(), one, (a, b) -> new FeedbackCount(a.model(), a.version(), a.kind(), a.explained(), a.count() + 1));
            }
        }
        return List.copyOf(counts.values());
    }

    @Override
    public synchronized Map<String, Long> predictionCounts(String domain) {
        Map<String, Long> counts = new TreeMap<>();
        predictions.values().stream().filter(p -> p.domain().equals(domain)).forEach(p -> counts.merge(
                p.model().name() + ":" + p.model().version() + (p.explanations().isEmpty() ? "" : " explained"), 1L, Long::sum));
        return counts;
    }

    @Override
    public void flush() {
        // Nothing is written behind.
    }

    private Domain domain(String domain) {
        return domains.computeIfAbsent(domain, d -> new Domain());
    }

    private Map<String, Entity> entities(String domain) {
        Map<String, Entity> all = new HashMap<>(domain(domain).importedEntities);
        all.putAll(domain(domain).liveEntities);
        return all;
    }

    private static String key(String kind, String id) {
        return kind + "\n" + id;
    }
}
