package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

/** Keys, the audit trail over {@code kill -9}, TLS, and that no secret is written anywhere, as an operator has them. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AccessIT {
    private static final Path DIST = Path.of(System.getProperty("wherefore.dist"));
    private static final String ENTITY = "/api/v1/domains/ecommerce/entities/item/";
    private static final int KILLS = 5;
    @TempDir
    static Path home;
    /** Everything that must not be found in any log, error or file but its own. */
    private static final List<String> SECRETS = new ArrayList<>();
    private static final StringBuilder SAID = new StringBuilder();

    private record Run(int code, String output) {}

    private static Run wherefore(String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("bash", DIST.resolve("bin/wherefore").toString()));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--home", home.toString()));
        Process p = new ProcessBuilder(line).redirectErrorStream(true).start();
        p.getOutputStream().close();
        String output = new String(p.getInputStream().readAllBytes());
        Run run = new Run(p.waitFor(), output);
        if (!List.of(arguments).contains("create")) {
            SAID.append(output);
        }
        return run;
    }

    private static Wire.Answer send(RunningServer server, String head, String body, String key) throws IOException {
        Wire.Answer a = Wire.send(server.port(), Wire.request(head + "\r\nContent-Type: application/json" + (key == null ? "" : "\r\nX-API-Key: " + key), body.getBytes(StandardCharsets.UTF_8)), false);
        if (!head.startsWith("POST /api/v1/keys ")) {
            SAID.append(a.head()).append(a.body());
        }
        return a;
    }

    private static void await(Condition condition) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(until);
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    @Test
    @Order(1)
    void aStartedServerLetsNobodyInWithoutAKeyAndKeysComeAndGoWhileItServes() throws Exception {
        try (RunningServer server = RunningServer.start("start", home, "ready in")) {
            assertThat(send(server, "GET /api/v1/domains HTTP/1.1", "", null).status()).isEqualTo(401);
            assertThat(send(server, "GET /readyz HTTP/1.1", "", null).status()).isEqualTo(200);
            SECRETS.add(Files.readString(home.resolve("admin.key")).strip());
            String first = SECRETS.get(0);
            assertThat(send(server, "GET /api/v1/domains HTTP/1.1", "", first).status()).isEqualTo(200);

            Run made = wherefore("key", "create", "shop", "--roles", "operator");
            assertThat(made.code()).as(made.output()).isZero();
            String shop = made.output().lines().filter(l -> l.startsWith("wf_")).findFirst().orElseThrow();
            SECRETS.add(shop);
            await(() -> send(server, "GET /api/v1/domains HTTP/1.1", "", shop).status() == 200);
            assertThat(send(server, "PUT " + ENTITY + "a HTTP/1.1", "{\"title\":\"A\"}", shop).status()).isEqualTo(201);
            assertThat(send(server, "GET /api/v1/audit HTTP/1.1", "", shop).status()).isEqualTo(403);
            assertThat(send(server, "POST /api/v1/keys HTTP/1.1", "{\"name\":\"x\",\"roles\":[\"viewer\"]}", shop).status()).isEqualTo(403);

            Wire.Answer key = send(server, "POST /api/v1/keys HTTP/1.1", "{\"name\":\"auditor\",\"roles\":[\"auditor\"],\"limits\":{\"requestsPerSecond\":2}}", first);
            assertThat(key.status()).isEqualTo(201);
            String auditor = new com.fasterxml.jackson.databind.ObjectMapper().readTree(key.body()).get("key").asText();
            SECRETS.add(auditor);
            assertThat(send(server, "GET /api/v1/audit HTTP/1.1", "", auditor).status()).isEqualTo(200);
            await(() -> {
                Wire.Answer a = send(server, "GET /api/v1/audit HTTP/1.1", "", auditor);
                return a.status() == 429 && a.header("Retry-After").equals("1");
            });
            assertThat(wherefore("key", "revoke", shop.substring(3, 13)).code()).isZero();
            await(() -> send(server, "GET /api/v1/domains HTTP/1.1", "", shop).status() == 401);
            assertThat(wherefore("key", "list").output()).contains("revoked", "shop (operator)", "auditor (auditor)");
        }
    }

    @Test
    @Order(2)
    void anAcknowledgedChangeHasItsEntryWheneverTheServerIsKilled() throws Exception {
        Random random = new Random(7);
        Set<String> acknowledged = Collections.synchronizedSet(new HashSet<>());
        for (int kill = 0; kill < KILLS; kill++) {
            RunningServer server = RunningServer.start("start", home, "ready in");
            List<Thread> writers = new ArrayList<>();
            int at = acknowledged.size() + 30 + random.nextInt(120);
            for (int w = 0; w < 4; w++) {
                String prefix = "k" + kill + "w" + w + "n";
                Thread t = new Thread(() -> {
                    try {
                        for (int n = 0;; n++) {
                            Wire.Answer a = Wire.send(server.port(), Wire.request("PUT " + ENTITY + prefix + n + " HTTP/1.1\r\nContent-Type: application/json\r\nX-API-Key: "
                                    + SECRETS.get(0), Wire.bytes("{\"title\":\"x\"}")), false);
                            if (a.status() / 100 != 2) {
                                return;
                            }
                            acknowledged.add(prefix + n);
                        }
                    } catch (IOException e) {
                        // killed
                    }
                });
                t.start();
                writers.add(t);
            }
            await(() -> acknowledged.size() >= at);
            server.kill();
            for (Thread t : writers) {
                t.join();
            }
            Run verified = wherefore("audit", "verify");
            assertThat(verified.code()).as(verified.output()).isZero();
        }
        Set<String> entries = new HashSet<>();
        try (RunningServer server = RunningServer.start("start", home, "ready in")) {
            String cursor = "";
            while (cursor != null) {
                JsonNode page = RunningServer.json(server.get("/api/v1/audit?limit=500" + cursor));
                page.path("items").forEach(e -> entries.add(e.path("target").asText() + " " + e.path("outcome").asText()));
                cursor = page.path("nextCursor").isNull() ? null : "&cursor=" + page.path("nextCursor").asText();
            }
            assertThat(acknowledged).allSatisfy(id -> {
                assertThat(entries).contains(ENTITY + id + " done");
                assertThat(server.get(ENTITY + id).statusCode()).isEqualTo(200);
            });
        }
        Run verified = wherefore("audit", "verify");
        System.out.printf("%nkill -9 %d times among %d acknowledged changes: each has its entry; %s%n", KILLS, acknowledged.size(), verified.output().strip());
        assertThat(verified.code()).isZero();
    }

    @Test
    @Order(3)
    void aRequestSentAgainAfterAKillGetsTheFirstAnswer() throws Exception {
        String head = "POST /api/v1/domains/ecommerce/events HTTP/1.1\r\nIdempotency-Key: 4f1c5a56";
        String body = "[{\"user\":\"u1\",\"item\":\"a\"}]";
        Wire.Answer first;
        RunningServer server = RunningServer.start("start", home, "ready in");
        first = send(server, head, body, SECRETS.get(0));
        assertThat(first.status()).as(first.body()).isEqualTo(200);
        server.kill();
        try (RunningServer again = RunningServer.start("start", home, "ready in")) {
            Wire.Answer second = send(again, head, body, SECRETS.get(0));
            assertThat(second.body()).isEqualTo(first.body());
            assertThat(second.header("Idempotency-Replayed")).isEqualTo("true");
            assertThat(send(again, head, "[]", SECRETS.get(0)).status()).isEqualTo(422);
            assertThat(RunningServer.json(again.get("/api/v1/domains/ecommerce/entities/user/u1/events")).path("items")).hasSize(1);
        }
    }

    @Test
    @Order(4)
    void aTrailThatWasChangedIsNamed() throws Exception {
        Path log;
        try (Stream<Path> all = Files.list(home.resolve("audit"))) {
            log = all.filter(p -> p.toString().endsWith(".log")).findFirst().orElseThrow();
        }
        String whole = Files.readString(log);
        Files.writeString(log, whole.replaceFirst("\"who\":\"admin.key\"", "\"who\":\"nobody\""));
        Run broken = wherefore("audit", "verify");
        assertThat(broken.code()).isEqualTo(3);
        assertThat(broken.output()).contains("broken after").contains("was changed: its hash does not match");
        Files.writeString(log, whole);
        assertThat(wherefore("audit", "verify").code()).isZero();
    }

    @Test
    @Order(5)
    void tlsServesBySettingsAndSecretsStayWhereTheyAre() throws Exception {
        String store = "planted-store-password-4711";
        SECRETS.add(store);
        Path keyStore = home.resolve("server.p12");
        Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair", "-alias", "server", "-keyalg", "EC", "-validity", "30",
                "-dname", "CN=localhost", "-ext", "san=dns:localhost,ip:127.0.0.1", "-storetype", "PKCS12", "-keystore", keyStore.toString(), "-storepass", store).redirectErrorStream(true).start();
        keytool.getInputStream().readAllBytes();
        assertThat(keytool.waitFor()).isZero();
        Files.createDirectory(home.resolve("private"));
        Files.writeString(home.resolve("private/store"), store + "\n");
        Path settings = home.resolve("wherefore.properties");

        // a secret in the file itself, a wrong one, an unset variable: named without the value
        String wrong = "planted-wrong-password-4712";
        SECRETS.add(wrong);
        for (String bad : List.of("http.tls.keystorePassword=" + wrong, "http.tls.keystorePassword=${env:" + "WHEREFORE_NOT_SET}", "http.tls.keystorePassword=${file:private/none}")) {
            Files.writeString(settings, "http.tls.keystore=server.p12\n" + bad + "\n");
            Run run = wherefore("start");
            assertThat(run.code()).isEqualTo(4);
            assertThat(run.output()).contains("http.tls.keystorePassword");
        }
        Files.writeString(home.resolve("private/wrong"), wrong);
        Files.writeString(settings, "http.tls.keystore=server.p12\nhttp.tls.keystorePassword=${file:private/wrong}\n");
        assertThat(wherefore("start").output()).contains("can't be opened: wrong http.tls.keystorePassword");
        Files.writeString(settings, "http.host=0.0.0.0\n");
        assertThat(wherefore("start").output()).contains("keys would travel in the clear");

        Files.writeString(settings, "http.tls.keystore=server.p12\nhttp.tls.keystorePassword=${file:private/store}\n");
        try (RunningServer server = RunningServer.start("start", home, "ready in")) {
            assertThat(server.output().toString()).contains("https://127.0.0.1:" + server.port());
            assertThat(overTls(keyStore, store, server.port(), SECRETS.get(0))).startsWith("HTTP/1.1 200").contains("\"admin.key\"");
            // what is sent wrongly is a secret, too: it may be another server's key
            String typed = "planted-mistyped-key-4713-planted-mistyped";
            String token = "eyJhbGciOiJub25lIn0.planted-token-4714.";
            SECRETS.addAll(List.of(typed, token));
            SAID.append(overTls(keyStore, store, server.port(), typed)).append(overTls(keyStore, store, server.port(), token));
            assertThat(Wire.send(server.port(), Wire.request("GET /api/v1/me HTTP/1.1", new byte[0]), true).status()).as("plain HTTP on the TLS port").isNotEqualTo(200);
            assertThat(wherefore("status").output()).contains("ready");
        }
        searchForSecrets();
    }

    private static void searchForSecrets() throws IOException {
        Set<Path> own = Set.of(home.resolve("admin.key"), home.resolve("private/store"), home.resolve("private/wrong"));
        int files = 0;
        List<String> found = new ArrayList<>();
        try (Stream<Path> all = Files.walk(home)) {
            for (Path p : all.filter(Files::isRegularFile).filter(f -> !own.contains(f)).toList()) {
                String text = Files.readString(p, StandardCharsets.ISO_8859_1);
                files++;
                SECRETS.stream().filter(text::contains).forEach(s -> found.add(p + " has secret " + SECRETS.indexOf(s)));
            }
        }
        SECRETS.stream().filter(SAID.toString()::contains).forEach(s -> found.add("an answer or output has secret " + SECRETS.indexOf(s)));
        System.out.printf("%n%d planted secrets searched in %d files, %d characters of answers and output: found %s%n", SECRETS.size(), files, SAID.length(),
                found.isEmpty() ? "none" : found);
        assertThat(found).isEmpty();
        assertThat(SECRETS).hasSizeGreaterThan(6);
    }

    private static String overTls(Path keyStore, String password, int port, String key) throws Exception {
        KeyStore trusted = KeyStore.getInstance(keyStore.toFile(), password.toCharArray());
        KeyStore open = KeyStore.getInstance("PKCS12");
        open.load(null, null);
        open.setCertificateEntry("server", trusted.getCertificate("server"));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(open);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.getOutputStream().write(Wire.request("GET /api/v1/me HTTP/1.1\r\nConnection: close\r\nX-API-Key: " + key, new byte[0]));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
