package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

/** Training in a process of its own: watched, killed, cancelled, orphaned; nothing but success changes the home. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class TrainingIT {
    private static final String SHORT = "{\"data\":\"shop.json\",\"parameters\":{\"epochs\":40}}";
    private static final String ENDLESS = "{\"data\":\"shop.json\",\"parameters\":{\"epochs\":100000,\"patience\":100000}}";
    private static final long SECONDS = 120;
    @TempDir
    static Path home;
    private static RunningServer server;
    private static BlockingQueue<JsonNode> events;

    @BeforeAll
    static void startServer() throws Exception {
        StringBuilder csv = new StringBuilder("user,item,kind,time\n");
        for (int u = 0; u < 60; u++) {
            for (int e = 0; e < 12; e++) {
                csv.append("u").append(u).append(",i").append((u + e) % 20).append(",view,2026-01-").append(10 + e).append("T10:00:00Z\n");
            }
        }
        Files.writeString(home.resolve("events.csv"), csv);
        Files.writeString(home.resolve("shop.json"), """
                {"name": "little-shop", "domain": "ecommerce",
                 "sources": [{"connector": "csv", "role": "events", "path": "events.csv", "options": {"separator": ",", "header": "true"},
                   "columns": {"user": "user", "item": "item", "kind": "kind", "time": "time"}}],
                 "parameters": {"dim": "16", "blocks": "1", "maxLength": "10"}}
                """);
        start();
    }

    private static void start() throws Exception {
        server = RunningServer.start("start", home, "ready in");
        events = server.events("job");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static String train(String body) throws Exception {
        HttpResponse<String> answer = server.post("/api/v1/domains/ecommerce/trainings", body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
        assertThat(answer.headers().firstValue("Location")).get(InstanceOfAssertFactories.STRING)
                .endsWith("/api/v1/jobs/" + RunningServer.json(answer).path("id").asText());
        return RunningServer.json(answer).path("id").asText();
    }

    /** What the event stream says of a job, up to the first that fits. */
    private static List<JsonNode> until(String job, java.util.function.Predicate<JsonNode> fits) throws Exception {
        List<JsonNode> seen = new ArrayList<>();
        while (true) {
            JsonNode e = events.poll(SECONDS, TimeUnit.SECONDS);
            assertThat(e).as("after " + seen).isNotNull();
            if (e.path("id").asText().equals(job)) {
                seen.add(e);
                if (fits.test(e)) {
                    return seen;
                }
                assertThat(e.path("state").asText()).as(e.toString()).isIn("queued", "running");
            }
        }
    }

    private static ProcessHandle endless(String job) throws Exception {
        until(job, e -> e.path("progress").asDouble() > 0);
        return server.trainingProcess().orElseThrow();
    }

    private static JsonNode job(String id) throws Exception {
        return RunningServer.json(server.get("/api/v1/jobs/" + id));
    }

    /** The one model of the first training is there and answers; nothing is left of any other. */
    private static void theHomeIsAsItWas() throws Exception {
        assertThat(server.get("/api/v1/models").body()).contains("\"ecommerce\"", "\"ecommerce-classic\"");
        for (String name : List.of("ecommerce", "ecommerce-classic")) {
            JsonNode alias = RunningServer.json(server.get("/api/v1/models/" + name + "/aliases/champion"));
            assertThat(alias.path("version").asInt()).as(alias.toString()).isEqualTo(1);
            assertThat(server.get("/api/v1/models/" + name + "/versions/2").statusCode()).isEqualTo(404);
        }
        JsonNode answer = RunningServer.json(server.post("/api/v1/domains/ecommerce/predictions", "{\"user\":\"u7\",\"k\":3}"));
        assertThat(answer.path("model").path("name").asText()).as(answer.toString()).isEqualTo("ecommerce");
        assertThat(answer.path("outputs")).hasSize(3);
        nothingIsStaged();
    }

    private static void nothingIsStaged() throws IOException {
        try (Stream<Path> staged = Files.list(home.resolve("models").resolve(".staging"))) {
            assertThat(staged).isEmpty();
        }
    }

    @Test
    @Order(1)
    void aTrainingIsWatchedOnTheEventStreamAndItsModelAnswers() throws Exception {
        String id = train(SHORT);
        List<JsonNode> seen = until(id, e -> e.path("state").asText().equals("done"));
        assertThat(seen).extracting(e -> e.path("state").asText()).startsWith("queued", "running");
        assertThat(seen).extracting(e -> e.path("progress").asDouble()).isSorted().anyMatch(p -> p > 0 && p < 1);
        assertThat(seen).anySatisfy(e -> assertThat(e.path("figures").fieldNames()).toIterable()
                .contains("epoch", "loss", "sequences/s", "secondsLeft"));
        assertThat(job(id)).isEqualTo(seen.get(seen.size() - 1));
        assertThat(job(id).at("/result/model/name").asText()).isEqualTo("ecommerce");
        assertThat(job(id).at("/result/metrics/hr@10").asDouble()).isPositive();
        theHomeIsAsItWas();
    }

    @Test
    @Order(2)
    void killingTheProcessFailsTheJobAndNothingElse() throws Exception {
        String id = train(ENDLESS);
        assertThat(endless(id).destroyForcibly()).isTrue();
        until(id, e -> e.path("state").asText().equals("failed"));
        String detail = job(id).at("/problem/detail").asText();
        assertThat(detail).contains("exit code 137", "nothing was registered");
        assertThat(Path.of(detail.substring(detail.indexOf("its log is ") + 11))).exists();
        theHomeIsAsItWas();
    }

    @Test
    @Order(3)
    void cancellingEndsTheProcess() throws Exception {
        String id = train(ENDLESS);
        ProcessHandle process = endless(id);
        assertThat(server.delete("/api/v1/jobs/" + id).statusCode()).isEqualTo(202);
        until(id, e -> e.path("state").asText().equals("cancelled"));
        process.onExit().get(SECONDS, TimeUnit.SECONDS);
        theHomeIsAsItWas();
    }

    @Test
    @Order(4)
    void theProcessEndsWithAKilledServerAndTheNextOneKnowsTheJob() throws Exception {
        String id = train(ENDLESS);
        ProcessHandle process = endless(id);
        server.kill();
        process.onExit().get(SECONDS, TimeUnit.SECONDS);
        start();
        assertThat(job(id).path("state").asText()).isEqualTo("failed");
        assertThat(job(id).at("/problem/detail").asText()).startsWith("the server stopped while it ran");
        theHomeIsAsItWas();
    }

    @Test
    @Order(5)
    void theCommandSaysWhatHappenedToItsProcess() throws Exception {
        server.close();
        Process killed = command();
        List<String> output = progress(killed);
        assertThat(RunningServer.trainingProcess(killed).orElseThrow().destroyForcibly()).isTrue();
        output.addAll(killed.inputReader().lines().toList());
        assertThat(killed.waitFor()).as(output.toString()).isEqualTo(1);
        assertThat(output).anyMatch(l -> l.startsWith("wherefore: the training process ended with exit code 137"));
        nothingIsStaged();

        Process ended = command();
        output = progress(ended);
        ProcessHandle process = RunningServer.trainingProcess(ended).orElseThrow();
        ended.toHandle().destroy();
        assertThat(ended.waitFor()).as(output.toString()).isEqualTo(143);
        process.onExit().get(SECONDS, TimeUnit.SECONDS);
        nothingIsStaged();
        start();
        theHomeIsAsItWas();
    }

    private static Process command() throws IOException {
        return new ProcessBuilder("bash", Path.of(System.getProperty("wherefore.dist")).resolve("bin/wherefore").toString(), "train", "ecommerce",
                "--data", home.resolve("shop.json").toString(), "--home", home.toString(), "--set", "epochs=100000", "--set", "patience=100000")
                .redirectErrorStream(true).start();
    }

    private static List<String> progress(Process train) throws IOException {
        List<String> output = new ArrayList<>();
        BufferedReader in = train.inputReader();
        for (String l = in.readLine(); l != null; l = in.readLine()) {
            output.add(l);
            if (l.startsWith("training ecommerce [")) {
                return output;
            }
        }
        throw new IllegalStateException("it ended: " + output);
    }
}
