package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.itests.probe.BadExplainer;

import com.fasterxml.jackson.databind.JsonNode;

/** A plugin that does its worst in a serving server: it costs its own answers, and the others answer meanwhile. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BadStrategyIT {
    private static final String PREDICTIONS = "/api/v1/domains/ecommerce/predictions";
    private static final String NAME = "com.example.bad";
    @TempDir
    static Path folder;
    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        server = RunningServer.start("demo", folder.resolve("home"), "serving;");
        install("1.0.0", 201);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    @Order(1)
    void eachDeedCostsItsOwnAnswerOnly() throws Exception {
        AtomicInteger answered = new AtomicInteger();
        AtomicReference<String> failure = new AtomicReference<>();
        Thread others = others(answered, failure);
        told("throw", "failed", "told to");
        told("null", "failed", "answered null");
        told("nothing", "partial", "budget");
        told("rubbish", "failed", "gave 1 findings for 3 targets");
        told("loop", "partial", "no answer within 300 ms");
        told("nothing", "partial", "budget");
        told("threads", "failed", "thread(s) running: bad-");
        told("nothing", "partial", "budget");
        told("allocate", "failed", "");
        told("nothing", "partial", "budget");
        int before = answered.get();
        await(() -> answered.get() > before + 20);
        others.interrupt();
        others.join();
        assertThat(failure.get()).as("requests meanwhile").isNull();
        assertThat(strategy().path("state").asText()).isEqualTo("active");
    }

    @Test
    @Order(2)
    void faultsInARowBringQuarantineWhichARequestLifts() throws Exception {
        BlockingQueue<JsonNode> events = server.events("plugin");
        for (int i = 0; i < 3; i++) {
            told("throw", "failed", "told to");
        }
        JsonNode event = events.poll(30, TimeUnit.SECONDS);
        assertThat(event.path("name").asText()).isEqualTo("bad");
        assertThat(event.path("state").asText()).isEqualTo("quarantined");
        assertThat(strategy().path("state").asText()).isEqualTo("quarantined");
        assertThat(strategy().path("reason").asText()).contains("told to");
        told("nothing", "failed", "strategy 'bad' is quarantined since");
        HttpResponse<String> released = server.post("/api/v1/strategies/bad:release", "");
        assertThat(released.statusCode()).as(released.body()).isEqualTo(200);
        assertThat(events.poll(30, TimeUnit.SECONDS).path("state").asText()).isEqualTo("active");
        told("nothing", "partial", "budget");
    }

    @Test
    @Order(3)
    void aNewVersionStartsClean() throws Exception {
        for (int i = 0; i < 3; i++) {
            told("throw", "failed", "told to");
        }
        assertThat(strategy().path("state").asText()).isEqualTo("quarantined");
        install("1.0.1", 200);
        assertThat(strategy().path("state").asText()).isEqualTo("active");
        told("nothing", "partial", "budget");
        assertThat(server.delete("/api/v1/bundles/" + NAME).statusCode()).isEqualTo(200);
        assertThat(strategy()).isNull();
    }

    private static void told(String deed, String status, String reason) throws Exception {
        HttpResponse<String> response = server.post(PREDICTIONS, "{\"user\":\"c0002\",\"k\":3,\"explain\":{\"strategy\":\"bad\",\"deadlineMs\":"
                + (deed.equals("loop") ? 300 : 20_000) + ",\"parameters\":{\"deed\":\"" + deed + "\"}}}");
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        JsonNode outputs = RunningServer.json(response).path("outputs");
        assertThat(outputs).hasSize(3);
        for (JsonNode o : outputs) {
            assertThat(o.at("/explanation/status").asText()).as(deed + ": " + o).isEqualTo(status);
            assertThat(o.at("/explanation/reason").asText()).contains(reason);
        }
    }

    /** As listed, or null. */
    private static JsonNode strategy() throws Exception {
        for (JsonNode s : RunningServer.json(server.get("/api/v1/strategies")).path("items")) {
            if (s.path("name").asText().equals("bad")) {
                return s;
            }
        }
        return null;
    }

    /** Plain and explained predictions in turn, until interrupted. */
    private static Thread others(AtomicInteger answered, AtomicReference<String> failure) {
        Thread t = new Thread(() -> {
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    String explain = answered.get() % 2 == 0 ? "" : ",\"explain\":{\"deadlineMs\":20000}";
                    HttpResponse<String> response = server.post(PREDICTIONS, "{\"user\":\"c0005\",\"k\":3" + explain + "}");
                    String status = RunningServer.json(response).at("/outputs/0/explanation/status").asText();
                    if (response.statusCode() != 200 || !explain.isEmpty() && !status.equals("complete")) {
                        failure.compareAndSet(null, response.statusCode() + " " + response.body());
                    }
                    answered.incrementAndGet();
                }
            } catch (InterruptedException e) {
                // the end
            } catch (IOException e) {
                failure.compareAndSet(null, e.toString());
            }
        });
        t.start();
        return t;
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(until);
            Thread.onSpinWait();
        }
    }

    private static void install(String version, int status) throws Exception {
        Manifest m = new Manifest();
        Attributes a = m.getMainAttributes();
        a.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        a.putValue("Bundle-ManifestVersion", "2");
        a.putValue("Bundle-SymbolicName", NAME);
        a.putValue("Bundle-Version", version);
        a.putValue("Service-Component", "OSGI-INF/bad.xml");
        a.putValue("Import-Package", "org.wherefore.api,org.wherefore.api.explain,org.wherefore.api.explain.spi,org.wherefore.api.feature,"
                + "org.wherefore.api.model,org.wherefore.api.model.spi");
        Path jar = folder.resolve("bad-" + version + ".jar");
        String path = BadExplainer.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), m);
                InputStream in = BadExplainer.class.getClassLoader().getResourceAsStream(path)) {
            out.putNextEntry(new JarEntry(path));
            in.transferTo(out);
            out.putNextEntry(new JarEntry("OSGI-INF/bad.xml"));
            out.write(("<scr:component xmlns:scr=\"http://www.osgi.org/xmlns/scr/v1.4.0\" name=\"bad\"><implementation class=\"" + BadExplainer.class.getName()
                    + "\"/><service><provide interface=\"org.wherefore.api.explain.spi.Explainer\"/></service></scr:component>").getBytes(StandardCharsets.UTF_8));
        }
        HttpResponse<String> answer = server.postJar("/api/v1/bundles", jar);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    }
}
