package org.wherefore.access.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Access;
import org.wherefore.api.access.ApiKeys;
import org.wherefore.api.access.Audit;
import org.wherefore.api.access.AuditEntry;
import org.wherefore.api.access.Caller;
import org.wherefore.api.access.Change;
import org.wherefore.api.access.Limits;
import org.wherefore.api.access.Role;

class GatekeeperTest {
    private static final String ADMIN = "an-admin-key-of-some-forty-characters-abc";
    @TempDir
    Path home;

    @BeforeEach
    void admin() throws IOException {
        Files.createFile(home.resolve("admin.key"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(home.resolve("admin.key"), ADMIN + "\n");
    }

    private Gatekeeper gatekeeper(String... settings) {
        return new Gatekeeper(home, settings(false, settings));
    }

    private static Settings settings(boolean demo, String... given) {
        Map<String, String> all = new HashMap<>();
        for (int i = 0; i < given.length; i += 2) {
            all.put(given[i], given[i + 1]);
        }
        return Settings.read(all.keySet(), all::get, demo);
    }

    private static void refused(Gatekeeper g, String credential, String words) {
        assertThatThrownBy(() -> g.caller(credential, true)).isInstanceOf(WhereforeException.class).hasMessageContaining(words)
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain(credential == null || credential.isEmpty() ? "\0" : credential));
    }

    @Test
    void aKeyIsGoodUntilItIsRevokedAndOnlyItsHashIsKept() throws Exception {
        Gatekeeper g = gatekeeper();
        ApiKeys.Created made = g.create("shop", Set.of(Role.VIEWER, Role.OPERATOR), null, null, "admin.key");
        assertThat(made.secret()).matches("wf_[a-z0-9]{10}_[A-Za-z0-9_-]{43}");
        assertThat(made.toString()).doesNotContain(made.secret());
        Caller c = g.caller(made.secret(), false);
        assertThat(c.id()).isEqualTo("key:" + made.key().id());
        assertThat(c.roles()).containsExactlyInAnyOrder(Role.VIEWER, Role.OPERATOR);
        assertThat(c.may(Role.ANALYST)).isFalse();
        try (Stream<Path> all = Files.walk(home.resolve("access"))) {
            for (Path p : all.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(p)).doesNotContain(made.secret().substring(14));
                assertThat(p.endsWith("lock") || !PrivateFiles.exposed(p)).as(p.toString()).isTrue();
            }
        }
        refused(g, made.secret().substring(0, made.secret().length() - 1) + (made.secret().endsWith("a") ? "b" : "a"), "not known here");
        refused(g, "wf_aaaaaaaaaa_" + "b".repeat(43), "not known here");
        refused(g, "", "not known here");
        // another process of the home, and the one after a restart, know it
        assertThat(gatekeeper().caller(made.secret(), false).id()).isEqualTo(c.id());
        assertThat(g.revoke(made.key().id()).revoked()).isNotNull();
        refused(g, made.secret(), "revoked");
        assertThat(gatekeeper().list()).singleElement().satisfies(k -> assertThat(k.good(Instant.now())).isFalse());
        assertThatThrownBy(() -> g.revoke("none")).hasMessageContaining("there is no key of this id");
    }

    @Test
    void aKeyExpires() {
        Gatekeeper g = gatekeeper();
        Instant soon = Instant.now().plusMillis(300);
        ApiKeys.Created made = g.create("short", Set.of(Role.VIEWER), null, soon, "x");
        while (Instant.now().isBefore(soon)) {
            Thread.onSpinWait();
        }
        refused(g, made.secret(), "expired");
        assertThatThrownBy(() -> g.create("past", Set.of(Role.VIEWER), null, Instant.EPOCH, "x")).hasMessageContaining("in the future");
        assertThatThrownBy(() -> g.create("a\u202eb", Set.of(Role.VIEWER), null, null, "x")).hasMessageContaining("without control characters");
        assertThatThrownBy(() -> g.create("none", Set.of(), null, null, "x")).hasMessageContaining("at least one role");
    }

    @Test
    void theHomesFirstKeyMayDoAllUnlessOthersCanReadIt() throws Exception {
        assertThat(gatekeeper().caller(ADMIN, false).roles()).containsExactly(Role.ADMIN);
        refused(gatekeeper(), ADMIN + "x", "not known here");
        Files.setPosixFilePermissions(home.resolve("admin.key"), PosixFilePermissions.fromString("rw-r--r--"));
        refused(gatekeeper(), ADMIN, "not known here");
        Files.delete(home.resolve("admin.key"));
        refused(gatekeeper(), ADMIN, "not known here");
    }

    @Test
    void withoutACredentialNobodyGetsInUnlessTheSettingsSaySo() {
        refused(gatekeeper(), null, "send a key");
        Gatekeeper demo = new Gatekeeper(home, settings(true));
        assertThat(demo.caller(null, true).roles()).containsExactlyInAnyOrder(Role.VIEWER, Role.ANALYST);
        assertThatThrownBy(() -> demo.caller(null, false)).hasMessageContaining("send a key");
        refused(new Gatekeeper(home, settings(true, "access.anonymous", "none")), null, "send a key");
        assertThat(gatekeeper("access.anonymous", "viewer").caller(null, true).roles()).containsExactly(Role.VIEWER);
        assertThatThrownBy(() -> gatekeeper("access.anonymous", "admin")).hasMessageContaining("viewer, analyst or operator at most");
        assertThatThrownBy(() -> gatekeeper("access.anonymus", "none")).hasMessageContaining("there is no setting 'access.anonymus'");
        assertThatThrownBy(() -> gatekeeper("access.requestsPerSecond", "many")).hasMessageContaining("access.requestsPerSecond is a number");
    }

    @Test
    void bucketsFillAtTheirRate() {
        AtomicLong now = new AtomicLong();
        Buckets b = new Buckets(now::get);
        for (int i = 0; i < 20; i++) {
            assertThat(b.take("a", 10, 20, 1)).isZero();
        }
        assertThat(b.take("a", 10, 20, 1)).isEqualTo(1);
        assertThat(b.take("b", 10, 20, 1)).isZero();
        now.addAndGet(500_000_000);
        for (int i = 0; i < 5; i++) {
            assertThat(b.take("a", 10, 20, 1)).isZero();
        }
        assertThat(b.take("a", 10, 20, 20)).isEqualTo(2);
        // what was spent beyond the allowance is waited for
        b.settle("a", 10, 20, 50);
        assertThat(b.take("a", 10, 20, 1)).isEqualTo(6);
        now.addAndGet(3_600_000_000_000L);
        assertThat(b.take("a", 10, 20, 20)).isZero();
        assertThatThrownBy(() -> b.take("a", 10, 20, 21)).hasMessageContaining("has 20 at most");
    }

    @Test
    void aCallerHasItsOwnAllowance() {
        Gatekeeper g = gatekeeper();
        Caller c = g.caller(g.create("slow", Set.of(Role.VIEWER), new Limits(1, 600, 0), null, "x").secret(), false);
        assertThat(g.take(c, Access.Cost.REQUESTS, 1)).isZero();
        assertThat(g.take(c, Access.Cost.REQUESTS, 1)).isZero();
        assertThat(g.take(c, Access.Cost.REQUESTS, 1)).isEqualTo(1);
        assertThat(g.take(c, Access.Cost.EVALUATIONS, 512)).isZero();
        assertThat(g.take(c, Access.Cost.EVALUATIONS, 512)).isGreaterThan(30);
        g.settle(c, Access.Cost.EVALUATIONS, -500);
        assertThat(g.take(c, Access.Cost.EVALUATIONS, 512)).isZero();
        Caller admin = g.caller(ADMIN, false);
        for (int i = 0; i < 5_000; i++) {
            assertThat(g.take(admin, Access.Cost.REQUESTS, 1)).isZero();
        }
    }

    @Test
    void opensWhatThisHomeSealedForThePurposeOnly() {
        Gatekeeper g = gatekeeper();
        String sealed = g.seal("cursor /a", "c0100 ü");
        assertThat(gatekeeper().open("cursor /a", sealed)).contains("c0100 ü");
        assertThat(g.open("cursor /b", sealed)).isEmpty();
        assertThat(g.open("cursor /a", sealed.substring(1))).isEmpty();
        assertThat(g.open("cursor /a", "")).isEmpty();
        assertThat(g.open("cursor /a", "%")).isEmpty();
    }

    private static JWTClaimsSet.Builder claims() {
        return new JWTClaimsSet.Builder().issuer("https://i.example/").audience(List.of("other", "w")).subject("u\u202e1").expirationTime(Date.from(Instant.now().plusSeconds(60)));
    }

    private static SignedJWT token(JWSAlgorithm algorithm, String id, JWTClaimsSet claims) {
        return new SignedJWT(new JWSHeader.Builder(algorithm).keyID(id).build(), claims);
    }

    @Test
    void readsRolesOfSignedTokensThroughTheMapping() throws Exception {
        RSAKey rsa = new RSAKeyGenerator(2048).keyID("r").generate();
        ECKey ec = new ECKeyGenerator(Curve.P_256).keyID("e").generate();
        OctetSequenceKey shared = new OctetSequenceKey.Builder("a shared secret that should never be in here".getBytes(StandardCharsets.US_ASCII)).keyID("s").build();
        Files.writeString(home.resolve("jwks.json"), new JWKSet(List.of(rsa, ec, shared)).toString(false));
        String[] base = {"access.jwt.issuer", "https://i.example/", "access.jwt.audience", "w", "access.jwt.jwks", "jwks.json"};
        List<String> mapped = new ArrayList<>(List.of(base));
        mapped.addAll(List.of("access.jwt.rolesClaim", "realm_access.roles", "access.jwt.role.shop staff", "viewer, analyst", "access.jwt.role.ops", "operator"));
        Gatekeeper g = gatekeeper(mapped.toArray(String[]::new));
        SignedJWT t = token(JWSAlgorithm.ES256, "e", claims().claim("realm_access", Map.of("roles", List.of("shop staff", "else", "admin"))).build());
        t.sign(new ECDSASigner(ec));
        Caller c = g.caller(t.serialize(), false);
        assertThat(c.id()).isEqualTo("jwt:https://i.example/#u?1");
        assertThat(c.roles()).containsExactlyInAnyOrder(Role.VIEWER, Role.ANALYST);

        Gatekeeper plain = gatekeeper(base);
        SignedJWT r = token(JWSAlgorithm.PS256, "r", claims().claim("roles", "auditor plugin-admin").build());
        r.sign(new RSASSASigner(rsa));
        assertThat(plain.caller(r.serialize(), false).roles()).containsExactlyInAnyOrder(Role.AUDITOR, Role.PLUGIN_ADMIN);
        SignedJWT none = token(JWSAlgorithm.RS256, "r", claims().build());
        none.sign(new RSASSASigner(rsa));
        refused(plain, none.serialize(), "names no role");
        SignedJWT hmac = token(JWSAlgorithm.HS256, "s", claims().claim("roles", "admin").build());
        hmac.sign(new MACSigner(shared));
        refused(plain, hmac.serialize(), "not accepted");
        refused(gatekeeper(), r.serialize(), "no signed tokens");
    }

    @Test
    void fetchesTheIssuersKeysAndSaysWhenTheyAreOutOfReach() throws Exception {
        RSAKey old = new RSAKeyGenerator(2048).keyID("old").generate();
        RSAKey fresh = new RSAKeyGenerator(2048).keyID("fresh").generate();
        AtomicReference<JWKSet> served = new AtomicReference<>(new JWKSet(old.toPublicJWK()));
        HttpServer issuer = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        issuer.createContext("/", exchange -> {
            byte[] body = served.get() == null ? new byte[0] : served.get().toString().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(served.get() == null ? 500 : 200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        issuer.start();
        String[] base = {"access.jwt.issuer", "https://i.example/", "access.jwt.audience", "w", "access.jwt.jwks",
                "http://127.0.0.1:" + issuer.getAddress().getPort() + "/keys"};
        try {
            Gatekeeper g = gatekeeper(base);
            SignedJWT t = token(JWSAlgorithm.RS256, "old", claims().claim("roles", "viewer").build());
            t.sign(new RSASSASigner(old));
            assertThat(g.caller(t.serialize(), false).roles()).containsExactly(Role.VIEWER);
            served.set(new JWKSet(List.of(old.toPublicJWK(), fresh.toPublicJWK())));
            SignedJWT next = token(JWSAlgorithm.RS256, "fresh", claims().claim("roles", "viewer").build());
            next.sign(new RSASSASigner(fresh));
            assertThat(g.caller(next.serialize(), false).roles()).as("a new key of the issuer").containsExactly(Role.VIEWER);
            served.set(null);
            assertThat(g.caller(t.serialize(), false).roles()).as("keys that are known serve on").containsExactly(Role.VIEWER);
            assertThatThrownBy(() -> gatekeeper(base).caller(t.serialize(), false)).isInstanceOf(WhereforeException.class).hasMessageContaining("can't be fetched now");
        } finally {
            issuer.stop(0);
        }
    }

    @Test
    void refusesSettingsThatWouldLetForgersIn() throws Exception {
        Files.writeString(home.resolve("jwks.json"), new JWKSet(new OctetSequenceKey.Builder(new byte[32]).build()).toString(false));
        assertThatThrownBy(() -> gatekeeper("access.jwt.issuer", "i", "access.jwt.audience", "w", "access.jwt.jwks", "jwks.json")).hasMessageContaining("has no public key");
        assertThatThrownBy(() -> gatekeeper("access.jwt.issuer", "i", "access.jwt.audience", "w", "access.jwt.jwks", "x", "access.jwt.algorithms", "RS256, HS256"))
                .hasMessageContaining("names 'HS256'");
        assertThatThrownBy(() -> gatekeeper("access.jwt.issuer", "i", "access.jwt.audience", "w", "access.jwt.jwks", "x", "access.jwt.algorithms", "none"))
                .hasMessageContaining("names 'none'");
        assertThatThrownBy(() -> gatekeeper("access.jwt.issuer", "i", "access.jwt.jwks", "x")).hasMessageContaining("access.jwt.audience is needed");
        assertThatThrownBy(() -> gatekeeper("access.jwt.audience", "w")).hasMessageContaining("without access.jwt.issuer");
        assertThatThrownBy(() -> gatekeeper("access.jwt.issuer", "i", "access.jwt.audience", "w", "access.jwt.jwks", "http://example.org/keys"))
                .hasMessageContaining("a file or an https address");
        assertThatThrownBy(() -> gatekeeper("access.jwt.issuer", "i", "access.jwt.audience", "w", "access.jwt.jwks", "missing.json")).hasMessageContaining("can't be read as a JWK set");
    }

    @Test
    void theCommandMakesListsAndRevokesKeysAndLeavesEntries() throws JOSEException {
        Gatekeeper g = gatekeeper();
        List<Change> audited = new ArrayList<>();
        KeyCommand command = new KeyCommand(g, new Audit() {
            @Override
            public AuditEntry append(Change change) {
                audited.add(change);
                return new AuditEntry(audited.size(), Instant.EPOCH, change, "", "");
            }

            @Override
            public List<AuditEntry> read(long before, int limit) {
                return List.of();
            }

            @Override
            public Check verify() {
                return new Check(0, "", null);
            }
        });
        assertThat(command.apply(List.of("create", "shop", "--roles", "viewer,operator", "--expires", "90d", "--requests-per-second", "5"))).isZero();
        assertThat(g.list()).singleElement().satisfies(k -> {
            assertThat(k.limits()).isEqualTo(new Limits(5, 0, 0));
            assertThat(k.expires()).isAfter(Instant.now().plusSeconds(89 * 86_400));
            assertThat(k.createdBy()).startsWith("cli:");
        });
        assertThat(command.apply(List.of("list"))).isZero();
        assertThat(command.apply(List.of("revoke", g.list().get(0).id()))).isZero();
        assertThat(command.apply(List.of("revoke", "none"))).isEqualTo(4);
        assertThat(command.apply(List.of("create", "shop"))).isEqualTo(2);
        assertThat(command.apply(List.of("create", "shop", "--roles", "emperor"))).isEqualTo(2);
        assertThat(command.apply(List.of("burn"))).isEqualTo(2);
        assertThat(audited.stream().map(Change::action)).containsExactly("key create", "key revoke");
    }
}
