package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;

/** Every kind of malformed request gets a 4xx problem from the real server: never a 5xx, never a hang, in bounded memory. Prints the table. */
class MalformedIT {
    private static final String ISSUER = "https://login.example.org/";
    private static final String AUDIENCE = "wherefore";
    private static final String JSON = "\r\nContent-Type: application/json";
    private static final String PREDICT = "POST /api/v1/domains/ecommerce/predictions HTTP/1.1";
    private static final String ENTITY = "/api/v1/domains/ecommerce/entities/item/";
    @TempDir
    static Path home;
    private static RunningServer server;
    private static String key;
    private static KeyPair pair;
    private final Map<String, List<Wire.Answer>> rows = new LinkedHashMap<>();

    @BeforeAll
    static void start() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        pair = generator.generateKeyPair();
        RSAKey known = new RSAKey.Builder((RSAPublicKey) pair.getPublic()).keyID("k1").build();
        Files.writeString(home.resolve("issuer.json"), new JWKSet(known).toString());
        Files.writeString(home.resolve("wherefore.properties"), "access.anonymous=none\naccess.jwt.issuer=" + ISSUER + "\naccess.jwt.audience=" + AUDIENCE
                + "\naccess.jwt.jwks=issuer.json\n");
        server = RunningServer.start("demo", home, "serving;");
        key = Files.readString(home.resolve("admin.key")).strip();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    void everyMalformedRequestGetsAProblem() throws Exception {
        long before = server.peakMegabytes();
        json();
        texts();
        bodies();
        forged();
        paths();
        tokens();
        print(before);
        rows.forEach((name, answers) -> assertThat(answers).as(name).isNotEmpty().allSatisfy(a -> {
            assertThat(a.status()).as(a.head() + "\n" + a.body()).isBetween(400, 499);
            assertThat(a.problem()).as(a.head()).isTrue();
            assertThat(a.body()).doesNotContain("Exception", "at org.", key);
            assertThat(a.millis()).isLessThan(20_000);
        }));
        assertThat(server.get("/readyz").statusCode()).isEqualTo(200);
        assertThat(server.post("/api/v1/domains/ecommerce/predictions", "{\"user\":\"c0002\",\"k\":3}").statusCode()).isEqualTo(200);
        assertThat(Files.readString(home.resolve("logs/wherefore.log"))).doesNotContain("OutOfMemoryError", "a request failed");
    }

    private void row(String name, Wire.Answer answer) {
        rows.computeIfAbsent(name, n -> new ArrayList<>()).add(answer);
    }

    private static Wire.Answer send(String head, byte[] body) throws IOException {
        return Wire.send(server.port(), Wire.request(head + "\r\nX-API-Key: " + key, body), false);
    }

    private static Wire.Answer predict(String body) throws IOException {
        return send(PREDICT + JSON, body.getBytes(StandardCharsets.UTF_8));
    }

    private void json() throws IOException {
        for (String body : List.of("{\"user\":\"c0002\"", "{\"user\":\"c00", "[", "{\"user\":", "")) {
            row("truncated JSON", predict(body));
        }
        row("truncated JSON", Wire.send(server.port(), Wire.bytes(PREDICT + JSON + "\r\nHost: 127.0.0.1\r\nX-API-Key: " + key
                + "\r\nContent-Length: 500\r\n\r\n{\"user\":\"c0002\""), true));
        row("deep JSON", predict("[".repeat(100_000)));
        row("deep JSON", predict("{\"user\":".repeat(50_000)));
        row("deep JSON", predict("{\"user\":\"c0002\",\"explain\":{\"parameters\":{\"a\":" + "[".repeat(2_000) + "]".repeat(2_000) + "}}}"));
        row("duplicate-key JSON", predict("{\"user\":\"c0002\",\"user\":\"c0003\"}"));
        row("duplicate-key JSON", predict("{\"user\":\"c0002\",\"explain\":{\"seed\":1,\"seed\":2}}"));
        for (String n : List.of("NaN", "Infinity", "-Infinity", "1e999", "-1e999", "1" + "0".repeat(2_000), "0x10", "1.")) {
            row("NaN and 1e999", predict("{\"user\":\"c0002\",\"k\":" + n + "}"));
        }
        row("NaN and 1e999", send("POST /api/v1/feedback HTTP/1.1" + JSON, Wire.bytes("{\"prediction\":\"p\",\"target\":\"t\",\"kind\":\"click\",\"value\":1e999}")));
    }

    private void texts() throws IOException {
        for (String bad : List.of("\u00ff", "\u00c3(", "\u00f5\u0080\u0080\u0080", "\u00c0\u00af", "\u00ed\u00a0\u0080")) {
            row("invalid UTF-8", send(PREDICT + JSON, Wire.bytes("{\"user\":\"a" + bad + "\"}")));
        }
        for (String path : List.of("/api/v1/predictions/%ff", "/api/v1/predictions/%c0%af", "/api/v1/domains?cursor=%ff%fe", "/api/v1/models/%ed%a0%80")) {
            row("invalid UTF-8", send("GET " + path + " HTTP/1.1", new byte[0]));
        }
        for (String bad : List.of("\\u0000", "a\\nb", "\\u007f", "\\u0085", "\\u202e", "a\\u2066b", "\\u200f", "\\ufeff", "\\u200b", "\\ud800", "\\u2028")) {
            row("control and bidi characters in ids", predict("{\"user\":\"" + bad + "\"}"));
            row("control and bidi characters in ids", predict("{\"history\":[\"x\",\"" + bad + "\"]}"));
        }
        for (String bad : List.of("%00", "a%0ab", "%7f", "%c2%85", "%e2%80%ae", "%e2%81%a6", "%e2%80%8f", "%ef%bb%bf")) {
            row("control and bidi characters in ids", send("PUT " + ENTITY + bad + " HTTP/1.1" + JSON, Wire.bytes("{\"title\":\"x\"}")));
            row("control and bidi characters in ids", send("GET /api/v1/models/" + bad + " HTTP/1.1", new byte[0]));
        }
    }

    private void bodies() throws IOException {
        String announced = "\r\nHost: 127.0.0.1\r\nX-API-Key: " + key + "\r\nContent-Length: ";
        row("body over its limit, with length", Wire.send(server.port(), Wire.bytes(PREDICT + JSON + announced + ((1 << 20) + 1) + "\r\n\r\n{"), false));
        row("body over its limit, with length", Wire.send(server.port(), Wire.bytes(PREDICT + JSON + announced + Long.MAX_VALUE + "\r\n\r\n{"), false));
        row("body over its limit, with length", send(PREDICT + JSON, (" ".repeat(1 << 20) + "{}").getBytes(StandardCharsets.UTF_8)));
        row("body over its limit, with length", Wire.send(server.port(),
                Wire.bytes("POST /api/v1/bundles HTTP/1.1\r\nContent-Type: application/java-archive" + announced + ((64L << 20) + 1) + "\r\n\r\nPK"), false));
        for (String target : List.of(PREDICT + JSON, "POST /api/v1/feedback HTTP/1.1" + JSON, "POST /api/v1/domains/ecommerce/events HTTP/1.1\r\nContent-Type: application/x-ndjson")) {
            ByteArrayOutputStream chunks = new ByteArrayOutputStream();
            chunks.writeBytes(Wire.bytes(target + "\r\nHost: 127.0.0.1\r\nX-API-Key: " + key + "\r\nTransfer-Encoding: chunked\r\n\r\n"));
            for (int i = 0; i < 128; i++) {
                chunks.writeBytes(Wire.bytes("10000\r\n" + " ".repeat(65_536) + "\r\n"));
            }
            chunks.writeBytes(Wire.bytes("0\r\n\r\n"));
            row("body over its limit, without length", Wire.send(server.port(), chunks.toByteArray(), false));
        }
        for (String type : List.of("text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/java-archive", ";;;///", "application/json\u00ff")) {
            row("wrong content type", send(PREDICT + "\r\nContent-Type: " + type, Wire.bytes("{\"user\":\"c0002\"}")));
        }
        row("wrong content type", send(PREDICT, Wire.bytes("{\"user\":\"c0002\"}")));
        row("wrong content type", send("POST /api/v1/bundles HTTP/1.1" + JSON, Wire.bytes("{}")));
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(bomb)) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 100; i++) {
                zip.write(zeros);
            }
        }
        for (String coding : List.of("gzip", "x-gzip", "deflate", "br", "gzip, gzip", "identity, gzip")) {
            row("gzip bomb", send(PREDICT + JSON + "\r\nContent-Encoding: " + coding, bomb.toByteArray()));
        }
        row("header of 100 KB", send("GET /api/v1/domains HTTP/1.1\r\nX-Large: " + "a".repeat(100_000), new byte[0]));
        row("header of 100 KB", send("GET /api/v1/domains HTTP/1.1\r\nAuthorization: Bearer " + "a".repeat(100_000), new byte[0]));
        row("header of 100 KB", send("GET /api/v1/domains HTTP/1.1\r\n" + "X: y\r\n".repeat(20_000) + "Z: z", new byte[0]));
        row("header of 100 KB", send("GET /" + "a".repeat(100_000) + " HTTP/1.1", new byte[0]));
        row("headers that can't be read", send("GET /api/v1/domains HTTP/1.1\r\nAccept-Language: ab_!!;q=z", new byte[0]));
        row("headers that can't be read", send("GET /api/v1/domains HTTP/1.1\r\nAccept: ;;;///", new byte[0]));
        row("headers that can't be read", send(PREDICT + JSON + "\r\nContent-Length: 7", Wire.bytes("{}")));
        row("headers that can't be read", Wire.send(server.port(), Wire.bytes("\u0000\u0001 nonsense\r\n\r\n"), false));
    }

    private void forged() throws Exception {
        String users = "/api/v1/domains/ecommerce/entities/user?limit=2";
        String items = "/api/v1/domains/ecommerce/entities/item?limit=2";
        String cursor = RunningServer.json(server.get(users)).path("nextCursor").asText();
        assertThat(server.get(users + "&cursor=" + cursor).statusCode()).isEqualTo(200);
        char[] altered = cursor.toCharArray();
        altered[2] = altered[2] == 'a' ? 'b' : 'a';
        for (String c : List.of("c0100", "x", "%25", Base64.getUrlEncoder().encodeToString("c0100".getBytes()), new String(altered), "a".repeat(9_000), "")) {
            row("forged cursor", send("GET " + users + "&cursor=" + c + " HTTP/1.1", new byte[0]));
        }
        row("forged cursor", send("GET " + items + "&cursor=" + cursor + " HTTP/1.1", new byte[0]));
        for (String tag : List.of("\"1.999\"", "W/\"1.1\"", "1.1", "\"\"", "\"1.1", "'; drop table", "\"" + "9".repeat(5_000) + "\"")) {
            row("forged ETag", send("PUT /api/v1/models/ecommerce/aliases/champion HTTP/1.1" + JSON + "\r\nIf-Match: " + tag, Wire.bytes("{\"version\":1}")));
        }
        row("forged ETag", send("PUT /api/v1/models/ecommerce/aliases/champion HTTP/1.1" + JSON, Wire.bytes("{\"version\":1}")));
        for (String k : List.of("a b", "\u00e9", "a\u0007", "k".repeat(5_000), "")) {
            row("forged idempotency key", send(PREDICT + JSON + "\r\nIdempotency-Key: " + k, Wire.bytes("{\"user\":\"c0002\"}")));
        }
        assertThat(send(PREDICT + JSON + "\r\nIdempotency-Key: once", Wire.bytes("{\"user\":\"c0002\"}")).status()).isEqualTo(200);
        row("forged idempotency key", send(PREDICT + JSON + "\r\nIdempotency-Key: once", Wire.bytes("{\"user\":\"c0003\"}")));
    }

    private void paths() throws IOException {
        for (String steps : List.of("../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f%2e%2e%2fetc", "%2e%2e/%2e%2e/etc", "..%5c..%5cetc", "..;/..;/etc", "%252e%252e%252fetc", "..%c0%afetc", ".%00./etc")) {
            for (String at : List.of("/api/v1/models/", "/api/v1/domains/", "/api/v1/bundles/", "/api/v1/jobs/", "/api/v1/predictions/", ENTITY, "/api/v1/keys/", "/console/", "/problems/")) {
                row("path traversal in any id", send((at.contains("keys") ? "DELETE " : "GET ") + at + steps + " HTTP/1.1", new byte[0]));
            }
        }
        for (String id : List.of("..", ".", "../../etc/passwd", "a/../b", "..\\\\..\\\\etc", "a/..")) {
            row("path traversal in any id", predict("{\"user\":\"" + id + "\"}"));
            row("path traversal in any id", send("POST /api/v1/domains/ecommerce/events HTTP/1.1" + JSON, Wire.bytes("[{\"user\":\"" + id + "\",\"item\":\"x\"}]")));
        }
        row("path traversal in any id", send("POST /api/v1/domains/ecommerce/trainings HTTP/1.1" + JSON, Wire.bytes("{\"data\":\"../../../etc/passwd\"}")));
        row("path traversal in any id", send("POST /api/v1/domains/ecommerce/trainings HTTP/1.1" + JSON, Wire.bytes("{\"data\":\"/etc/passwd.json\"}")));
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder().issuer(ISSUER).audience(AUDIENCE).subject("u1").expirationTime(Date.from(Instant.now().plusSeconds(600)))
                .claim("roles", List.of("viewer", "auditor"));
    }

    private static String signed(JWSAlgorithm algorithm, String id, JWSSigner signer, JWTClaimsSet claims) throws JOSEException {
        SignedJWT token = new SignedJWT(new JWSHeader.Builder(algorithm).keyID(id).build(), claims);
        token.sign(signer);
        return token.serialize();
    }

    private static Wire.Answer bearer(String token) throws IOException {
        return Wire.send(server.port(), Wire.request("GET /api/v1/me HTTP/1.1\r\nAuthorization: Bearer " + token, new byte[0]), false);
    }

    private void tokens() throws Exception {
        RSASSASigner signer = new RSASSASigner((RSAPrivateKey) pair.getPrivate());
        String good = signed(JWSAlgorithm.RS256, "k1", signer, claims().build());
        Wire.Answer accepted = bearer(good);
        assertThat(accepted.status()).as(accepted.body()).isEqualTo(200);
        assertThat(accepted.body()).contains("\"jwt:" + ISSUER + "#u1\"", "[\"viewer\",\"auditor\"]");
        row("JWT with alg none", bearer(new PlainJWT(claims().build()).serialize()));
        String none = Base64.getUrlEncoder().withoutPadding().encodeToString("{\"alg\":\"NoNe\",\"typ\":\"JWT\"}".getBytes());
        row("JWT with alg none", bearer(none + good.substring(good.indexOf('.'), good.lastIndexOf('.') + 1)));
        row("JWT with alg none", bearer(good.substring(0, good.lastIndexOf('.') + 1)));
        row("JWT for another audience", bearer(signed(JWSAlgorithm.RS256, "k1", signer, claims().audience("other").build())));
        row("JWT for another audience", bearer(signed(JWSAlgorithm.RS256, "k1", signer, claims().audience((String) null).build())));
        row("JWT that is expired", bearer(signed(JWSAlgorithm.RS256, "k1", signer, claims().expirationTime(Date.from(Instant.now().minus(Duration.ofMinutes(5)))).build())));
        row("JWT that is expired", bearer(signed(JWSAlgorithm.RS256, "k1", signer, claims().expirationTime(null).build())));
        row("JWT that is expired", bearer(signed(JWSAlgorithm.RS256, "k1", signer, claims().notBeforeTime(Date.from(Instant.now().plus(Duration.ofMinutes(5)))).build())));
        byte[] open = pair.getPublic().getEncoded();
        byte[] pem = ("-----BEGIN PUBLIC KEY-----\n" + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(open) + "\n-----END PUBLIC KEY-----\n").getBytes();
        for (byte[] secret : List.of(open, pem, Files.readAllBytes(home.resolve("issuer.json")))) {
            row("JWT with key confusion", bearer(signed(JWSAlgorithm.HS256, "k1", new MACSigner(secret), claims().build())));
        }
        row("JWT of another key or issuer", bearer(signed(JWSAlgorithm.RS256, "k9", signer, claims().build())));
        row("JWT of another key or issuer", bearer(signed(JWSAlgorithm.RS256, "k1", signer, claims().issuer("https://evil.example/").build())));
        row("JWT of another key or issuer", bearer(signed(JWSAlgorithm.RS512, "k1", signer, claims().build())));
        row("JWT of another key or issuer", bearer(good.substring(0, good.length() - 8) + "AAAAAAAA"));
        row("JWT of another key or issuer", bearer(signed(JWSAlgorithm.RS256, "k1", signer, claims().claim("roles", "emperor").build())));
        row("JWT of another key or issuer", bearer("a.b.c"));
        row("no credential, an unknown one, two", bearer("wf_aaaaaaaaaa_" + "b".repeat(43)));
        row("no credential, an unknown one, two", bearer(good + "\r\nX-API-Key: other"));
        row("no credential, an unknown one, two", Wire.send(server.port(), Wire.request("GET /api/v1/me HTTP/1.1", new byte[0]), false));
        row("no credential, an unknown one, two", Wire.send(server.port(), Wire.request("GET /api/v1/me HTTP/1.1\r\nAuthorization: Basic YTpi", new byte[0]), false));
    }

    private void print(long before) throws IOException {
        System.out.printf("%n%-40s %9s  %-34s %9s%n", "malformed input", "requests", "answers", "most ms");
        int all = 0;
        for (var e : rows.entrySet()) {
            Map<Integer, Integer> statuses = new TreeMap<>();
            e.getValue().forEach(a -> statuses.merge(a.status(), 1, Integer::sum));
            all += e.getValue().size();
            System.out.printf(Locale.ROOT, "%-40s %9d  %-34s %9d%n", e.getKey(), e.getValue().size(), statuses.toString().replaceAll("[{}]", ""),
                    e.getValue().stream().mapToLong(Wire.Answer::millis).max().orElse(0));
        }
        System.out.printf("%d requests; most memory resident before %d MiB, after %d MiB%n%n", all, before, server.peakMegabytes());
    }
}
