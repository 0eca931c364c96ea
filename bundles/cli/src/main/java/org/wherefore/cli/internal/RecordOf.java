package org.wherefore.cli.internal;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.journal.Journal;

/** Records that a command is about. Stateless. */
final class RecordOf {
    /** Newest ones kept to choose from. */
    private static final int NEWEST = 20;

    private RecordOf() {}

    static Schema schema(DomainPack pack, Classification task) {
        return pack.schemas().stream().filter(s -> s.role().equals(task.role())).findFirst().orElseThrow();
    }

    /** By {@code --set FIELD=VALUE}: an id and a time that are not given are {@code new} and now. */
    static DataRecord given(DomainPack pack, Classification task, Map<String, String> values) {
        Schema schema = schema(pack, task);
        Set<String> unknown = new TreeSet<>(values.keySet());
        Object[] read = new Object[schema.fields().size()];
        for (int i = 0; i < read.length; i++) {
            Field f = schema.fields().get(i);
            unknown.remove(f.name());
            String text = values.getOrDefault(f.name(), f.name().equals(task.id()) ? "new" : f.name().equals(task.time()) ? Instant.now().toString() : null);
            if (text == null && f.required()) {
                throw Terminal.usage("a " + task.one() + " needs its " + f.name() + ": --set " + f.name() + "=VALUE");
            }
            read[i] = text == null ? null : value(f, text);
        }
        if (!unknown.isEmpty()) {
            throw Terminal.usage("a " + task.one() + " has no " + unknown + "; it has " + schema.fields().stream().map(Field::name).toList());
        }
        return new DataRecord(schema, new Location("--set", 0), read);
    }

    /** @throws WhereforeException {@code INVALID_INPUT} when it can't be read */
    private static Object value(Field f, String text) {
        try {
            return switch (f.type()) {
                case TEXT -> text;
                case NUMBER -> (Object) Double.valueOf(text);
                case TIME -> Instant.parse(text);
                case LIST -> Arrays.asList(text.split(","));
                case IMAGE -> throw Terminal.usage("--set " + f.name() + ": a picture can't be given here; send it over HTTP");
            };
        } catch (NumberFormatException | DateTimeParseException e) {
            throw Terminal.usage("--set " + f.name() + ": expected " + (f.type() == FieldType.NUMBER ? "a number" : "a time such as 2018-08-03T21:14:00Z")
                    + ", got '" + text + "'");
        }
    }

    /** The latest of the journal's records that turned out to be what is looked for, newest first. */
    static List<DataRecord> positives(Journal journal, DomainPack pack, Classification task) {
        Deque<DataRecord> newest = new ArrayDeque<>();
        journal.records(pack.id(), schema(pack, task), Instant.EPOCH, r -> {
            String label = r.label() == null ? String.valueOf(r.record().value(task.label())) : r.label();
            if (task.targets().contains(label) || task.targets().size() == 1 && (label.equals("1") || label.equals("true"))) {
                newest.addFirst(r.record());
                if (newest.size() > NEWEST) {
                    newest.removeLast();
                }
            }
        });
        return List.copyOf(newest);
    }
}
