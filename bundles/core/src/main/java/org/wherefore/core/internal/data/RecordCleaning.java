package org.wherefore.core.internal.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.CleaningStep;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.Classification;

/**
 * Records that are judged, cleaned as they are read: texts normalised, a repeated id left out, or refused when its content differs,
 * a missing time refused where the task needs one; in the end by time. One object per read, one thread.
 */
final class RecordCleaning {
    private final Classification task;
    private final Schema schema;
    private final RecordTable kept;
    /** Content by id, hashed: two contents of one id that hash alike count as the same. */
    private final Map<String, Integer> known = new HashMap<>();
    private final RecordRules rules;
    private long read;
    private long normalised;
    private long repeated;

    /** @param rules what a record must be to be believed */
    RecordCleaning(Classification task, Schema schema, RecordRules rules) {
        this.task = task;
        this.schema = schema;
        this.rules = rules;
        this.kept = new RecordTable(schema);
    }

    String role() {
        return task.role();
    }

    /** @param bad gets it when it can't be used */
    void add(DataRecord raw, Consumer<BadRecord> bad) {
        read++;
        DataRecord record = normalise(raw);
        String id = record.text(task.id()).orElse("");
        if (id.isEmpty()) {
            bad.accept(new BadRecord(raw.location(), task.id(), "", "an id"));
            return;
        }
        if (!task.time().isEmpty() && record.time(task.time()).isEmpty()) {
            bad.accept(new BadRecord(raw.location(), task.time(), "", "a time: what is judged here comes one after the other"));
            return;
        }
        BadRecord broken = rules.check(record).orElse(null);
        if (broken != null) {
            bad.accept(broken);
            return;
        }
        Integer before = known.putIfAbsent(id, record.hashCode());
        if (before == null) {
            kept.append(record);
        } else if (before == record.hashCode()) {
            repeated++;
        } else {
            bad.accept(new BadRecord(raw.location(), task.id(), id, "an id of its own; another record with other content has it already"));
        }
    }

    private DataRecord normalise(DataRecord record) {
        DataRecord out = record;
        for (Field f : schema.fields()) {
            if (f.type() == FieldType.TEXT && record.value(f.name()) instanceof String text) {
                String t = (Normalizer.isNormalized(text, Normalizer.Form.NFC) ? text : Normalizer.normalize(text, Normalizer.Form.NFC)).strip();
                if (!t.equals(text)) {
                    normalised++;
                    out = out.with(f.name(), t.isEmpty() && !f.required() ? null : t);
                }
            }
        }
        return out;
    }

    /** @throws WhereforeException {@code BAD_DATA} when no record is left */
    CleanData clean(String name, Path description, Collection<Entity> entities, List<BadRecord> bad, long badCount) {
        if (kept.isEmpty()) {
            throw new WhereforeException(ErrorCode.BAD_DATA, description.toString(), description + ": no usable record of '" + task.role()
                    + "' in " + (read + badCount) + (bad.isEmpty() ? "" : "; the first bad one: " + bad.get(0)), null);
        }
        List<CleaningStep> steps = new ArrayList<>();
        steps.add(new CleaningStep("read", kept.size() + repeated + badCount, kept.size() + repeated, badCount + " bad records left out"));
        steps.add(new CleaningStep("normalise", kept.size() + repeated, kept.size() + repeated, normalised
                + " texts trimmed or brought to Unicode NFC"));
        steps.add(new CleaningStep("de-duplicate", kept.size() + repeated, kept.size(), "same id and content"));
        List<DataRecord> records = task.time().isEmpty() ? kept : kept.by(task.time());
        return new CleanData(name, Map.of(), records, List.copyOf(entities), steps, bad, badCount, digest(records, entities));
    }

    private String digest(List<DataRecord> records, Collection<Entity> entities) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            StringBuilder line = new StringBuilder();
            for (DataRecord r : records) {
                line.setLength(0);
                for (Field f : schema.fields()) {
                    Object v = r.value(f.name());
                    if (v instanceof Picture p) {
                        ByteBuffer pixels = ByteBuffer.allocate(4 * p.channels() * p.height() * p.width());
                        pixels.asFloatBuffer().put(p.samples());
                        sha.update(pixels);
                        line.append(p.channels()).append('x').append(p.height()).append('x').append(p.width());
                    } else if (v != null) {
                        line.append(v);
                    }
                    line.append('\t');
                }
                sha.update(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
            }
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
