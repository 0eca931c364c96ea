package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.benchmarks.ProbeBundles;

import com.fasterxml.jackson.databind.JsonNode;

/** Features by command and by REST on a running and on a stopped home; malformed and untrusted jars and archives. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FeatureIT {
    private static final Path DIST = Path.of(System.getProperty("wherefore.dist"));
    private static final String JAR = "application/java-archive";
    @TempDir
    static Path folder;
    private static Path home;
    private static RunningServer server;

    @BeforeAll
    static void start() throws Exception {
        home = folder.resolve("home");
        server = RunningServer.start("start", home, "ready in");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    @Order(1)
    void aFolderBecomesAFeatureByOneCommandAndIsToldOf() throws Exception {
        Path source = Files.createDirectories(folder.resolve("probe/bundles")).getParent();
        Files.write(source.resolve("bundles/probe-1.0.0.jar"), ProbeBundles.explainer("com.example.probe", "probe", "1.0.0"));
        Files.writeString(source.resolve("feature.json"), """
                {"id": "com.example:probe:1.0.0", "name": "Probe", "bundles": [{"id": "com.example:probe:1.0.0"}],
                 "extensions": {"wherefore-requires": {"type": "text", "text": ["explainers"]}}}""");
        BlockingQueue<JsonNode> events = server.events("feature");
        List<String> before = strategies();
        String planned = wherefore(0, "feature", "plan", "install", source.toString());
        assertThat(planned).contains("install    com.example.probe 1.0.0: part of probe", "start      com.example.probe 1.0.0: new");
        assertThat(strategies()).isEqualTo(before);
        assertThat(wherefore(0, "feature", "install", source.toString(), "--yes")).contains("bundles whose state changed: com.example.probe 1.0.0 (exactly those of the plan)");
        JsonNode event = events.poll(30, TimeUnit.SECONDS);
        assertThat(event.path("asPlanned").asBoolean()).isTrue();
        assertThat(strategies()).contains("probe");
        assertThat(wherefore(0, "feature", "list")).containsPattern("probe +1.0.0 +installed +archive");
        assertThat(RunningServer.json(server.get("/api/v1/features/probe")).at("/bundles/0/trust").asText()).isEqualTo("unsigned");
    }

    @Test
    @Order(2)
    void aStoppedHomeIsChangedForItsNextStart() throws Exception {
        server.close();
        assertThat(wherefore(0, "feature", "remove", "ecommerce", "--yes")).contains("the next start has it");
        server = RunningServer.start("start", home, "ready in");
        assertThat(strategies()).contains("probe");
        assertThat(RunningServer.json(server.get("/api/v1/domains")).path("items").findValuesAsText("id")).doesNotContain("ecommerce");
        wherefore(0, "feature", "install", "ecommerce", "--yes");
        assertThat(RunningServer.json(server.get("/api/v1/domains")).path("items").findValuesAsText("id")).contains("ecommerce");
        wherefore(0, "feature", "remove", "probe", "--yes");
        assertThat(strategies()).doesNotContain("probe");
        assertThat(home.resolve("features")).isDirectoryNotContaining(f -> !f.getFileName().toString().equals("set.json"));
    }

    @Test
    @Order(3)
    void whatMustNotChangeIsRefused() throws Exception {
        assertThat(wherefore(4, "feature", "plan", "remove", "base")).contains("'base' is a part that the others stand on");
        assertThat(wherefore(4, "feature", "plan", "install", "nd4j")).contains("'nd4j' can't change while a server runs");
        assertThat(wherefore(4, "feature", "plan", "remove", "explainers")).contains("requires 'explainers'; remove it, too");
        assertThat(server.post("/api/v1/features", "{\"remove\":[\"ecommerce\"]}").statusCode()).isEqualTo(428);
        assertThat(server.send("DELETE", "/api/v1/features/ecommerce", null, "If-Match", "\"0-old\"").statusCode()).isEqualTo(412);
        assertThat(server.send("DELETE", "/api/v1/features/ecommerce", null, "If-Match", "forged").statusCode()).isEqualTo(412);
    }

    @Test
    @Order(4)
    void malformedArchivesAndJarsAreProblemsThatNameTheRule() throws Exception {
        byte[] good = ProbeBundles.explainer("com.example.mine", "mine", "1.0.0");
        Map<String, byte[]> jars = new LinkedHashMap<>();
        jars.put("zip-slip", zip(good, "../../evil.class", new byte[1]));
        jars.put("compression-ratio", zip(good, "bomb.bin", new byte[256 << 20]));
        jars.put("readable", Arrays.copyOf(good, good.length / 2));
        jars.put("entry-name", zip(good, "a\u0001b", new byte[1]));
        jars.put("entry-count", many());
        for (Map.Entry<String, byte[]> j : jars.entrySet()) {
            refused(server.send("POST", "/api/v1/bundles", j.getValue(), "Content-Type", JAR), 400, "rule '" + j.getKey() + "'");
            refused(server.send("POST", "/api/v1/features/archives", ProbeBundles.feature("bad", "1.0.0", Map.of("bad", j.getValue())),
                    "Content-Type", "application/zip"), 400, "rule '" + j.getKey());
        }
        refused(server.send("POST", "/api/v1/features/archives", many(), "Content-Type", "application/zip"), 400, "rule 'entry-count'");
        refused(server.send("POST", "/api/v1/features/archives", zip(null, "bundles/../../x.jar", good), "Content-Type", "application/zip"), 400, "rule 'zip-slip'");
        refused(server.send("POST", "/api/v1/features/archives", zip(null, "run.sh", good), "Content-Type", "application/zip"), 400, "rule 'entry-name'");
        refused(server.send("POST", "/api/v1/features/archives", zip(null, "feature.json", "{".getBytes()), "Content-Type", "application/zip"), 400, "is not a readable feature");
        refused(server.send("POST", "/api/v1/features/archives", zip(null, "feature.json", "{\"id\":\"a:../b:1\"}".getBytes()), "Content-Type", "application/zip"), 400,
                "group:artifact:version");
        refused(server.send("POST", "/api/v1/features/archives", "hello".getBytes(), "Content-Type", "application/zip"), 400, "this is not a jar");
        refused(server.send("POST", "/api/v1/features/archives", good, "Content-Type", "text/plain"), 415, "");
        refused(server.post("/api/v1/features:plan", "{\"install\":[\"archive:../../x\"]}"), 400, "/install/0");
        refused(server.post("/api/v1/features:plan", "{\"install\":[\"../x\"]}"), 400, "/install/0");
        assertThat(server.get("/livez").statusCode()).isEqualTo(200);
        assertThat(home.resolve("features/staged").toFile().list()).isNullOrEmpty();
        assertThat(home.resolve("plugins")).isEmptyDirectory();
    }

    @Test
    @Order(5)
    void signaturesAreMeasuredAgainstTheTrustOfTheHome() throws Exception {
        Path plain = Files.write(folder.resolve("plain.jar"), ProbeBundles.explainer("com.example.mine", "mine", "1.0.0"));
        Path store = folder.resolve("keys.p12");
        for (String who : List.of("author", "stranger", "late")) {
            List<String> line = new ArrayList<>(List.of("-genkeypair", "-alias", who, "-keyalg", "EC", "-groupname", "secp256r1", "-dname", "CN=" + who));
            line.addAll(who.equals("late") ? List.of("-startdate", "-30d", "-validity", "10") : List.of("-validity", "10"));
            keytool(store, line);
        }
        assertThat(wherefore(0, "plugin", "verify", plain.toString())).contains("signature: unsigned");
        Path trust = Files.createDirectories(home.resolve("trust"));
        for (String who : List.of("author", "late")) {
            keytool(store, List.of("-exportcert", "-rfc", "-alias", who, "-file", trust.resolve(who + ".pem").toString()));
        }
        byte[] signed = Files.readAllBytes(sign(store, plain, "author"));
        refused(server.postJar("/api/v1/bundles", plain), 422, "'unsigned'");
        refused(server.postJar("/api/v1/bundles", sign(store, plain, "stranger")), 422, "whom this home does not trust");
        refused(server.postJar("/api/v1/bundles", sign(store, plain, "late")), 422, "has expired");
        refused(server.send("POST", "/api/v1/bundles", zip(signed, "extra.txt", new byte[1]), "Content-Type", JAR), 422, "'modified'");
        refused(server.send("POST", "/api/v1/features/archives", ProbeBundles.feature("bad", "1.0.0", Map.of("bad", Files.readAllBytes(plain))),
                "Content-Type", "application/zip"), 422, "'unsigned'");
        assertThat(wherefore(3, "plugin", "verify", plain.toString())).contains("here plugins have to be signed");
        HttpResponse<String> installed = server.send("POST", "/api/v1/bundles", signed, "Content-Type", JAR);
        assertThat(installed.statusCode()).as(installed.body()).isEqualTo(201);
        assertThat(RunningServer.json(installed).at("/bundle/signature/state").asText()).isEqualTo("trusted");
        assertThat(wherefore(0, "plugin", "list")).contains("com.example.mine 1.0.0  active  trusted (CN=author)");
        Files.delete(trust.resolve("author.pem"));
        server.close();
        server = RunningServer.start("start", home, "ready in");
        JsonNode kept = RunningServer.json(server.get("/api/v1/bundles/com.example.mine"));
        assertThat(kept.path("state").asText()).as("whoever is not trusted any more does not start").isEqualTo("failed");
        assertThat(kept.path("problems").path(0).asText()).contains("is 'invalid'");
        assertThat(strategies()).doesNotContain("mine");
    }

    private static void keytool(Path store, List<String> arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        line.addAll(arguments);
        line.addAll(List.of("-keystore", store.toString(), "-storetype", "PKCS12", "-storepass", "changeit"));
        run(0, line);
    }

    private static Path sign(Path store, Path jar, String who) throws Exception {
        Path out = folder.resolve(who + ".jar");
        run(0, List.of(Path.of(System.getProperty("java.home"), "bin", "jarsigner").toString(), "-keystore", store.toString(), "-storepass", "changeit",
                "-signedjar", out.toString(), jar.toString(), who));
        return out;
    }

    private static void refused(HttpResponse<String> response, int status, String words) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValueSatisfying(t -> assertThat(t).startsWith("application/problem+json"));
        assertThat(response.body()).contains(words);
    }

    /** @param jar whose entries come first; null for none */
    private static byte[] zip(byte[] jar, String name, byte[] content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            if (jar != null) {
                try (java.util.zip.ZipInputStream in = new java.util.zip.ZipInputStream(new java.io.ByteArrayInputStream(jar))) {
                    for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
                        out.putNextEntry(new ZipEntry(e.getName()));
                        in.transferTo(out);
                    }
                }
            }
            out.putNextEntry(new ZipEntry(name));
            out.write(content);
        }
        return bytes.toByteArray();
    }

    private static byte[] many() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (int i = 0; i < 20_000; i++) {
                out.putNextEntry(new ZipEntry("e" + i));
            }
        }
        return bytes.toByteArray();
    }

    private static List<String> strategies() throws Exception {
        List<String> out = new ArrayList<>();
        RunningServer.json(server.get("/api/v1/strategies")).path("items").forEach(s -> out.add(s.path("name").asText()));
        return out;
    }

    private static String wherefore(int code, String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("bash", DIST.resolve("bin/wherefore").toString()));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--home", home.toString()));
        return run(code, line);
    }

    private static String run(int code, List<String> line) throws Exception {
        Process p = new ProcessBuilder(line).redirectErrorStream(true).start();
        p.getOutputStream().close();
        String output = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(p.waitFor()).as(output).isEqualTo(code);
        return output;
    }
}
