package org.wherefore.core.internal.classify;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Input;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.Factor;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.feature.spi.Aggregates;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;

/** A pack that judges payments by amount, and an extractor that knows the mean of all amounts before. */
final class Bank implements DomainPack, FeatureExtractor {
    static final Schema PAYMENTS = new Schema("payments", List.of(Field.required("id", FieldType.TEXT), Field.optional("time", FieldType.TIME),
            Field.required("amount", FieldType.NUMBER), Field.optional("fraud", FieldType.TEXT), Field.optional("split", FieldType.TEXT)));
    static final Classification TASK = new Classification("payments", "payment", "id", "time", "fraud", "split", List.of("fraud"),
            List.of("pass", "review", "block"));
    private static final List<FeatureSpec> FEATURES = List.of(FeatureSpec.number("amount"), FeatureSpec.number("mean"));

    static DataRecord payment(String id, long second, double amount, String fraud) {
        return new DataRecord(PAYMENTS, new Location("test", second), id, Instant.ofEpochSecond(second), amount, fraud, null);
    }

    /** Mean of what was added; negative labels in {@code labels} are ids that were no fraud. */
    static final class Mean implements Aggregates {
        final List<DataRecord> added = new ArrayList<>();
        final List<String> labels = new ArrayList<>();
        private final Schema schema;

        Mean() {
            List<Field> fields = new ArrayList<>(PAYMENTS.fields());
            fields.add(Field.optional("mean", FieldType.NUMBER));
            schema = new Schema("payments", fields);
        }

        @Override
        public Schema schema() {
            return schema;
        }

        @Override
        public DataRecord enrich(DataRecord r) {
            var mean = added.stream().mapToDouble(a -> a.number("amount").orElseThrow()).average();
            return new DataRecord(schema, r.location(), r.value("id"), r.value("time"), r.value("amount"), r.value("fraud"), r.value("split"),
                    mean.isPresent() ? (Object) mean.getAsDouble() : null);
        }

        @Override
        public boolean add(DataRecord r) {
            return added.add(r);
        }

        @Override
        public boolean label(String id, boolean positive) {
            return labels.add((positive ? "+" : "-") + id);
        }

        @Override
        public Instant horizon(Instant now) {
            return now.minusSeconds(100);
        }

        @Override
        public void save(OutputStream out) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void load(InputStream in) {
            throw new UnsupportedOperationException();
        }
    }

    final List<Mean> made = new ArrayList<>();

    @Override
    public Optional<Aggregates> aggregates(Schema schema, Map<String, String> parameters) {
        made.add(new Mean());
        return Optional.of(made.get(made.size() - 1));
    }

    @Override
    public FittedExtractor fit(CleanData data, Map<String, String> parameters) {
        return fitted();
    }

    static FittedExtractor fitted() {
        return new FittedExtractor() {
            @Override
            public FeatureSchema schema() {
                return FeatureSchema.of(FEATURES, List.of("fraud"));
            }

            @Override
            public OptionalInt target(String id) {
                return id.equals("1") ? OptionalInt.of(0) : OptionalInt.empty();
            }

            @Override
            public TableInstance extract(Input input) {
                DataRecord r = (DataRecord) input;
                return new TableInstance(r.number("amount").orElse(Double.NaN),
                        r.schema().indexOf("mean") < 0 ? Double.NaN : r.number("mean").orElse(Double.NaN));
            }

            @Override
            public void save(ArtifactWriter artifact) {}
        };
    }

    @Override
    public FittedExtractor load(ArtifactReader artifact) {
        return fitted();
    }

    @Override
    public String name() {
        return "means";
    }

    @Override
    public String id() {
        return "bank";
    }

    @Override
    public String title(Locale locale) {
        return "Bank";
    }

    @Override
    public List<String> tasks() {
        return List.of("classify");
    }

    @Override
    public List<String> modalities() {
        return List.of("table");
    }

    @Override
    public List<Schema> schemas() {
        return List.of(PAYMENTS);
    }

    @Override
    public String extractor() {
        return "means";
    }

    @Override
    public String engine() {
        return "toy";
    }

    @Override
    public String fallbackEngine() {
        return "toy";
    }

    @Override
    public List<String> claimKinds() {
        return List.of("unusual");
    }

    @Override
    public Optional<Classification> classification() {
        return Optional.of(TASK);
    }

    @Override
    public List<Factor> factors() {
        return List.of(
                new Factor("own", Map.of("amount", "field:mean"), List.of("amount > field:mean * 2"), List.of("amount", "mean")),
                new Factor("ceiling", Map.of("amount", "quantile:0.5"), List.of("amount > quantile:0.9"), List.of("amount")),
                new Factor("mean", Map.of("mean", "missing"), List.of("mean >= 0"), List.of("mean")));
    }

    @Override
    public Map<String, String> trainingDefaults() {
        return Map.of();
    }

    @Override
    public Optional<Path> writeSample(Path folder, long seed) {
        return Optional.empty();
    }
}
