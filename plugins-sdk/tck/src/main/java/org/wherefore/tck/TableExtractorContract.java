package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.History;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.feature.spi.Aggregates;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.testkit.data.Records;
import org.wherefore.testkit.data.ToyData;
import org.wherefore.testkit.service.MemoryArtifact;

/**
 * What every extractor of records promises, fitted and unfitted, and its aggregates where it has some. Subclass it and give
 * {@link #extractor}. Records are {@link Records#TRANSACTIONS}; the field {@code label} is the truth.
 */
public abstract class TableExtractorContract {
    private static final int RECORDS = 240;
    private final CleanData training = ToyData.transactions(RECORDS, 5);

    /** The extractor; a new one or the same for each call. */
    protected abstract FeatureExtractor extractor();

    /** Parameters to fit with, which make it read {@code amount} and {@code channel} at least, and to make aggregates with. None by default. */
    protected Map<String, String> parameters() {
        return Map.of();
    }

    private FittedExtractor fit() {
        return extractor().fit(training(training.records()), parameters());
    }

    /** Records as the platform gives them to fit: with their aggregates. */
    private CleanData training(List<DataRecord> records) {
        List<DataRecord> byTime = new ArrayList<>(records);
        byTime.sort(Comparator.comparing(r -> r.time("time").orElseThrow()));
        Aggregates aggregates = extractor().aggregates(Records.TRANSACTIONS, parameters()).orElse(null);
        Map<DataRecord, DataRecord> enriched = new LinkedHashMap<>();
        for (DataRecord record : byTime) {
            enriched.put(record, aggregates == null ? record : aggregates.enrich(record));
            if (aggregates != null) {
                aggregates.add(record);
            }
        }
        return training.withRecords(records.stream().map(enriched::get).toList());
    }

    private static MemoryArtifact saved(FittedExtractor fitted) {
        MemoryArtifact artifact = new MemoryArtifact();
        fitted.save(artifact);
        assertThat(artifact.entries()).as("entries that save() wrote: at least one").isNotEmpty();
        assertThat(artifact.unclosed()).as("an entry that save() created and did not close").isNull();
        return artifact;
    }

    /** Those of the training, unseen ones, one that has nothing but what is required, and one of a channel nobody had. */
    private List<DataRecord> records() {
        List<DataRecord> all = new ArrayList<>(training.records());
        all.addAll(ToyData.transactions(40, 77).records());
        Instant later = Instant.ofEpochSecond(1_800_000_000L);
        all.add(Records.transaction("bare", later, null, null, null, null, null));
        all.add(Records.transaction("odd", later, "nobody", "nowhere", -1e9, "pigeon post", null));
        return training(all).records();
    }

    private List<Instance> extracted(FittedExtractor fitted) {
        return records().stream().map(fitted::extract).toList();
    }

    @Test
    @DisplayName("has a name")
    protected void declaresItself() {
        Checks.name("name()", extractor().name());
    }

    @Test
    @DisplayName("fits a schema whose parts agree, and rows that fit it")
    protected void schemaIsSound() {
        FittedExtractor fitted = fit();
        FeatureSchema schema = fitted.schema();
        assertThat(schema.features()).as("features: what the model is fed, for people and policies").isNotEmpty();
        assertThat(schema.features()).extracting(FeatureSpec::name).as("names of features: each once").doesNotHaveDuplicates();
        assertThat(schema.targets()).as("targets: each once").isNotEmpty().doesNotHaveDuplicates();
        for (int t = 0; t < schema.targets().size(); t++) {
            assertThat(fitted.target(schema.targets().get(t))).as("target('%s'): its position in the schema", schema.targets().get(t)).hasValue(t);
        }
        assertThat(fitted.target("nobody-looks-for-this")).as("target() of a label that is no target").isEmpty();
        for (DataRecord record : records()) {
            assertThat(fitted.extract(record)).as("instance of a record").isInstanceOf(TableInstance.class);
            TableInstance row = (TableInstance) fitted.extract(record);
            assertThat(row.length()).as("values of a row: one for each feature").isEqualTo(schema.features().size());
            for (int f = 0; f < row.length(); f++) {
                int categories = schema.features().get(f).categories().size();
                if (categories > 0 && !row.missing(f)) {
                    assertThat(row.value(f)).as("value of '%s': the index of one of its %d categories", schema.features().get(f).name(), categories)
                            .isBetween(0.0, categories - 1.0).isEqualTo(Math.rint(row.value(f)));
                }
            }
            assertThat(fitted.positions(record)).as("positions() of a record: none").isEmpty();
        }
    }

    @Test
    @DisplayName("looks at the inputs: another amount is another row, a missing one is missing")
    protected void inputsMatter() {
        FittedExtractor fitted = fit();
        DataRecord record = training(training.records()).records().get(0);
        int amount = fitted.schema().features().stream().map(FeatureSpec::name).toList().indexOf("amount");
        assertThat(amount).as("position of the feature 'amount' in %s; give parameters() that make it an input", fitted.schema().features()).isNotNegative();
        assertThat(((TableInstance) fitted.extract(record.with("amount", 7.25))).value(amount)).as("value of 'amount' in a row: the record's").isEqualTo(7.25);
        assertThat(((TableInstance) fitted.extract(record.with("amount", null))).missing(amount)).as("a missing amount is missing (NaN) in the row").isTrue();
    }

    @Test
    @DisplayName("never reads the truth or the id")
    protected void truthIsNoInput() {
        FittedExtractor fitted = fit();
        for (DataRecord record : records()) {
            Instance row = fitted.extract(record);
            for (String label : Arrays.asList("1", "0", null)) {
                assertThat(fitted.extract(record.with("label", label))).as("row of a record with the label %s: a row that depends on the label tells"
                        + " the model the answer", label).isEqualTo(row);
            }
            assertThat(fitted.extract(record.with("id", "another"))).as("row of the record with another id").isEqualTo(row);
        }
    }

    @Test
    @DisplayName("learns from the training data only: serving teaches it nothing")
    protected void servingTeachesNothing() {
        FittedExtractor fitted = fit();
        MemoryArtifact before = saved(fitted);
        FeatureSchema schema = fitted.schema();
        extracted(fitted);
        assertThat(saved(fitted)).as("what is saved after serving unseen records").isEqualTo(before);
        assertThat(fitted.schema().features()).as("features after serving values that the training data did not have").isEqualTo(schema.features());
    }

    @Test
    @DisplayName("one fit does not influence another")
    protected void fitsAreIndependent() {
        FeatureExtractor shared = extractor();
        MemoryArtifact before = saved(shared.fit(training(training.records()), parameters()));
        shared.fit(training(training.records().subList(0, 5)), parameters());
        assertThat(saved(shared.fit(training(training.records()), parameters()))).as("a third fit on the data of the first").isEqualTo(before);
    }

    @Test
    @DisplayName("same data, same bytes, whatever the order of the records")
    protected void fittingIsReproducible() {
        MemoryArtifact once = saved(fit());
        assertThat(saved(fit())).as("what a second fit on the same data saves").isEqualTo(once);
        List<DataRecord> shuffled = new ArrayList<>(training.records());
        Collections.shuffle(shuffled, new Random(3));
        assertThat(saved(extractor().fit(training(shuffled), parameters()))).as("what a fit saves when records come in another order; sort what"
                + " you iterate over, and sum so that the order does not matter").isEqualTo(once);
    }

    @Test
    @DisplayName("saved and loaded, it extracts the very same rows")
    protected void roundTripIsExact() {
        FittedExtractor fitted = fit();
        MemoryArtifact artifact = saved(fitted);
        FittedExtractor loaded = extractor().load(artifact);
        assertThat(loaded.schema().features()).as("features after loading").isEqualTo(fitted.schema().features());
        assertThat(loaded.schema().targets()).as("targets after loading").isEqualTo(fitted.schema().targets());
        assertThat(extracted(loaded)).as("rows after loading").isEqualTo(extracted(fitted));
        for (String label : List.of("1", "0", "true", fitted.schema().targets().get(0))) {
            assertThat(loaded.target(label)).as("target('%s') after loading", label).isEqualTo(fitted.target(label));
        }
        assertThat(saved(loaded)).as("what a loaded extractor saves").isEqualTo(artifact);
    }

    @Test
    @DisplayName("refuses an artifact that is damaged, missing or another's as bad data")
    protected void damagedArtifactsAreRefused() {
        MemoryArtifact sound = saved(fit());
        Map<String, MemoryArtifact> damaged = new LinkedHashMap<>();
        damaged.put("an empty artifact", new MemoryArtifact());
        for (String entry : sound.entries()) {
            byte[] bytes = sound.bytes(entry);
            damaged.put("an artifact without " + entry, sound.with(entry, null));
            damaged(bytes).forEach((what, d) -> damaged.put(entry + " " + what, sound.with(entry, d)));
        }
        damaged.forEach((what, artifact) -> Checks.refusal("load() of " + what, () -> extractor().load(artifact), ErrorCode.BAD_DATA));
    }

    private static Map<String, byte[]> damaged(byte[] bytes) {
        Map<String, byte[]> damaged = new LinkedHashMap<>();
        for (int cut : new int[] {0, 1, bytes.length / 2, bytes.length - 1}) {
            damaged.put("cut to " + cut + " of " + bytes.length + " bytes", Arrays.copyOf(bytes, cut));
        }
        byte[] rubbish = new byte[bytes.length];
        Arrays.fill(rubbish, (byte) 0x5a);
        damaged.put("full of rubbish", rubbish);
        damaged.put("with a byte behind its end", Arrays.copyOf(bytes, bytes.length + 1));
        return damaged;
    }

    @Test
    @DisplayName("refuses data without any record")
    protected void emptyDataAreRefused() {
        Checks.refusal("fit() on data without records", () -> extractor().fit(training.withRecords(List.of()), parameters()), ErrorCode.BAD_DATA,
                ErrorCode.INVALID_INPUT);
    }

    @Test
    @DisplayName("refuses a record that lacks what it reads, naming the field, and a history")
    protected void foreignInputsAreRefused() {
        FittedExtractor fitted = fit();
        Schema other = new Schema("others", List.of(Field.optional("something", FieldType.TEXT)));
        var e = Checks.refusal("extract() of a record without the fields it reads", () -> fitted.extract(new DataRecord(other, new Location("test", 0), "x")),
                ErrorCode.INVALID_INPUT);
        assertThat(e.pointer().orElse("") + e.getMessage()).as("the refusal names a field that is missing")
                .containsAnyOf(training(training.records()).records().get(0).schema().fields().stream().map(Field::name).toArray(String[]::new));
        assertThatThrownBy(() -> fitted.extract(new History(List.of())), "extract() of a history by an extractor of records")
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("gives the same answers to many threads at once")
    protected void isThreadSafe() {
        FeatureExtractor shared = extractor();
        FittedExtractor fitted = fit();
        List<DataRecord> records = records();
        Checks.concurrently("extract()", extracted(fitted), () -> records.stream().map(fitted::extract).toList());
        MemoryArtifact artifact = saved(fitted);
        CleanData data = training(training.records());
        Checks.concurrently("fit()", artifact, () -> saved(shared.fit(data, parameters())));
        Checks.concurrently("load()", artifact, () -> saved(shared.load(artifact)));
    }

    @Test
    @DisplayName("keeps neither data nor what was fitted after the call")
    protected void keepsNothing() {
        FeatureExtractor kept = extractor();
        List<WeakReference<?>> references = fitAndForget(kept);
        Checks.forgotten("the training data", references.get(0));
        Checks.forgotten("the fitted extractor", references.get(1));
        Checks.forgotten("the aggregates", references.get(2));
        assertThat(kept.name()).isNotNull();
    }

    private List<WeakReference<?>> fitAndForget(FeatureExtractor kept) {
        CleanData data = training(ToyData.transactions(30, 9).records());
        FittedExtractor fitted = kept.fit(data, parameters());
        fitted.extract(data.records().get(0));
        Object aggregates = kept.aggregates(Records.TRANSACTIONS, parameters()).map(Object.class::cast).orElse(new Object());
        return List.of(new WeakReference<>(data), new WeakReference<>(fitted), new WeakReference<>(aggregates));
    }

    private Aggregates aggregates() {
        var made = extractor().aggregates(Records.TRANSACTIONS, parameters());
        assumeTrue(made.isPresent(), "it looks at each record by itself");
        return made.get();
    }

    private static byte[] saved(Aggregates aggregates) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        aggregates.save(bytes);
        return bytes.toByteArray();
    }

    private Aggregates loaded(byte[] bytes) {
        Aggregates other = aggregates();
        other.load(new ByteArrayInputStream(bytes));
        return other;
    }

    private static List<List<Object>> answers(Aggregates aggregates, List<DataRecord> records) {
        return records.stream().map(aggregates::enrich).map(Records::values).toList();
    }

    /** Later than all of the training, within every window. */
    private List<DataRecord> probes() {
        Instant end = training.records().get(RECORDS - 1).time("time").orElseThrow();
        List<DataRecord> probes = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            probes.add(Records.transaction("probe" + i, end.plus(Duration.ofHours(i)), "c" + i % 7, "m" + i % 5, 1.0 + i, "web", null));
        }
        return probes;
    }

    @Test
    @DisplayName("enriches a record by optional numbers behind its own fields, also a second time, and changes nothing by it")
    protected void enrichingChangesNothing() {
        Aggregates aggregates = aggregates();
        List<Field> fields = aggregates.schema().fields();
        int own = Records.TRANSACTIONS.fields().size();
        assertThat(fields.subList(0, own)).as("schema(): the fields of the records come first").isEqualTo(Records.TRANSACTIONS.fields());
        assertThat(fields.subList(own, fields.size())).as("schema(): then the aggregates, optional numbers").isNotEmpty()
                .allMatch(f -> f.type() == FieldType.NUMBER && !f.required());
        training.records().forEach(aggregates::add);
        byte[] before = saved(aggregates);
        List<List<Object>> first = answers(aggregates, probes());
        for (DataRecord probe : probes()) {
            DataRecord once = aggregates.enrich(probe);
            assertThat(once.schema()).as("schema of an enriched record").isEqualTo(aggregates.schema());
            assertThat(Records.values(once).subList(0, own)).as("the record's own values").isEqualTo(Records.values(probe));
            assertThat(aggregates.enrich(once)).as("an enriched record, enriched again").isEqualTo(once);
        }
        assertThat(answers(aggregates, probes())).as("answers after others were given").isEqualTo(first);
        assertThat(saved(aggregates)).as("what is saved after answering").isEqualTo(before);
    }

    @Test
    @DisplayName("answers the same bit by bit whether records came in order, late, or before and after a load")
    protected void aggregatesDependOnRecordsOnly() {
        List<DataRecord> recent = training.records().subList(RECORDS - 12, RECORDS);
        Aggregates ordered = aggregates();
        training.records().forEach(ordered::add);
        Aggregates late = aggregates();
        training.records().subList(0, RECORDS - 12).forEach(late::add);
        Aggregates halfway = loaded(saved(late));
        List<DataRecord> backwards = new ArrayList<>(recent);
        Collections.reverse(backwards);
        backwards.forEach(late::add);
        recent.forEach(halfway::add);
        List<List<Object>> expected = answers(ordered, probes());
        assertThat(answers(late, probes())).as("answers when the last twelve records came backwards").isEqualTo(expected);
        assertThat(answers(halfway, probes())).as("answers of aggregates that were saved and loaded on the way").isEqualTo(expected);
        assertThat(answers(loaded(saved(ordered)), probes())).as("answers after a load").isEqualTo(expected);
    }

    @Test
    @DisplayName("answers the same from the records after the horizon alone")
    protected void horizonIsEnough() {
        Aggregates all = aggregates();
        training.records().forEach(all::add);
        Aggregates few = aggregates();
        Instant horizon = few.horizon(probes().get(0).time("time").orElseThrow());
        training.records().stream().filter(r -> !r.time("time").orElseThrow().isBefore(horizon)).forEach(few::add);
        assertThat(answers(few, probes())).as("answers when only what horizon() names was added").isEqualTo(answers(all, probes()));
    }

    @Test
    @DisplayName("takes a record once, refuses what is too old, and labels what it remembers")
    protected void recordsAreTakenOnce() {
        Aggregates aggregates = aggregates();
        DataRecord first = training.records().get(0);
        assertThat(aggregates.add(first)).as("add() of a new record").isTrue();
        byte[] before = saved(aggregates);
        assertThat(aggregates.add(first)).as("add() of the same record").isFalse();
        Instant old = aggregates.horizon(first.time("time").orElseThrow()).minusSeconds(1);
        assertThat(aggregates.add(Records.transaction("old", old, "c0", "m0", 1.0, "web", "1"))).as("add() of a record before the horizon").isFalse();
        assertThat(aggregates.label("nobody", true)).as("label() of a record that was never added").isFalse();
        assertThat(saved(aggregates)).as("what is saved after refusals").isEqualTo(before);
        assertThat(aggregates.label(first.text("id").orElseThrow(), true)).as("label() of a remembered record").isTrue();
        assertThat(aggregates.label(first.text("id").orElseThrow(), first.text("label").orElseThrow().equals("1"))).as("label() again").isTrue();
        assertThat(saved(aggregates)).as("what is saved after a label was changed and changed back").isEqualTo(before);
    }

    @Test
    @DisplayName("what became of a record counts the same whether it came with it or later")
    protected void labelsMayComeLater() {
        Aggregates at = aggregates();
        Aggregates after = aggregates();
        training.records().forEach(r -> {
            at.add(r);
            after.add(r.with("label", null));
        });
        training.records().forEach(r -> after.label(r.text("id").orElseThrow(), r.text("label").orElseThrow().equals("1")));
        assertThat(answers(after, probes())).as("answers when labels came later").isEqualTo(answers(at, probes()));
    }

    @Test
    @DisplayName("refuses saved aggregates that are damaged as bad data, and keeps its own; loading forgets what was there before")
    protected void damagedAggregatesAreRefused() {
        Aggregates aggregates = aggregates();
        training.records().forEach(aggregates::add);
        byte[] sound = saved(aggregates);
        damaged(sound).forEach((what, bytes) -> {
            Checks.refusal("load() of aggregates " + what, () -> aggregates.load(new ByteArrayInputStream(bytes)), ErrorCode.BAD_DATA);
            assertThat(saved(aggregates)).as("what is remembered after a refused load").isEqualTo(sound);
        });
        aggregates.load(new ByteArrayInputStream(saved(aggregates())));
        assertThat(saved(aggregates)).as("what is remembered after loading aggregates that remember nothing").isEqualTo(saved(aggregates()));
    }

    @Test
    @DisplayName("aggregates answer many threads while records are added")
    protected void aggregatesAreThreadSafe() {
        Aggregates aggregates = aggregates();
        training.records().subList(0, RECORDS / 2).forEach(aggregates::add);
        List<List<Object>> expected = answers(aggregates, probes().subList(0, 3));
        Checks.concurrently("enrich()", expected, () -> answers(aggregates, probes().subList(0, 3)));
        List<DataRecord> rest = training.records().subList(RECORDS / 2, RECORDS);
        Checks.concurrently("add() and enrich() by turns", true, () -> {
            for (DataRecord record : rest) {
                aggregates.add(record);
                aggregates.enrich(record);
            }
            return true;
        });
        Aggregates alone = aggregates();
        training.records().forEach(alone::add);
        assertThat(answers(aggregates, probes())).as("answers after eight threads added the same records").isEqualTo(answers(alone, probes()));
    }
}
