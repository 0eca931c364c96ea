package org.wherefore.journal.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.h2.mvstore.MVStoreException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.ClaimTest;
import org.wherefore.api.claim.Verdict;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.History;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.Schema;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.Quality;
import org.wherefore.api.journal.Feedback;
import org.wherefore.api.journal.FeedbackCount;
import org.wherefore.api.journal.Page;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.journal.StoredRecord;
import org.wherefore.api.model.Decision;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;

class H2JournalTest {
    private static final String SHOP = "shop";
    @TempDir
    Path home;
    private H2Journal journal;

    @BeforeEach
    void open() {
        journal = new H2Journal(home);
    }

    @AfterEach
    void close() {
        journal.close();
    }

    private void reopen() {
        journal.close();
        journal = new H2Journal(home);
    }

    @Test
    void aLiveEventFollowsTheImportedHistoryAndSurvivesReopening() {
        journal.importData(SHOP, data("u1", "a", "b"));
        assertThat(journal.append(SHOP, List.of(event("e1", "u1", "c", 100)))).isEqualTo(1);
        assertThat(journal.append(SHOP, List.of(event("e1", "u1", "c", 100)))).as("a known id is ignored").isZero();
        assertThat(items("u1")).containsExactly("a", "b", "c");
        reopen();
        assertThat(items("u1")).containsExactly("a", "b", "c");
        assertThat(journal.history(SHOP, "u1", 2)).extracting(Event::item).containsExactly("b", "c");
    }

    @Test
    void aSecondImportReplacesTheFirstAndKeepsLiveEvents() {
        journal.importData(SHOP, data("u1", "a", "b"));
        journal.append(SHOP, List.of(event("e1", "u1", "c", 100)));
        journal.put(SHOP, new Entity("item", "c", "Live title", Map.of()));
        journal.importData(SHOP, data("u1", "x"));
        assertThat(items("u1")).containsExactly("x", "c");
        assertThat(journal.entity(SHOP, "item", "a")).isEmpty();
        assertThat(journal.entity(SHOP, "item", "x").orElseThrow().title()).isEqualTo("Title of x");
        assertThat(journal.entity(SHOP, "item", "c").orElseThrow().title()).isEqualTo("Live title");
    }

    @Test
    void countsAgreeWithBruteForce() {
        Random random = new Random(1);
        Map<String, List<Event>> histories = new LinkedHashMap<>();
        for (int u = 0; u < 40; u++) {
            List<Event> h = new ArrayList<>();
            for (int i = 0; i < 15; i++) {
                h.add(event("i" + u + "-" + i, "u" + u, "t" + random.nextInt(12), i));
            }
            histories.put("u" + u, h);
        }
        journal.importData(SHOP, new CleanData("d", histories, List.of(), List.of(), List.of(), 0, "sha256:0"));
        journal.population(SHOP);
        journal.append(SHOP, List.of(event("live", "u99", "t1", 1), event("live2", "u99", "t2", 2)));
        histories.put("u99", List.of(event("live", "u99", "t1", 1), event("live2", "u99", "t2", 2)));
        for (int a = 0; a < 12; a++) {
            for (int b = 0; b < 12; b++) {
                String x = "t" + a;
                String y = "t" + b;
                assertThat(journal.population(SHOP).users(x, y)).isEqualTo((int) histories.values().stream()
                        .filter(h -> h.stream().anyMatch(e -> e.item().equals(x)) && h.stream().anyMatch(e -> e.item().equals(y))).count());
            }
        }
        assertThat(journal.population(SHOP).users()).isEqualTo(41);
    }

    @Test
    void aPredictionComesBackEqual() {
        StoredPrediction p = prediction("p1");
        journal.record(p);
        assertThat(journal.prediction("p1")).contains(p);
        reopen();
        assertThat(journal.prediction("p1")).contains(p);
        assertThat(journal.predictionCounts(SHOP)).containsExactly(Map.entry("m:3 explained", 1L));
    }

    @Test
    void feedbackJoinsItsPredictionAndIsCountedPerModelVersion() {
        journal.record(prediction("p1"));
        journal.record(new Feedback("f1", "p1", "a", "click", 1, null, "u1", Instant.EPOCH));
        journal.record(new Feedback("f2", "p1", "a", "click", 1, "nice", "u1", Instant.EPOCH));
        assertThat(journal.feedbackCounts(SHOP)).containsExactly(new FeedbackCount("m", 3, "click", true, 2));
        assertThatThrownBy(() -> journal.record(new Feedback("f3", "p1", "zzz", "click", 1, null, "u1", Instant.EPOCH)))
                .isInstanceOf(WhereforeException.class).hasMessageContaining("zzz");
        assertThatThrownBy(() -> journal.record(new Feedback("f4", "none", "a", "click", 1, null, "u1", Instant.EPOCH)))
                .isInstanceOf(WhereforeException.class).hasMessageContaining("none");
    }

    @Test
    void anInterruptedCallerHarmsNobodyElse() throws Exception {
        for (int i = 0; i < 20; i++) {
            int n = i;
            Thread interrupted = new Thread(() -> {
                Thread.currentThread().interrupt();
                try {
                    journal.append(SHOP, List.of(event("interrupted" + n, "v", "a", n)));
                } catch (WhereforeException e) {
                    assertThat(e.code()).isEqualTo(org.wherefore.api.ErrorCode.STORAGE);
                }
            });
            interrupted.start();
            interrupted.join();
            assertThat(journal.append(SHOP, List.of(event("healthy" + n, "u", "a", n)))).isEqualTo(1);
        }
        reopen();
        assertThat(journal.history(SHOP, "u", 100)).hasSize(20);
    }

    @Test
    void aPredictionThatCanNotBeWrittenDoesNotStopTheOthers() {
        StoredPrediction good = prediction("good");
        journal.record(new StoredPrediction("bad", SHOP, null, "u1", new History(List.of()), List.of(), List.of(), List.of(), "", Instant.EPOCH));
        journal.record(good);
        journal.flush();
        reopen();
        assertThat(journal.prediction("good")).contains(good);
    }

    @Test
    void identifiersMayHoldAnyCharacterAndTimesKeepTheirNanoseconds() {
        Event odd = new Event("a\tb", "u 1", "x\ny", "view", Instant.ofEpochSecond(5, 123_456_789));
        journal.importData(SHOP, new CleanData("d", Map.of("u 1", List.of(odd)), List.of(), List.of(), List.of(), 0, "sha256:0"));
        reopen();
        assertThat(journal.history(SHOP, "u 1", 10)).containsExactly(odd);
    }

    @Test
    void eventsThatComeWhileCountsAreBuiltAreCountedOnce() throws Exception {
        Thread appender = new Thread(() -> {
            for (int i = 0; i < 200; i++) {
                journal.append(SHOP, List.of(event("n" + i, "n" + i, "t", i)));
            }
        });
        appender.start();
        journal.population(SHOP);
        appender.join();
        assertThat(journal.population(SHOP).users("t")).isEqualTo(200);
        assertThat(journal.population(SHOP).users()).isEqualTo(200);
    }

    @Test
    void anotherFormatIsRefusedInWords(@TempDir Path other) throws Exception {
        new H2Journal(other).close();
        String url = "jdbc:h2:file:" + other.resolve("journal").resolve("journal");
        try (var c = java.sql.DriverManager.getConnection(url, "sa", ""); var s = c.createStatement()) {
            s.execute("update format set version = 99");
        }
        assertThatThrownBy(() -> new H2Journal(other)).isInstanceOf(WhereforeException.class).hasMessageContaining("format 99")
                .hasMessageContaining("another --home");
    }

    @Test
    void pagesCoverAllEntitiesOnce() {
        for (int i = 0; i < 25; i++) {
            journal.put(SHOP, new Entity("user", String.format("u%02d", i), "User", Map.of("age", List.of("20"))));
        }
        List<String> seen = new ArrayList<>();
        String cursor = null;
        do {
            Page<Entity> page = journal.entities(SHOP, "user", cursor, 10);
            page.items().forEach(e -> seen.add(e.id()));
            cursor = page.nextCursor();
        } while (cursor != null);
        assertThat(seen).hasSize(25).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aSecondProcessIsToldThatTheHomeIsInUse() throws Exception {
        Process other = fork("0");
        try (BufferedReader out = new BufferedReader(new InputStreamReader(other.getInputStream()))) {
            assertThat(out.readLine()).contains("another process uses this home");
        }
        other.waitFor();
    }

    @Test
    void acknowledgedEventsSurviveAKill() throws Exception {
        journal.close();
        Process writer = fork("1000000");
        List<String> acknowledged = new ArrayList<>();
        try (BufferedReader out = new BufferedReader(new InputStreamReader(writer.getInputStream()))) {
            for (String line = out.readLine(); line != null && acknowledged.size() < 200; line = out.readLine()) {
                acknowledged.add(line);
            }
            writer.destroyForcibly().waitFor();
        }
        journal = new H2Journal(home);
        assertThat(acknowledged).hasSize(200);
        assertThat(journal.history(SHOP, "u", 2_000_000)).extracting(Event::id).containsAll(acknowledged);
    }

    @Test
    void aWrongMapOfFreeSpaceCostsNothing() throws Exception {
        for (int i = 0; i < 300; i++) {
            journal.append(SHOP, List.of(event("e" + i, "u", "t", i)));
        }
        journal.importData(SHOP, data("import", "a", "b", "ä€𝄞"));
        journal.record(prediction("p"));
        journal.close();
        Path folder = home.resolve("journal");
        byte[] before = Files.readAllBytes(folder.resolve("journal.mv.db"));
        Path kept = Salvage.run(folder, "journal", "sa", H2Journal.BINARY);
        assertThat(kept).hasBinaryContent(before).hasFileName(kept.getFileName().toString()).isNotEqualTo(folder.resolve("journal.mv.db"));
        assertThat(folder.resolve("salvage")).doesNotExist();
        journal = new H2Journal(home);
        journal.append(SHOP, List.of(event("next", "u", "t", 1000)));
        assertThat(journal.history(SHOP, "u", 1000)).hasSize(301);
        assertThat(items("import")).containsExactly("a", "b", "ä€𝄞");
        assertThat(journal.prediction("p")).contains(prediction("p"));
        assertThat(Salvage.wanted(new SQLException("corrupted", "", 90030, new MVStoreException(6, "Double mark: e50/31")))).isTrue();
    }

    @Test
    void aFileWithoutAnythingReadableIsNoNewJournal() throws Exception {
        for (int i = 0; i < 300; i++) {
            journal.append(SHOP, List.of(event("e" + i, "u", "t", i)));
        }
        journal.close();
        Path file = home.resolve("journal").resolve("journal.mv.db");
        byte[] damaged = Files.readAllBytes(file);
        // All but the two headers.
        Arrays.fill(damaged, 2 * 4096, damaged.length, (byte) 0x5a);
        Files.write(file, damaged);
        assertThatThrownBy(() -> new H2Journal(home)).isInstanceOf(WhereforeException.class)
                .hasMessageContaining("nothing in it can be read");
        Files.delete(file);
        journal = new H2Journal(home);
    }

    private Process fork(String events) throws java.io.IOException {
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Appender.class.getName(), home.toString(), events).start();
    }

    /** Appends events one by one and prints each id once it is acknowledged. */
    static final class Appender {
        private Appender() {}

        public static void main(String[] args) {
            try {
                H2Journal j = new H2Journal(Path.of(args[0]));
                for (int i = 0; i < Integer.parseInt(args[1]); i++) {
                    j.append(SHOP, List.of(event("k" + i, "u", "t", i)));
                    System.out.println("k" + i);
                }
            } catch (WhereforeException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    private List<String> items(String user) {
        return journal.history(SHOP, user, 100).stream().map(Event::item).toList();
    }

    private static CleanData data(String user, String... items) {
        List<Event> h = new ArrayList<>();
        List<Entity> entities = new ArrayList<>();
        for (String item : items) {
            h.add(event("i" + h.size(), user, item, h.size()));
            entities.add(new Entity("item", item, "Title of " + item, Map.of("brand", List.of("B"))));
        }
        return new CleanData("d", Map.of(user, h), entities, List.of(), List.of(), 0, "sha256:0");
    }

    private static Event event(String id, String user, String item, long seconds) {
        return new Event(id, user, item, "view", Instant.ofEpochSecond(seconds));
    }

    @Test
    void anAttributionByASimpleModelKeepsItsFit() {
        StoredPrediction p = prediction("fit", -0.25);
        journal.record(p);
        assertThat(journal.prediction("fit")).contains(p);
        assertThat(p.explanations().get(0).attribution().localFit()).isEqualTo(-0.25);
    }

    @Test
    void everyKindOfFindingComesBackAsItWent() {
        ModelInfo model = new ModelInfo("m", 3, "toy", "sha256:1");
        List<Finding> findings = List.of(
                new Counterfactual(4, 1.5, 2, List.of(new Counterfactual.Change("history:b", 3, "b", ""), new Counterfactual.Change("amount", 0, "9", "3")),
                        0.25, 11, Double.NaN),
                new Counterfactual(4, 1.5, 2, List.of(), 1.5, 2, 0.5),
                new Evidence(4, 1.5, List.of(new Evidence.Precedent(7, 0.75, "a", true, List.of("history:b", "history:c")),
                        new Evidence.Precedent(2, 0.5, "b", false, List.of())), 100),
                new Attribution(0, 1.5, 0.1, List.of(new Contribution("history:b", 0, 1.4, 0)), 0));
        List<Explanation> explanations = new ArrayList<>();
        for (Finding f : findings) {
            explanations.add(new Explanation("complete", "", "s", "1.0.0", 7, model, f, List.of(), 0, new Quality(Double.NaN, Double.NaN, 12),
                    f instanceof Attribution ? "a" : ""));
        }
        StoredPrediction p = new StoredPrediction("p", SHOP, model, "u1", new History(List.of()), List.of(), List.of(), explanations, "", Instant.EPOCH);
        assertThat(PredictionCodec.read(PredictionCodec.write(p))).isEqualTo(p);
    }

    private static final Schema TRANSACTIONS = new Schema("transactions", List.of(Field.required("id", FieldType.TEXT),
            Field.optional("amount", FieldType.NUMBER), Field.optional("time", FieldType.TIME), Field.optional("tags", FieldType.LIST),
            Field.optional("scan", FieldType.IMAGE)));

    private static StoredRecord transaction(String id, long second, Double amount) {
        Instant time = Instant.ofEpochSecond(second);
        return new StoredRecord(id, time, new DataRecord(TRANSACTIONS, new Location("test", 1), id, amount, time, List.of("a", "ü<b>"),
                new Picture(1, 1, 3, new float[] {0, 0.1f, 1})));
    }

    private List<String> records(long from) {
        List<String> out = new ArrayList<>();
        journal.records(SHOP, TRANSACTIONS, Instant.ofEpochSecond(from), r -> out.add(r.id()));
        return out;
    }

    @Test
    void recordsAreKeptExactlyAndInTheOrderOfTime() {
        StoredRecord late = transaction("t1", 20, 1.1);
        assertThat(journal.store(SHOP, List.of(late, transaction("t2", 10, null), transaction("t3", 20, Math.PI)))).isEmpty();
        reopen();
        assertThat(journal.record(SHOP, TRANSACTIONS, "t1")).contains(late);
        assertThat(journal.record(SHOP, TRANSACTIONS, "t2").orElseThrow().record().number("amount")).isEmpty();
        assertThat(records(0)).containsExactly("t2", "t1", "t3");
        assertThat(records(11)).containsExactly("t1", "t3");
    }

    @Test
    void aRecordWithTheSameIdAndOtherContentChangesNothing() {
        journal.store(SHOP, List.of(transaction("t1", 20, 1.0)));
        assertThat(journal.store(SHOP, List.of(transaction("t1", 20, 1.0), transaction("t1", 20, 2.0), transaction("t2", 20, 1.0)))).containsExactly("t1");
        assertThat(records(0)).containsExactly("t1", "t2");
        assertThat(journal.record(SHOP, TRANSACTIONS, "t1").orElseThrow().record().number("amount")).hasValue(1);
    }

    @Test
    void importingRecordsReplacesThoseImportedBeforeAndNoLiveOnes() {
        journal.importData(SHOP, data("u1", "a", "b"), List.of(transaction("i1", 1, 1.0), transaction("i2", 2, 1.0)));
        journal.store(SHOP, List.of(transaction("t1", 3, 1.0)));
        journal.importData(SHOP, data("u1", "a", "b"), List.of(transaction("i3", 4, 1.0)));
        reopen();
        assertThat(records(0)).containsExactly("t1", "i3");
    }

    @Test
    void aPredictionOnARecordIsReadAsItWas() {
        DataRecord record = transaction("t1", 3, 0.1 + 0.2).record();
        StoredPrediction p = new StoredPrediction("p", SHOP, new ModelInfo("fraud", 2, "e", "sha256:0"), "", record, List.of(),
                List.of(new Output(0, "fraud", 1, 2.5, new Decision(0.9, true, "review", 0.4))), List.of(), "", Instant.EPOCH);
        assertThat(PredictionCodec.read(PredictionCodec.write(p))).isEqualTo(p);
    }

    private static StoredPrediction prediction(String id) {
        return prediction(id, Double.NaN);
    }

    private static StoredPrediction prediction(String id, double localFit) {
        ModelInfo model = new ModelInfo("m", 3, "toy", "sha256:1");
        Explanation e = new Explanation("complete", "", "occlusion", "1.0.0", 7, model,
                new Attribution(0, 1.5, 0.1, List.of(new Contribution("history:b", 0, 1.4, 0)), 1e-17, localFit),
                List.of(new Claim("history", "a", List.of("b"), Map.of("kind", "view"),
                        new ClaimTest("remove-events", Map.of("scoreBefore", 1.5, "rankAfter", 37.0)), Verdict.SUPPORTED)), 1,
                new Quality(Double.NaN, 0.25, 0.75, 0.5, 0.125, Double.NaN, 1, 0.5, 0.0625, true, 12));
        return new StoredPrediction(id, SHOP, model, "u1", new History(List.of(event("e", "u1", "b", 5))), List.of("b"),
                List.of(new Output(0, "a", 1, 1.5)), List.of(e), "", Instant.ofEpochMilli(123));
    }
}
