package org.wherefore.extractor.table.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.feature.spi.Aggregates;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.testkit.service.MemoryArtifact;

class TableExtractorTest {
    private static final Schema SCHEMA = new Schema("claims", List.of(Field.required("id", FieldType.TEXT), Field.optional("time", FieldType.TIME),
            Field.optional("born", FieldType.TIME), Field.optional("amount", FieldType.NUMBER), Field.optional("usual", FieldType.NUMBER),
            Field.optional("city", FieldType.TEXT), Field.optional("agent", FieldType.TEXT), Field.optional("tags", FieldType.LIST),
            Field.optional("label", FieldType.TEXT)));
    private static final Instant SATURDAY_NIGHT = Instant.parse("2018-04-07T06:59:59Z");
    private final TableExtractor extractor = new TableExtractor();

    private static DataRecord record(String id, Instant time, Double amount, Double usual, String city, String agent, String label) {
        return new DataRecord(SCHEMA, new Location("test", 0), id, time, time, amount, usual, city, agent, List.of("x"), label);
    }

    private static CleanData data(DataRecord... records) {
        return new CleanData("claims", Map.of(), List.of(records), List.of(), List.of(), List.of(), 0, "sha256:x");
    }

    private static CleanData cities(String... cities) {
        return data(java.util.Arrays.stream(cities).map(c -> record("r", SATURDAY_NIGHT, 1.0, 2.0, c, "a", "1")).toArray(DataRecord[]::new));
    }

    private void refuses(Map<String, String> parameters, String pointer, String... words) {
        assertThatThrownBy(() -> extractor.fit(cities("Rome"), parameters), parameters.toString()).isInstanceOfSatisfying(WhereforeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT);
            assertThat(e.pointer()).contains("/parameters/" + pointer);
            assertThat(List.of(words)).allSatisfy(word -> assertThat(e.getMessage()).contains(word));
        });
    }

    private double[] row(FittedExtractor fitted, DataRecord record) {
        return ((TableInstance) fitted.extract(record)).values();
    }

    @Test
    void takesNumbersAndTextsUnlessTheyAreIdentifiersOrTheTruth() {
        FittedExtractor fitted = extractor.fit(cities("Rome"), Map.of("aggregates", "agent:count@1d", "table.ignore", "usual",
                "table.derived", "size=log1p(amount)", "table.sensitive", "city", "table.immutable", "city", "table.names", "amount=Amount claimed"));
        assertThat(fitted.schema().features()).extracting(FeatureSpec::name).containsExactly("amount", "city", "size");
        assertThat(fitted.schema().features().get(0)).isEqualTo(new FeatureSpec("amount", "number", "table", false, false, true, "Amount claimed"));
        assertThat(fitted.schema().features().get(1)).isEqualTo(new FeatureSpec("city", "category", "table", true, true, false, "city",
                List.of("other"), ""));
        assertThat(fitted.schema().targets()).containsExactly("label");
    }

    @Test
    void learnsFrequentCategoriesAndCallsTheRestOther() {
        Map<String, String> parameters = Map.of("table.features", "city", "table.categories.min", "2", "table.categories.max", "2");
        FittedExtractor fitted = extractor.fit(cities("Rome", "Oslo", "Rome", "Bonn", "Oslo", "Bonn", "Bonn", "Lyon", null, "other", "other"), parameters);
        assertThat(fitted.schema().features().get(0).categories()).containsExactly("other", "Bonn", "Oslo");
        assertThat(row(fitted, record("x", null, null, null, "Oslo", null, null))).containsExactly(2);
        assertThat(row(fitted, record("x", null, null, null, "Rome", null, null))).containsExactly(0);
        assertThat(row(fitted, record("x", null, null, null, "Quito", null, null))).containsExactly(0);
        assertThat(row(fitted, record("x", null, null, null, null, null, null))).containsExactly(Double.NaN);
    }

    @Test
    void readsTheCalendarInTheZoneAskedFor() {
        String parts = "hour,weekday,weekend,night,born.month";
        FittedExtractor utc = extractor.fit(cities("Rome"), Map.of("table.features", parts));
        assertThat(row(utc, record("x", SATURDAY_NIGHT, null, null, null, null, null))).containsExactly(6, 5, 1, 1, 3);
        assertThat(row(utc, record("x", SATURDAY_NIGHT.plusSeconds(1), null, null, null, null, null))).containsExactly(7, 5, 1, 0, 3);
        FittedExtractor there = extractor.fit(cities("Rome"), Map.of("table.features", parts, "table.timeZone", "America/Los_Angeles"));
        assertThat(row(there, record("x", SATURDAY_NIGHT, null, null, null, null, null))).containsExactly(23, 4, 0, 0, 3);
        assertThat(row(there, record("x", null, null, null, null, null, null))).containsOnly(Double.NaN);
        assertThat(utc.schema().features().get(1).categories()).startsWith("Monday").endsWith("Sunday");
    }

    @Test
    void derivesFormulasAndLeavesOutWhatHasNoResult() {
        FittedExtractor fitted = extractor.fit(cities("Rome"), Map.of("table.features", "ratio,difference,log,more,share", "table.derived",
                "ratio=amount/usual; difference = amount - usual;log=log(amount);more=log1p(ratio);share=ratio*100"));
        assertThat(row(fitted, record("x", null, 6.0, 2.0, null, null, null))).containsExactly(3, 4, Math.log(6), Math.log1p(3), 300);
        assertThat(row(fitted, record("x", null, 6.0, 0.0, null, null, null))).containsExactly(Double.NaN, 6, Math.log(6), Double.NaN, Double.NaN);
        assertThat(row(fitted, record("x", null, 0.0, null, null, null, null))).containsOnly(Double.NaN);
    }

    @Test
    void hashesIdentifiersWhenAsked() {
        FittedExtractor fitted = extractor.fit(cities("Rome"), Map.of("aggregates", "agent:count@1d", "table.hash", "agent:16", "table.ignore", "city"));
        int agent = fitted.schema().features().stream().map(FeatureSpec::name).toList().indexOf("agent");
        assertThat(fitted.schema().features().get(agent).categories()).hasSize(16);
        double first = row(fitted, record("x", null, null, null, null, "agent 7", null))[agent];
        assertThat(first).isBetween(0.0, 15.0).isEqualTo(row(fitted, record("y", null, 1.0, null, null, "agent 7", null))[agent]);
        List<Double> buckets = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            buckets.add(row(fitted, record("x", null, null, null, null, "agent " + i, null))[agent]);
        }
        assertThat(buckets.stream().distinct()).hasSize(16);
    }

    @Test
    void knowsWhichTargetALabelNames() {
        FittedExtractor one = extractor.fit(cities("Rome"), Map.of("table.targets", "fraud"));
        for (String yes : List.of("1", "true", "True", "1.0", "fraud")) {
            assertThat(one.target(yes)).as(yes).hasValue(0);
        }
        for (String no : List.of("0", "false", "0.0", "", "2")) {
            assertThat(one.target(no)).as(no).isEmpty();
        }
        FittedExtractor two = extractor.fit(cities("Rome"), Map.of("table.targets", "bacterial, viral"));
        assertThat(two.target("viral")).hasValue(1);
        assertThat(two.target("1")).isEmpty();
    }

    @Test
    void writesTheSameBytesWhateverTheOrderAndReadsThemBack() {
        List<DataRecord> records = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            records.add(record("r" + i, SATURDAY_NIGHT.plusSeconds(i), i / 3.0, 1.0 + i % 7, "city " + i % 40, "a" + i % 9, i % 5 == 0 ? "1" : "0"));
        }
        Map<String, String> parameters = Map.of("table.derived", "ratio=amount/usual", "table.hash", "agent:8", "table.group", "money:amount,ratio",
                "table.features", "amount,usual,ratio,city,agent,weekend,hour", "table.actionable", "amount");
        FittedExtractor fitted = extractor.fit(data(records.toArray(DataRecord[]::new)), parameters);
        MemoryArtifact saved = new MemoryArtifact();
        fitted.save(saved);
        Collections.shuffle(records, new Random(1));
        MemoryArtifact other = new MemoryArtifact();
        extractor.fit(data(records.toArray(DataRecord[]::new)), parameters).save(other);
        assertThat(other).isEqualTo(saved);
        FittedExtractor loaded = extractor.load(saved);
        assertThat(loaded.schema().features()).isEqualTo(fitted.schema().features());
        assertThat(loaded.schema().features().get(2).group()).isEqualTo("money");
        assertThat(loaded.schema().features()).filteredOn(FeatureSpec::actionable).extracting(FeatureSpec::name).containsExactly("amount");
        for (DataRecord r : records) {
            assertThat(loaded.extract(r)).isEqualTo(fitted.extract(r));
        }
        byte[] bytes = saved.bytes(FittedTable.ENTRY);
        for (int i = 0; i < bytes.length; i++) {
            byte[] flipped = bytes.clone();
            flipped[i] ^= 4;
            MemoryArtifact damaged = saved.with(FittedTable.ENTRY, flipped);
            assertThatThrownBy(() -> extractor.load(damaged)).isInstanceOfSatisfying(WhereforeException.class,
                    e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA));
        }
    }

    @Test
    void refusesParametersThatNameWhatIsNotThere() {
        refuses(Map.of("table.features", "amount,amuont"), "table.features", "'amuont'", "amount");
        refuses(Map.of("table.features", "tags"), "table.features", "LIST");
        refuses(Map.of("table.features", "amount,label"), "table.features", "never an input");
        refuses(Map.of("table.feature", "amount"), "table.feature", "table.features");
        refuses(Map.of("table.derived", "ratio=amount/usaul"), "table.derived", "usual");
        refuses(Map.of("table.derived", "leak=label*2"), "table.derived");
        refuses(Map.of("table.derived", "amount=usual/2"), "table.derived", "choose another name");
        refuses(Map.of("table.derived", "ratio"), "table.derived", "NAME=VALUE");
        refuses(Map.of("table.sensitive", "age"), "table.sensitive", "'age'");
        refuses(Map.of("table.immutable", "city", "table.actionable", "city"), "table.actionable", "both");
        refuses(Map.of("table.group", "a:city;b:city"), "table.group", "two groups");
        refuses(Map.of("table.hash", "agent:1"), "table.hash", "2 to 4096");
        refuses(Map.of("table.hash", "amount:16"), "table.hash");
        refuses(Map.of("table.categories.min", "0"), "table.categories.min");
        refuses(Map.of("table.targets", "a,b,a", "table.timeZone", "Nowhere/Here", "table.features", "hour"), "table.timeZone", "Nowhere");
    }

    @Test
    void refusesRecordsItWasNotFittedFor() {
        Map<String, String> parameters = new HashMap<>(Transactions.HANDBOOK);
        parameters.put("table.features", "amount,customer.count.1d");
        Aggregates aggregates = extractor.aggregates(Transactions.SCHEMA, parameters).orElseThrow();
        DataRecord plain = Transactions.of("a", SATURDAY_NIGHT, "c", "m", 1.0, null);
        FittedExtractor fitted = extractor.fit(data(aggregates.enrich(plain)), parameters);
        assertThat(row(fitted, aggregates.enrich(plain))).containsExactly(1, 1);
        assertThatThrownBy(() -> fitted.extract(plain)).isInstanceOfSatisfying(WhereforeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT);
            assertThat(e.pointer()).contains("customer.count.1d");
        });
        assertThatThrownBy(() -> extractor.fit(data(plain, aggregates.enrich(plain)), Map.of())).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA));
        assertThatThrownBy(() -> extractor.fit(data(), Map.of())).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA));
    }

    @Test
    void agreesWithTheFraudDetectionHandbookOnWeekendsAndNights() throws IOException {
        FittedExtractor fitted = extractor.fit(data(Transactions.of("a", SATURDAY_NIGHT, "c", "m", 1.0, null)), Map.of("table.label", "fraud",
                "table.features", "weekend,night"));
        try (BufferedReader in = new BufferedReader(new InputStreamReader(getClass().getResourceAsStream("/handbook.csv"), StandardCharsets.UTF_8))) {
            in.readLine();
            for (String line; (line = in.readLine()) != null;) {
                String[] cells = line.split(",");
                assertThat(row(fitted, Transactions.of(cells[0], Instant.parse(cells[1]), null, null, null, null)))
                        .containsExactly(Double.parseDouble(cells[6]), Double.parseDouble(cells[7]));
            }
        }
    }
}
