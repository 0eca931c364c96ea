package org.wherefore.core.internal.classify;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.feature.spi.Aggregates;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.journal.StoredRecord;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.predict.Records;

/**
 * Keeps the aggregates of each domain up to date for serving. They are made of the journal's records when they are first asked for, and
 * again when data were imported or a model wants other ones; afterwards each record is added as it is stored.
 */
@Component(service = {Records.class, LiveRecords.class}, immediate = true)
public class LiveRecords implements Records {
    /** Parameters of aggregates begin with this: two models whose parameters agree there share what is remembered. */
    private static final String OWN = "aggregates";
    private static final int KEPT = 3;
    /** How far ahead of ours a clock may be that stamps records. */
    private static final Duration AHEAD = Duration.ofHours(24);
    private final Plugins plugins;
    private final Journal journal;
    private final Map<String, Domain> domains = new ConcurrentHashMap<>();

    /** What is remembered for one domain; its monitor excludes building from adding. */
    private static final class Domain {
        final Map<Map<String, String>, Aggregates> byParameters = new LinkedHashMap<>(4, 0.75f, true) {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Map<String, String>, Aggregates> eldest) {
                return size() > KEPT;
            }
        };
    }

    @Activate
    public LiveRecords(@Reference Plugins plugins, @Reference Journal journal) {
        this.plugins = plugins;
        this.journal = journal;
    }

    /** The record with its aggregates, as the model of these parameters was trained to see it. */
    public DataRecord enrich(DomainPack pack, Map<String, String> parameters, DataRecord record) {
        return aggregates(pack, parameters).map(a -> a.enrich(record)).orElse(record);
    }

    private Optional<Aggregates> aggregates(DomainPack pack, Map<String, String> parameters) {
        Map<String, String> key = new TreeMap<>();
        parameters.forEach((name, value) -> {
            if (name.startsWith(OWN)) {
                key.put(name, value);
            }
        });
        Domain domain = domains.computeIfAbsent(pack.id(), d -> new Domain());
        synchronized (domain) {
            Aggregates known = domain.byParameters.get(key);
            if (known != null) {
                return Optional.of(known);
            }
            Classification task = task(pack);
            Schema schema = schema(pack, task);
            Optional<Aggregates> made = plugins.extractor(pack.extractor()).aggregates(schema, parameters);
            made.ifPresent(a -> {
                journal.records(pack.id(), schema, Instant.EPOCH, r -> {
                    a.add(r.record());
                    if (r.label() != null) {
                        a.label(r.id(), positive(task, r.label()));
                    }
                });
                domain.byParameters.put(key, a);
            });
            return made;
        }
    }

    /** To be called when a domain's data were imported anew. */
    public void imported(String domain) {
        domains.remove(domain);
    }

    /** The schema of the records that a pack judges. */
    public static Schema schema(DomainPack pack, Classification task) {
        return pack.schemas().stream().filter(s -> s.role().equals(task.role())).findFirst()
                .orElseThrow(() -> new WhereforeException(ErrorCode.INTERNAL, "the pack '" + pack.id() + "' judges '" + task.role()
                        + "' but has no schema of that role; this is a defect of the pack"));
    }

    private static Classification task(DomainPack pack) {
        return pack.classification().orElseThrow(() -> new WhereforeException(ErrorCode.UNSUPPORTED, "/domain", "the domain '" + pack.id()
                + "' has no records; send it events", null));
    }

    private static boolean positive(Classification task, String label) {
        return task.targets().contains(label) || task.targets().size() == 1 && (label.equals("1") || label.equals("true"));
    }

    @Override
    public Taken add(String domainId, List<DataRecord> records) {
        DomainPack pack = plugins.domain(domainId);
        Classification task = task(pack);
        if (records.size() > MOST) {
            throw WhereforeException.invalid("", "at most " + MOST + " records in one call, got " + records.size());
        }
        List<BadRecord> refused = new ArrayList<>();
        Map<String, StoredRecord> fresh = new LinkedHashMap<>();
        int known = 0;
        int line = 0;
        Domain domain = domains.computeIfAbsent(domainId, d -> new Domain());
        Schema schema = schema(pack, task);
        synchronized (domain) {
            for (DataRecord r : records) {
                Location at = new Location(task.one(), ++line);
                String id = r.text(task.id()).orElse("");
                Optional<Instant> time = task.time().isEmpty() ? Optional.of(Instant.EPOCH) : r.time(task.time());
                if (id.isBlank()) {
                    refused.add(new BadRecord(at, task.id(), id, "an id"));
                    continue;
                }
                if (time.isEmpty()) {
                    refused.add(new BadRecord(at, task.time(), null, "a time"));
                    continue;
                }
                if (time.get().isAfter(Instant.now().plus(AHEAD))) {
                    // one that were believed would make the aggregates forget all before it
                    refused.add(new BadRecord(at, task.time(), time.get().toString(), "a time that is not in the future"));
                    continue;
                }
                StoredRecord before = fresh.containsKey(id) ? fresh.get(id) : journal.record(domainId, schema, id).orElse(null);
                if (before == null) {
                    fresh.put(id, new StoredRecord(id, time.get(), r));
                } else if (before.record().equals(r)) {
                    known++;
                } else {
                    refused.add(new BadRecord(at, task.id(), id, "an id of its own; it is known with other content already"));
                }
            }
            journal.store(domainId, List.copyOf(fresh.values()));
            fresh.values().forEach(r -> domain.byParameters.values().forEach(a -> a.add(r.record())));
            return new Taken(fresh.size(), known, refused);
        }
    }

    @Override
    public void label(String domainId, String id, String label) {
        DomainPack pack = plugins.domain(domainId);
        Classification task = task(pack);
        Domain domain = domains.computeIfAbsent(domainId, d -> new Domain());
        synchronized (domain) {
            if (!journal.label(domainId, task.role(), id, label)) {
                throw new WhereforeException(ErrorCode.NOT_FOUND, "/id", "there is no " + task.one() + " '" + id + "' in '" + domainId
                        + "'; send it as an event first", null);
            }
            domain.byParameters.values().forEach(a -> a.label(id, positive(task, label)));
        }
    }
}
