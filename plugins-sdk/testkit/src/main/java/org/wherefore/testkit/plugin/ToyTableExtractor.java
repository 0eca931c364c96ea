package org.wherefore.testkit.plugin;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Input;
import org.wherefore.api.data.Schema;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.feature.spi.Aggregates;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;

/**
 * Extractor {@code toy-table} of {@link org.wherefore.testkit.data.Records#TRANSACTIONS}: {@code amount} as it is, {@code channel} as
 * one of those of the training or {@code other}; the target is {@code yes}, which the label 1 means. Its aggregates are
 * {@code customer.count} and {@code customer.risk} of the last seven days, worked out by looking at every record. Parameters are
 * ignored. Stateless, thread-safe.
 */
public final class ToyTableExtractor implements FeatureExtractor {
    private static final String ENTRY = "toy-table.bin";
    private static final Duration WINDOW = Duration.ofDays(7);

    @Override
    public String name() {
        return "toy-table";
    }

    @Override
    public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
        TreeSet<String> channels = new TreeSet<>();
        data.records().forEach(r -> r.text("channel").ifPresent(channels::add));
        if (data.records().isEmpty()) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "data set '" + data.name() + "' holds no record: nothing to learn");
        }
        return new Fitted(List.copyOf(channels));
    }

    @Override
    public Optional<Aggregates> aggregates(Schema schema, Map<String, String> parameters) {
        return Optional.of(new Seen(schema));
    }

    @Override
    public FittedExtractor load(ArtifactReader artifact) {
        if (!artifact.entries().contains(ENTRY)) {
            throw bad("the artifact has no such entry, it has " + artifact.entries(), null);
        }
        try (DataInputStream in = new DataInputStream(artifact.open(ENTRY))) {
            List<String> channels = new ArrayList<>();
            for (int left = in.readInt(); left > 0; left--) {
                channels.add(in.readUTF());
            }
            if (!in.readUTF().equals(ENTRY) || in.read() >= 0) {
                throw bad("it does not end as it should", null);
            }
            return new Fitted(channels);
        } catch (IOException | IllegalArgumentException e) {
            throw bad("it is not what extractor 'toy-table' wrote", e);
        }
    }

    private static WhereforeException bad(String message, Throwable cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, ENTRY, ENTRY + ": " + message, cause);
    }

    private static final class Fitted implements FittedExtractor {
        private final List<String> categories = new ArrayList<>(List.of("other"));

        Fitted(List<String> channels) {
            categories.addAll(channels);
        }

        @Override
        public FeatureSchema schema() {
            return FeatureSchema.of(List.of(FeatureSpec.number("amount"), FeatureSpec.category("channel", categories.toArray(String[]::new))),
                    List.of("yes"));
        }

        @Override
        public OptionalInt target(String id) {
            return id.equals("yes") || id.equals("1") ? OptionalInt.of(0) : OptionalInt.empty();
        }

        @Override
        public TableInstance extract(Input input) {
            if (!(input instanceof DataRecord record)) {
                throw new IllegalArgumentException("a record is needed, got " + input);
            }
            for (String field : List.of("amount", "channel")) {
                if (record.schema().indexOf(field) < 0) {
                    throw WhereforeException.invalid(field, record + " has no field '" + field + "', which this model reads");
                }
            }
            return new TableInstance(record.number("amount").orElse(Double.NaN), record.text("channel").map(c -> Math.max(0, categories.indexOf(c)))
                    .map(Integer::doubleValue).orElse(Double.NaN));
        }

        @Override
        public void save(ArtifactWriter artifact) {
            try (DataOutputStream out = new DataOutputStream(artifact.create(ENTRY))) {
                out.writeInt(categories.size() - 1);
                for (String channel : categories.subList(1, categories.size())) {
                    out.writeUTF(channel);
                }
                out.writeUTF(ENTRY);
            } catch (IOException e) {
                throw new WhereforeException(ErrorCode.STORAGE, ENTRY, ENTRY + " can't be written", e);
            }
        }
    }

    /** All that went by, by id. Guarded by this. */
    private static final class Seen implements Aggregates {
        private record Past(Instant time, String customer, boolean positive) {}

        private final Schema input;
        private final Schema output;
        private final Map<String, Past> all = new TreeMap<>();

        Seen(Schema input) {
            this.input = input;
            List<Field> fields = new ArrayList<>(input.fields());
            fields.add(Field.optional("customer.count", FieldType.NUMBER));
            fields.add(Field.optional("customer.risk", FieldType.NUMBER));
            this.output = new Schema(input.role(), fields);
        }

        private synchronized Instant newest() {
            return all.values().stream().map(Past::time).max(Instant::compareTo).orElse(Instant.MIN.plus(WINDOW));
        }

        @Override
        public Schema schema() {
            return output;
        }

        @Override
        public synchronized DataRecord enrich(DataRecord record) {
            Instant to = record.time("time").orElseThrow();
            Instant from = to.isBefore(newest()) ? newest().minus(WINDOW) : to.minus(WINDOW);
            List<Past> past = all.entrySet().stream().filter(e -> !e.getKey().equals(record.text("id").orElseThrow())).map(Map.Entry::getValue)
                    .filter(p -> p.time().isAfter(from) && !p.time().isAfter(to) && p.time().isAfter(to.minus(WINDOW))
                            && p.customer().equals(record.text("customer").orElse(""))).toList();
            Object[] values = new Object[output.fields().size()];
            for (int i = 0; i < input.fields().size(); i++) {
                values[i] = record.value(input.fields().get(i).name());
            }
            values[input.fields().size()] = (double) past.size();
            values[input.fields().size() + 1] = past.isEmpty() ? 0.0 : (double) past.stream().filter(Past::positive).count() / past.size();
            return new DataRecord(output, record.location(), values);
        }

        @Override
        public synchronized boolean add(DataRecord record) {
            Instant time = record.time("time").orElseThrow();
            if (!time.isAfter(newest().minus(WINDOW)) || all.containsKey(record.text("id").orElseThrow())) {
                return false;
            }
            all.put(record.text("id").orElseThrow(), new Past(time, record.text("customer").orElse(""), record.text("label").orElse("").equals("1")));
            Instant horizon = horizon(newest());
            all.values().removeIf(p -> !p.time().isAfter(horizon));
            return true;
        }

        @Override
        public synchronized boolean label(String id, boolean positive) {
            return all.computeIfPresent(id, (k, p) -> new Past(p.time(), p.customer(), positive)) != null;
        }

        @Override
        public Instant horizon(Instant now) {
            return now.minus(WINDOW);
        }

        @Override
        public synchronized void save(OutputStream out) {
            try {
                DataOutputStream data = new DataOutputStream(out);
                data.writeInt(all.size());
                for (Map.Entry<String, Past> e : all.entrySet()) {
                    data.writeUTF(e.getKey());
                    data.writeLong(e.getValue().time().getEpochSecond());
                    data.writeInt(e.getValue().time().getNano());
                    data.writeUTF(e.getValue().customer());
                    data.writeBoolean(e.getValue().positive());
                }
                data.writeUTF(ENTRY);
                data.flush();
            } catch (IOException e) {
                throw new WhereforeException(ErrorCode.STORAGE, "the aggregates can't be written", e);
            }
        }

        @Override
        public void load(InputStream in) {
            Map<String, Past> read = new TreeMap<>();
            try {
                DataInputStream data = new DataInputStream(in);
                for (int left = data.readInt(); left > 0; left--) {
                    read.put(data.readUTF(), new Past(Instant.ofEpochSecond(data.readLong(), data.readInt()), data.readUTF(), data.readBoolean()));
                }
                if (!data.readUTF().equals(ENTRY) || data.read() >= 0) {
                    throw bad("the aggregates don't end as they should", null);
                }
            } catch (IOException | java.time.DateTimeException e) {
                throw bad("not what these aggregates wrote", e);
            }
            synchronized (this) {
                all.clear();
                all.putAll(read);
            }
        }
    }
}
