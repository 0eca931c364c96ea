package org.wherefore.extractor.table.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.feature.spi.Aggregates;

class RunningAggregatesTest {
    private static final Instant START = Instant.parse("2018-04-01T00:00:00Z");
    private static final String EVERYTHING = "customer:count,sum(amount),mean(amount),min(amount),max(amount),distinct(terminal)@1d,7d,36h;"
            + "terminal:count,risk,mean(amount)@1d,30d;customer:risk@7d";

    private static Aggregates of(Map<String, String> parameters) {
        return new TableExtractor().aggregates(Transactions.SCHEMA, parameters).orElseThrow();
    }

    private static Map<String, String> parameters(String delay, boolean self) {
        return Map.of("aggregates", EVERYTHING, "aggregates.delay", delay, "aggregates.includeSelf", Boolean.toString(self), "table.label", "fraud");
    }

    /** The definition, word for word: a list of all records, searched for each number. */
    private static final class Naive {
        private final long delay;
        private final boolean self;
        private final List<DataRecord> all = new ArrayList<>();
        private final Map<String, Boolean> labels = new HashMap<>();

        Naive(long delayDays, boolean self) {
            this.delay = delayDays;
            this.self = self;
        }

        private Instant newest() {
            return all.stream().map(Naive::time).max(Comparator.naturalOrder()).orElse(Instant.MIN);
        }

        private static Instant time(DataRecord r) {
            return r.time("time").orElseThrow();
        }

        private static String id(DataRecord r) {
            return r.text("id").orElseThrow();
        }

        private List<DataRecord> remembered() {
            Instant newest = newest();
            return newest == Instant.MIN ? List.of() : all.stream().filter(r -> time(r).isAfter(newest.minus(Duration.ofDays(30 + delay)))).toList();
        }

        boolean add(DataRecord r) {
            Instant newest = newest();
            if (remembered().stream().anyMatch(o -> id(o).equals(id(r))) || newest != Instant.MIN && !time(r).isAfter(newest.minus(Duration.ofDays(30 + delay)))) {
                return false;
            }
            all.removeIf(o -> id(o).equals(id(r)));
            all.add(r);
            labels.put(id(r), r.text("fraud").equals(java.util.Optional.of("1")));
            return true;
        }

        boolean label(String id, boolean positive) {
            if (remembered().stream().noneMatch(o -> id(o).equals(id))) {
                return false;
            }
            labels.put(id, positive);
            return true;
        }

        Map<String, Double> answer(DataRecord r) {
            Map<String, Double> out = new HashMap<>();
            for (String window : List.of("1d", "7d", "36h")) {
                List<DataRecord> w = window(r, "customer", hours(window), 0);
                if (w == null) {
                    continue;
                }
                List<DataRecord> counted = new ArrayList<>(w);
                if (self) {
                    counted.add(r);
                }
                List<Double> amounts = counted.stream().map(o -> (Double) o.value("amount")).filter(a -> a != null).toList();
                double sum = amounts.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add).doubleValue();
                out.put("customer.count." + window, (double) counted.size());
                out.put("customer.amount.sum." + window, sum);
                out.put("customer.amount.mean." + window, amounts.isEmpty() ? null : Double.valueOf(sum / amounts.size()));
                out.put("customer.amount.min." + window, amounts.stream().min(Comparator.naturalOrder()).orElse(null));
                out.put("customer.amount.max." + window, amounts.stream().max(Comparator.naturalOrder()).orElse(null));
                out.put("customer.terminal.distinct." + window, (double) counted.stream().map(o -> o.value("terminal")).filter(t -> t != null).distinct().count());
            }
            for (String window : List.of("1d", "30d")) {
                List<DataRecord> w = window(r, "terminal", hours(window), delay);
                if (w == null) {
                    continue;
                }
                List<DataRecord> counted = new ArrayList<>(w);
                if (self && delay == 0) {
                    counted.add(r);
                }
                List<Double> amounts = counted.stream().map(o -> (Double) o.value("amount")).filter(a -> a != null).toList();
                double sum = amounts.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add).doubleValue();
                out.put("terminal.count." + window, (double) counted.size());
                out.put("terminal.risk." + window, risk(w));
                out.put("terminal.amount.mean." + window, amounts.isEmpty() ? null : Double.valueOf(sum / amounts.size()));
            }
            List<DataRecord> w = window(r, "customer", 7 * 24, delay);
            if (w != null) {
                out.put("customer.risk.7d", risk(w));
            }
            out.values().removeIf(v -> v == null);
            return out;
        }

        private double risk(List<DataRecord> w) {
            return w.isEmpty() ? 0 : (double) w.stream().filter(o -> labels.get(id(o))).count() / w.size();
        }

        private static long hours(String window) {
            return Long.parseLong(window.substring(0, window.length() - 1)) * (window.endsWith("d") ? 24 : 1);
        }

        private List<DataRecord> window(DataRecord r, String entity, long hours, long shiftDays) {
            Object key = r.value(entity);
            Instant to = time(r).minus(Duration.ofDays(shiftDays));
            Instant from = to.minus(Duration.ofHours(hours));
            Predicate<DataRecord> in = o -> key.equals(o.value(entity)) && time(o).isAfter(from) && !time(o).isAfter(to) && !id(o).equals(id(r));
            return key == null ? null : remembered().stream().filter(in).toList();
        }
    }

    private static DataRecord random(Random random, int id, Instant time) {
        return Transactions.of("t" + id, time, random.nextInt(20) == 0 ? null : "c" + random.nextInt(4), random.nextInt(20) == 0 ? null : "m" + random.nextInt(3),
                random.nextInt(10) == 0 ? null : random.nextInt(5) == 0 ? Double.valueOf(random.nextGaussian() * 1e6) : Double.valueOf(random.nextInt(100_00) / 100.0),
                random.nextInt(3) == 0 ? "1" : random.nextBoolean() ? "0" : null);
    }

    private static Map<String, Double> numbers(DataRecord enriched) {
        Map<String, Double> out = new HashMap<>();
        for (Field f : enriched.schema().fields()) {
            if (Transactions.SCHEMA.indexOf(f.name()) < 0 && enriched.value(f.name()) != null) {
                out.put(f.name(), (Double) enriched.value(f.name()));
            }
        }
        return out;
    }

    private static byte[] saved(Aggregates aggregates) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        aggregates.save(bytes);
        return bytes.toByteArray();
    }

    private static Aggregates reloaded(Aggregates aggregates, Map<String, String> parameters) {
        Aggregates other = of(parameters);
        other.load(new ByteArrayInputStream(saved(aggregates)));
        return other;
    }

    @ParameterizedTest
    @CsvSource({"0, true", "0, false", "7, true", "7, false"})
    void answersAsTheDefinitionDoesWhateverComesLateTwiceOrAfterALoad(int delay, boolean self) {
        Map<String, String> parameters = parameters(delay + "d", self);
        for (int seed = 0; seed < 2; seed++) {
            Random random = new Random(seed);
            Aggregates running = of(parameters);
            Naive naive = new Naive(delay, self);
            Instant now = START;
            int fresh = 0;
            for (int step = 0; step < 400; step++) {
                now = now.plusSeconds(random.nextInt(4) == 0 ? 0 : random.nextInt(5) == 0 ? 86_400 : random.nextInt(20_000));
                Instant time = random.nextInt(6) == 0 ? now.minusSeconds(random.nextInt(50 * 86_400)) : now;
                DataRecord record = random(random, random.nextInt(12) == 0 ? random.nextInt(fresh + 1) : fresh++, time);
                DataRecord enriched = running.enrich(record);
                assertThat(numbers(enriched)).as("before adding, step %d, seed %d", step, seed).isEqualTo(naive.answer(record));
                assertThat(running.enrich(enriched)).isEqualTo(enriched);
                assertThat(running.add(random.nextBoolean() ? enriched : record)).as("added, step %d", step).isEqualTo(naive.add(record));
                assertThat(numbers(running.enrich(record))).as("after adding, step %d, seed %d", step, seed).isEqualTo(naive.answer(record));
                String labelled = "t" + random.nextInt(fresh + 2);
                boolean positive = random.nextBoolean();
                assertThat(running.label(labelled, positive)).as("label of %s", labelled).isEqualTo(naive.label(labelled, positive));
                if (random.nextInt(100) == 0) {
                    running = reloaded(running, parameters);
                }
            }
        }
    }

    @Test
    void saysTheSameOfRecordsInAnyOrderAndWritesTheSameBytes() {
        Map<String, String> parameters = parameters("7d", true);
        Random random = new Random(1);
        List<DataRecord> records = new ArrayList<>();
        for (int i = 0; i < 3_000; i++) {
            records.add(random(random, i, START.plusSeconds(random.nextInt(30 * 86_400))));
        }
        Aggregates ordered = of(parameters);
        records.stream().sorted(Comparator.comparing(r -> r.time("time").orElseThrow())).forEach(ordered::add);
        Aggregates late = of(parameters);
        List<DataRecord> shuffled = new ArrayList<>(records);
        Collections.shuffle(shuffled, random);
        for (int i = 0; i < shuffled.size(); i++) {
            late.add(shuffled.get(i));
            if (i % 1_000 == 999) {
                late = reloaded(late, parameters);
            }
        }
        assertThat(saved(late)).isEqualTo(saved(ordered));
        for (DataRecord record : records) {
            assertThat(late.enrich(record)).isEqualTo(ordered.enrich(record));
        }
    }

    @Test
    void forgetsWhatNoWindowReachesAndStaysSmall() {
        Map<String, String> parameters = Transactions.HANDBOOK;
        Aggregates running = of(parameters);
        int bytes = 0;
        for (int i = 0; i < 60_000; i++) {
            running.add(Transactions.of("t" + i, START.plusSeconds(600L * i), "c" + i / 500, "m" + i % 50, 1.0, "0"));
            if (i == 20_000) {
                bytes = saved(running).length;
            }
        }
        // 37 days of one record in ten minutes.
        assertThat(saved(running).length).isCloseTo(bytes, org.assertj.core.data.Percentage.withPercentage(5));
        assertThat(running.label("t" + (60_000 - 37 * 144 - 2), true)).isFalse();
        assertThat(running.label("t" + (60_000 - 37 * 144 + 1), true)).isTrue();
        assertThat(running.horizon(START)).isEqualTo(START.minus(Duration.ofDays(37)));
        Aggregates fromHorizon = of(parameters);
        DataRecord last = Transactions.of("last", START.plusSeconds(600L * 60_000), "c119", "m3", 5.0, null);
        for (int i = 0; i < 60_000; i++) {
            if (START.plusSeconds(600L * i).isAfter(running.horizon(last.time("time").orElseThrow()))) {
                fromHorizon.add(Transactions.of("t" + i, START.plusSeconds(600L * i), "c" + i / 500, "m" + i % 50, 1.0, i == 60_000 - 37 * 144 + 1 ? "1" : "0"));
            }
        }
        assertThat(fromHorizon.enrich(last)).isEqualTo(running.enrich(last));
    }

    @Test
    void agreesWithTheFraudDetectionHandbook() throws IOException {
        Aggregates running = of(Transactions.HANDBOOK);
        try (BufferedReader in = new BufferedReader(new InputStreamReader(getClass().getResourceAsStream("/handbook.csv"), StandardCharsets.UTF_8))) {
            String[] header = in.readLine().split(",");
            int rows = 0;
            for (String line; (line = in.readLine()) != null; rows++) {
                String[] cells = line.split(",");
                DataRecord record = Transactions.of(cells[0], Instant.parse(cells[1]), cells[2], cells[3], Double.valueOf(cells[4]), cells[5]);
                DataRecord enriched = running.enrich(record);
                running.add(record);
                for (int c = 8; c < header.length; c++) {
                    assertThat(enriched.number(header[c]).orElseThrow()).as("row %s, %s", cells[0], header[c])
                            .isCloseTo(Double.parseDouble(cells[c]), within(1e-9));
                }
            }
            assertThat(rows).isEqualTo(406);
        }
    }

    @Test
    void refusesEveryDamagedMemoryAndKeepsItsOwn() {
        Map<String, String> parameters = parameters("7d", true);
        Aggregates running = of(parameters);
        Random random = new Random(5);
        for (int i = 0; i < 8; i++) {
            running.add(random(random, i, START.plusSeconds(3_600L * i)));
        }
        byte[] bytes = saved(running);
        List<byte[]> damaged = new ArrayList<>();
        for (int cut = 0; cut < bytes.length; cut++) {
            damaged.add(Arrays.copyOf(bytes, cut));
            byte[] flipped = bytes.clone();
            flipped[cut] ^= (byte) (1 << random.nextInt(8));
            damaged.add(flipped);
        }
        damaged.add(Arrays.copyOf(bytes, bytes.length + 1));
        damaged.add(saved(of(Transactions.HANDBOOK)));
        for (byte[] d : damaged) {
            assertThatThrownBy(() -> running.load(new ByteArrayInputStream(d)))
                    .isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA));
        }
        assertThat(saved(running)).isEqualTo(bytes);
        running.load(new ByteArrayInputStream(saved(of(parameters))));
        assertThat(running.label("t1", true)).isFalse();
    }

    @Test
    void refusesRecordsItCantReadAndParametersItCantDo() {
        Aggregates running = of(Transactions.HANDBOOK);
        for (DataRecord wrong : List.of(Transactions.of("a", START, "c", "m", 1e13, null), Transactions.of("a", START, "c", "m", Double.NaN, null),
                Transactions.of("a", Instant.MAX, "c", "m", 1.0, null))) {
            assertThatThrownBy(() -> running.enrich(wrong)).isInstanceOfSatisfying(WhereforeException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT);
                assertThat(e.pointer()).isPresent();
            });
        }
        Set<String> wrong = new HashSet<>(List.of("customer", "customer:count", "customer@1d", "nobody:count@1d", "customer:mean@1d", "customer:mean(id)@1d",
                "customer:distinct(amount)@1d", "customer:count@1", "customer:count@0d", "customer:count@4000d", "customer:count@1d;customer:count@1d",
                "amount:count@1d", "customer:median(amount)@1d", ":count@1d", "customer:@1d", "customer:count@"));
        for (String text : wrong) {
            assertThatThrownBy(() -> of(Map.of("aggregates", text)), text).isInstanceOfSatisfying(WhereforeException.class,
                    e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT));
        }
        for (Map<String, String> more : List.of(Map.of("aggregates.delay", "seven"), Map.of("aggregates.includeSelf", "yes"), Map.of("aggregates.size", "1"),
                Map.of("table.time", "when"), Map.of("table.id", "amount"))) {
            Map<String, String> all = new HashMap<>(more);
            all.put("aggregates", "customer:count@1d");
            assertThatThrownBy(() -> of(all), more.toString()).isInstanceOf(WhereforeException.class);
        }
        assertThat(new TableExtractor().aggregates(Transactions.SCHEMA, Map.of("epochs", "3"))).isEmpty();
    }

    @Test
    void countsADuplicateIdWithOtherContentByWhatIsAskedAndKeepsTheFirst() {
        Aggregates running = of(Map.of("aggregates", "customer:count,sum(amount)@7d", "aggregates.includeSelf", "true"));
        running.add(Transactions.of("a", START, "c1", null, 10.0, null));
        running.add(Transactions.of("b", START.plusSeconds(60), "c1", null, 20.0, null));
        DataRecord other = Transactions.of("a", START.plusSeconds(120), "c1", null, 1_000.0, null);
        assertThat(numbers(running.enrich(other))).isEqualTo(Map.of("customer.count.7d", 2.0, "customer.amount.sum.7d", 1_020.0));
        assertThat(running.add(other)).isFalse();
        DataRecord next = Transactions.of("c", START.plusSeconds(180), "c1", null, 5.0, null);
        assertThat(numbers(running.enrich(next))).isEqualTo(Map.of("customer.count.7d", 3.0, "customer.amount.sum.7d", 35.0));
    }
}
