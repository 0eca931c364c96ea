package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.benchmarks.ProbeBundles;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A server that is killed at a random moment while a feature of two bundles is installed, updated or removed: after the next start it is the old
 * one or the new one, never half of each, and the new one when it was acknowledged. {@code wherefore.kills} kills more often.
 */
class FeatureKillIT {
    @TempDir
    Path folder;

    @Test
    void theNextStartHasTheOldSetOrTheNewOne() throws Exception {
        int kills = Integer.getInteger("wherefore.kills", 3);
        long seed = Long.getLong("wherefore.seed", System.nanoTime());
        Random random = new Random(seed);
        Path home = folder.resolve("home");
        RunningServer server = RunningServer.start("start", home, "ready in");
        String installed = "";
        long usual = TimeUnit.SECONDS.toNanos(2);
        int acknowledged = 0;
        int changed = 0;
        try {
            for (int i = 1; i <= kills; i++) {
                boolean remove = !installed.isEmpty() && random.nextInt(3) == 0;
                String wanted = remove ? "" : i + ".0.0";
                String order = remove ? "{\"remove\":[\"pair\"]}" : "{\"install\":[\"" + stage(server, wanted) + "\"]}";
                HttpResponse<String> plan = server.post("/api/v1/features:plan", order);
                assertThat(plan.statusCode()).as(plan.body()).isEqualTo(200);
                long start = System.nanoTime();
                CompletableFuture<HttpResponse<String>> answer = server.sending("POST", "/api/v1/features", order.getBytes(StandardCharsets.UTF_8),
                        "Content-Type", "application/json", "If-Match", plan.headers().firstValue("ETag").orElseThrow());
                long end = start + (long) (random.nextDouble() * 1.2 * usual);
                while (System.nanoTime() < end && !answer.isDone()) {
                    LockSupport.parkNanos(100_000);
                }
                boolean done = answer.isDone() && answer.get().statusCode() == 200;
                usual = answer.isDone() ? System.nanoTime() - start : usual;
                server.kill();
                done |= answered(answer);
                server = RunningServer.start("start", home, "ready in");
                String now = version(server);
                assertThat(now).as("seed " + seed + ", kill " + i).isIn(done ? List.of(wanted) : List.of(installed, wanted));
                assertThat(strategies(server)).as("seed " + seed + ", kill " + i).isEqualTo(now.isEmpty() ? Map.of() : Map.of("left", now, "right", now));
                assertThat(kept(home)).hasSize(now.isEmpty() ? 0 : 1);
                acknowledged += done ? 1 : 0;
                changed += now.equals(wanted) ? 1 : 0;
                installed = now;
            }
        } finally {
            server.close();
        }
        System.out.printf("feature kills: %d, acknowledged before %d, new set after the start %d, old set %d, mixed 0 (seed %d)%n", kills, acknowledged,
                changed, kills - changed, seed);
    }

    private static boolean answered(CompletableFuture<HttpResponse<String>> answer) throws Exception {
        try {
            return answer.get(30, TimeUnit.SECONDS).statusCode() == 200;
        } catch (ExecutionException e) {
            return false; // the connection broke
        }
    }

    private static String stage(RunningServer server, String version) throws Exception {
        Map<String, byte[]> bundles = new TreeMap<>();
        for (String side : List.of("left", "right")) {
            bundles.put(side, ProbeBundles.explainer("com.example." + side, side, version));
        }
        HttpResponse<String> staged = server.send("POST", "/api/v1/features/archives", ProbeBundles.feature("pair", version, bundles), "Content-Type", "application/zip");
        assertThat(staged.statusCode()).as(staged.body()).isEqualTo(201);
        return RunningServer.json(staged).path("archive").asText();
    }

    /** Of the feature that the server says it has; empty for none. */
    private static String version(RunningServer server) throws Exception {
        for (JsonNode f : RunningServer.json(server.get("/api/v1/features")).path("items")) {
            if (f.path("name").asText().equals("pair") && f.path("state").asText().equals("installed")) {
                return f.path("id").asText().split(":")[2];
            }
        }
        return "";
    }

    private static Map<String, String> strategies(RunningServer server) throws Exception {
        Map<String, String> out = new TreeMap<>();
        for (JsonNode s : RunningServer.json(server.get("/api/v1/strategies")).path("items")) {
            if (List.of("left", "right").contains(s.path("name").asText())) {
                out.put(s.path("name").asText(), s.path("version").asText());
            }
        }
        return out;
    }

    private static List<Path> kept(Path home) throws IOException {
        Path folder = home.resolve("features/kept");
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }
}
