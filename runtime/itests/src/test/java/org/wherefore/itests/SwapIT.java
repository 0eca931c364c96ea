package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

/** Versions come, share requests, are promoted and rolled back while a server answers, and while it is killed. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SwapIT {
    private static final String MODEL = "/api/v1/models/ecommerce";
    private static final String CHAMPION = MODEL + "/aliases/champion";
    private static final String TRAFFIC = MODEL + "/traffic";
    @TempDir
    static Path home;
    private static RunningServer server;
    private static byte[] archive;

    @BeforeAll
    static void startDemo() throws Exception {
        server = RunningServer.start("demo", home, "serving;");
        archive = server.getBytes(MODEL + "/versions/1/archive");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static JsonNode predict(int user, boolean explain) throws Exception {
        HttpResponse<String> answer = server.post("/api/v1/domains/ecommerce/predictions", String.format("{\"user\":\"c%04d\",\"k\":3%s}", user,
                explain ? ",\"explain\":{}" : ""));
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return RunningServer.json(answer);
    }

    private static int version(int user) throws Exception {
        return predict(user, false).path("model").path("version").asInt();
    }

    private static int champion() throws Exception {
        return RunningServer.json(server.get(CHAMPION)).path("version").asInt();
    }

    private static Map<String, byte[]> unzip(byte[] zipped) throws IOException {
        Map<String, byte[]> out = new LinkedHashMap<>();
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(zipped))) {
            for (ZipEntry e; (e = zip.getNextEntry()) != null;) {
                out.put(e.getName(), zip.readAllBytes());
            }
        }
        return out;
    }

    private static byte[] zip(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (var e : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(e.getKey()));
                zip.write(e.getValue());
            }
        }
        return out.toByteArray();
    }

    @Test
    @Order(1)
    void anArchiveBecomesAVersionOnlyWhenItIsWhatItSays() throws Exception {
        Map<String, byte[]> slip = unzip(archive);
        slip.put("artifact/../../../../evil", new byte[1]);
        Map<String, byte[]> changed = unzip(archive);
        String weights = changed.keySet().stream().filter(n -> n.endsWith(".bin")).findFirst().orElseThrow();
        changed.get(weights)[100] ^= 1;
        Map<String, byte[]> many = unzip(archive);
        for (int i = 0; i < 5_000; i++) {
            many.put("artifact/x" + i, new byte[0]);
        }
        Map<byte[], String> bad = new LinkedHashMap<>();
        bad.put(zip(slip), "can't have its name '../../../../evil'");
        bad.put(zip(changed), "another SHA-256");
        bad.put(zip(many), "does not list");
        bad.put(java.util.Arrays.copyOf(archive, archive.length / 2), "ends early or is damaged");
        bad.put("no zip".getBytes(), "is no zip");
        for (var b : bad.entrySet()) {
            HttpResponse<String> answer = server.postZip(MODEL + "/versions", b.getKey());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(422);
            assertThat(RunningServer.json(answer).path("detail").asText()).contains(b.getValue());
        }
        try (Stream<Path> staging = Files.list(home.resolve("models/.staging"))) {
            assertThat(staging).isEmpty();
        }
        for (int v = 2; v <= 4; v++) {
            HttpResponse<String> answer = server.postZip(MODEL + "/versions?why=copy", archive);
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
            assertThat(RunningServer.json(answer).path("version").asInt()).isEqualTo(v);
        }
        assertThat(champion()).isEqualTo(1);
    }

    @Test
    @Order(2)
    void aCanaryAnswersItsPartOfThePeopleAndAShadowNobody() throws Exception {
        assertThat(server.put(TRAFFIC, "{\"canary\":{\"version\":2,\"percent\":30},\"shadow\":{\"version\":3}}", null).statusCode()).isEqualTo(428);
        String tag = server.get(TRAFFIC).headers().firstValue("ETag").orElseThrow();
        HttpResponse<String> split = server.put(TRAFFIC, "{\"canary\":{\"version\":2,\"percent\":30},\"shadow\":{\"version\":3}}", tag);
        assertThat(split.statusCode()).as(split.body()).isEqualTo(200);
        assertThat(server.put(TRAFFIC, "{}", tag).statusCode()).isEqualTo(412);
        Map<Integer, Integer> first = new HashMap<>();
        for (int u = 1; u <= 100; u++) {
            first.put(u, version(u));
        }
        assertThat(Set.copyOf(first.values())).isEqualTo(Set.of(1, 2));
        assertThat(first.values().stream().filter(v -> v == 2).count()).isBetween(12L, 50L);
        for (int u = 1; u <= 100; u++) {
            assertThat(version(u)).isEqualTo(first.get(u));
        }
        JsonNode traffic = RunningServer.json(server.get(TRAFFIC));
        assertThat(traffic.at("/versions/0/requests").asInt() + traffic.at("/versions/1/requests").asInt()).isEqualTo(200);
        JsonNode shadow = traffic.path("shadowFigures");
        assertThat(shadow.path("failed").asInt()).isZero();
        if (shadow.path("compared").asInt() > 0) {
            assertThat(shadow.path("overlap").asDouble()).as("the same weights").isEqualTo(1);
        }
        assertThat(server.put(TRAFFIC, "{}", "*").statusCode()).isEqualTo(200);
    }

    @Test
    @Order(3)
    void promotionsLoseNoRequestAndEachExplanationIsByTheVersionThatAnswered() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService people = Executors.newFixedThreadPool(3);
        List<Future<Set<Integer>>> seen = new ArrayList<>();
        for (int p = 0; p < 3; p++) {
            int from = 1 + 100 * p;
            seen.add(people.submit(() -> {
                Set<Integer> versions = new java.util.HashSet<>();
                for (int i = 0; !over.get(); i++) {
                    JsonNode answer = predict(from + i % 100, i % 4 == 0);
                    int version = answer.path("model").path("version").asInt();
                    versions.add(version);
                    for (JsonNode output : answer.path("outputs")) {
                        if (i % 4 == 0) {
                            assertThat(output.at("/explanation/model/version").asInt()).isEqualTo(version);
                        }
                    }
                }
                return versions;
            }));
        }
        for (int i = 0; i < 12; i++) {
            int next = 1 + (i + 1) % 4;
            HttpResponse<String> moved = server.put(CHAMPION, "{\"version\":" + next + "}", "*");
            assertThat(moved.statusCode()).as(moved.body()).isEqualTo(200);
            assertThat(version(2000 + i)).isEqualTo(next);
        }
        over.set(true);
        Set<Integer> versions = new java.util.HashSet<>();
        for (Future<Set<Integer>> f : seen) {
            versions.addAll(f.get());
        }
        people.shutdown();
        assertThat(versions).contains(1, 2, 3, 4);
    }

    @Test
    @Order(4)
    void aRollbackGivesTheAnswersOfBefore() throws Exception {
        int before = champion();
        String outputs = predict(7, true).path("outputs").toString();
        assertThat(server.put(CHAMPION, "{\"version\":" + (before % 4 + 1) + "}", "*").statusCode()).isEqualTo(200);
        HttpResponse<String> back = server.post(MODEL + "/rollback", "{\"why\":\"as before\"}");
        assertThat(RunningServer.json(back).path("version").asInt()).isEqualTo(before);
        assertThat(predict(7, true).path("outputs").toString()).isEqualTo(outputs);
    }

    @Test
    @Order(5)
    void aKillAtAnyMomentOfAPromotionLeavesTheOldOrTheNewVersion() throws Exception {
        for (int kill = 0; kill < 2; kill++) {
            int[] state = {champion(), 0};
            Thread killer = new Thread(() -> {
                try {
                    server.kill();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            try {
                for (int i = 0;; i++) {
                    state[1] = 1 + state[0] % 4;
                    if (i == 3 + kill) {
                        killer.start();
                    }
                    if (server.put(CHAMPION, "{\"version\":" + state[1] + "}", "*").statusCode() == 200) {
                        state[0] = state[1];
                    }
                }
            } catch (IOException dead) {
                killer.join();
            }
            server = RunningServer.start("start", home, "ready in");
            assertThat(champion()).isIn(state[0], state[1]);
            assertThat(version(5)).isEqualTo(champion());
        }
    }
}
