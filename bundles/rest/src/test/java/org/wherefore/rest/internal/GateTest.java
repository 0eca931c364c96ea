package org.wherefore.rest.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.glassfish.jersey.internal.MapPropertiesDelegate;
import org.glassfish.jersey.server.ApplicationHandler;
import org.glassfish.jersey.server.ContainerRequest;
import org.glassfish.jersey.server.ContainerResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Access;
import org.wherefore.api.access.Change;
import org.wherefore.api.access.Limits;

/** What stands before and behind the resources: callers, allowances, requests sent twice, the audit trail. */
class GateTest {
    private static final String PREDICT = "/api/v1/domains/ecommerce/predictions";
    private static final String ITEM = "/api/v1/domains/ecommerce/entities/item/7";
    private static final String FEEDBACK = "{\"prediction\":\"p1\",\"target\":\"item:181\",\"kind\":\"click\"}";
    @TempDir
    Path home;
    private final Fakes fakes = new Fakes();
    private final Admission admission = new Admission(1);
    private Jobs jobs;
    private ApplicationHandler handler;

    record Answer(int status, JsonNode json, String text, ContainerResponse raw) {}

    @BeforeEach
    void start() {
        Feed feed = new Feed();
        jobs = new Jobs(List.of(home), home.resolve("jobs"), fakes.services, feed);
        handler = RestTest.handler(fakes.services, jobs, feed, admission, home);
    }

    @AfterEach
    void stop() {
        jobs.stop();
    }

    private Answer call(String method, String path, String body, String... headers) throws Exception {
        ContainerRequest request = new ContainerRequest(URI.create("http://x/"), URI.create("http://x" + path), method, null, new MapPropertiesDelegate(), null);
        if (body != null) {
            request.setEntityStream(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ContainerResponse response = handler.apply(request, out).get();
        String text = out.toString(StandardCharsets.UTF_8);
        return new Answer(response.getStatus(), text.isEmpty() ? null : new ObjectMapper().readTree(text), text, response);
    }

    private Answer admin(String method, String path, String body, String... headers) throws Exception {
        List<String> all = new ArrayList<>(List.of("X-API-Key", "admin"));
        all.addAll(List.of(headers));
        return call(method, path, body, all.toArray(String[]::new));
    }

    @Test
    void readsACredentialFromEitherHeader() throws Exception {
        assertThat(call("GET", "/api/v1/me", null, "X-API-Key", "auditor").json.get("id").asText()).isEqualTo("key:auditor");
        assertThat(call("GET", "/api/v1/me", null, "Authorization", "bearer  auditor").json.at("/roles/0").asText()).isEqualTo("auditor");
        assertThat(call("GET", "/api/v1/me", null, "Authorization", "Bearer viewer", "X-API-Key", "admin").status).isEqualTo(401);
        assertThat(call("GET", "/api/v1/me", null, "Authorization", "Basic dmlld2VyOg==").status).isEqualTo(401);
        Answer none = call("GET", "/api/v1/me", null);
        assertThat(none.status).isEqualTo(401);
        assertThat(none.raw.getHeaderString("WWW-Authenticate")).startsWith("Bearer");
    }

    @Test
    void goesWithoutACredentialOnlyForPagesAndToolsOfThisMachine() throws Exception {
        assertThat(call("GET", "/api/v1/me", null, "Host", "127.0.0.1:8080").status).isEqualTo(200);
        assertThat(call("GET", "/api/v1/me", null, "Host", "[::1]:8080", "Origin", "http://[::1]:8080").status).isEqualTo(200);
        assertThat(call("GET", "/api/v1/me", null, "Host", "LocalHost", "Sec-Fetch-Site", "same-origin").status).isEqualTo(200);
        assertThat(call("GET", "/api/v1/me", null, "Host", "rebound.example:8080").status).as("another name of this machine").isEqualTo(401);
        assertThat(call("GET", "/api/v1/me", null, "Host", "localhost:8080", "Origin", "https://evil.example").status).isEqualTo(401);
        assertThat(call("GET", "/api/v1/me", null, "Host", "localhost:8080", "Origin", "null").status).isEqualTo(401);
        assertThat(call("GET", "/api/v1/me", null, "Host", "localhost:8080", "Sec-Fetch-Site", "cross-site").status).isEqualTo(401);
    }

    @Test
    void tellsWhenAnAllowanceIsUsedUp() throws Exception {
        fakes.waits.put(Access.Cost.REQUESTS, 3L);
        Answer a = admin("GET", "/api/v1/domains", null);
        assertThat(a.status).isEqualTo(429);
        assertThat(a.raw.getHeaderString("Retry-After")).isEqualTo("3");
        fakes.waits.clear();
        fakes.waits.put(Access.Cost.EVALUATIONS, 40L);
        assertThat(admin("POST", PREDICT, "{\"user\":\"42\"}").status).isEqualTo(200);
        Answer explained = admin("POST", PREDICT, "{\"user\":\"42\",\"explain\":{}}");
        assertThat(explained.status).isEqualTo(429);
        assertThat(explained.raw.getHeaderString("Retry-After")).isEqualTo("40");
        assertThat(admin("GET", "/api/v1/predictions/p1/explanation", null).status).isEqualTo(429);
        fakes.waits.clear();
        admin("POST", PREDICT, "{\"user\":\"42\",\"explain\":{\"budget\":100}}");
        assertThat(fakes.settled).as("9 evaluations were made, 100 taken before").isEqualTo(9 - 100);
    }

    @Test
    void boundsABodyByItsCallersLimit() throws Exception {
        fakes.limits = new Limits(0, 0, 30);
        assertThat(admin("POST", PREDICT, "{\"user\":\"42\"}").status).isEqualTo(200);
        assertThat(admin("POST", PREDICT, "{\"user\":\"42\",\"history\":[\"50\",\"50\"]}").status).isEqualTo(413);
        assertThat(admin("POST", PREDICT, "{}", "Content-Length", "31").status).isEqualTo(413);
        assertThat(admin("POST", PREDICT, "{}", "Content-Encoding", "gzip").status).isEqualTo(415);
    }

    @Test
    void answersTheSameRequestOnce() throws Exception {
        admin("POST", PREDICT, "{\"user\":\"42\"}");
        Answer first = admin("POST", "/api/v1/feedback", FEEDBACK, "Idempotency-Key", "k1");
        assertThat(first.status).isEqualTo(201);
        Answer again = admin("POST", "/api/v1/feedback", FEEDBACK, "Idempotency-Key", "k1");
        assertThat(again.status).isEqualTo(201);
        assertThat(again.text).isEqualTo(first.text);
        assertThat(again.raw.getMediaType().toString()).isEqualTo("application/json");
        assertThat(again.raw.getHeaderString("Idempotency-Replayed")).isEqualTo("true");
        assertThat(fakes.feedback).hasSize(1);
        assertThat(fakes.audited).hasSize(1);
        assertThat(admin("POST", "/api/v1/feedback", FEEDBACK.replace("click", "purchase"), "Idempotency-Key", "k1").status).isEqualTo(422);
        // after a restart
        start();
        assertThat(admin("POST", "/api/v1/feedback", FEEDBACK, "Idempotency-Key", "k1").text).isEqualTo(first.text);
        // another caller's key of the same name is another key
        assertThat(call("POST", "/api/v1/feedback", FEEDBACK, "X-API-Key", "viewer", "Idempotency-Key", "k1").text).isNotEqualTo(first.text);
        assertThat(fakes.feedback).hasSize(2);
        // what failed may be sent again
        assertThat(admin("POST", "/api/v1/feedback", FEEDBACK.replace("p1", "p9"), "Idempotency-Key", "k2").status).isEqualTo(404);
        assertThat(admin("POST", "/api/v1/feedback", FEEDBACK, "Idempotency-Key", "k2").status).isEqualTo(201);
        assertThat(admin("POST", "/api/v1/feedback", FEEDBACK, "Idempotency-Key", "a b").status).isEqualTo(400);
    }

    @Test
    void aRequestThatWasCutOffIsNotDoneTwice() throws Exception {
        admin("POST", PREDICT, "{\"user\":\"42\"}");
        admin("POST", "/api/v1/feedback", FEEDBACK, "Idempotency-Key", "k1");
        try (Stream<Path> files = Files.list(home.resolve("answers"))) {
            Files.writeString(files.findFirst().orElseThrow(), "begun 00000000-0000-4000-8000-000000000000");
        }
        Answer a = admin("POST", "/api/v1/feedback", FEEDBACK, "Idempotency-Key", "k1");
        assertThat(a.status).isEqualTo(409);
        assertThat(a.json.get("detail").asText()).contains("cut off");
        assertThat(fakes.feedback).hasSize(1);
    }

    @Test
    void ofTheSameRequestManyTimesAtOnceOneIsDone() throws Exception {
        admin("POST", PREDICT, "{\"user\":\"42\"}");
        fakes.feedback.clear();
        ExecutorService pool = Executors.newFixedThreadPool(8);
        List<Future<Answer>> all = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            all.add(pool.submit(() -> admin("POST", "/api/v1/feedback", FEEDBACK, "Idempotency-Key", "k1")));
        }
        for (Future<Answer> f : all) {
            assertThat(f.get().status).isIn(201, 409);
        }
        pool.shutdown();
        assertThat(fakes.feedback).hasSize(1);
    }

    @Test
    void theTrailHasWhatWasChangedByWhom() throws Exception {
        admin("PUT", ITEM, "{\"title\":\"Tea\"}", "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        Change put = fakes.audited.get(0);
        assertThat(put.who()).isEqualTo("key:admin");
        assertThat(put.action()).isEqualTo("PUT /api/v1/domains/{domain}/entities/{kind}/{id}");
        assertThat(put.target()).isEqualTo(ITEM);
        assertThat(put.after()).startsWith("put; given 15 bytes, sha256:").doesNotContain("Tea");
        assertThat(put.outcome()).isEqualTo("done");
        assertThat(put.trace()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        admin("PUT", "/api/v1/models/ecommerce/aliases/champion", "{\"version\":1}", "If-Match", "\"2.2\"");
        assertThat(fakes.audited.get(1)).satisfies(c -> {
            assertThat(c.before()).isEqualTo("ecommerce:2");
            assertThat(c.after()).startsWith("ecommerce:1; given 13 bytes");
        });
        assertThat(fakes.transitions.get(2).who()).isEqualTo("key:admin");
        assertThat(call("DELETE", ITEM, null, "X-API-Key", "viewer").status).isEqualTo(403);
        assertThat(fakes.audited.get(2).outcome()).isEqualTo("denied");
        admin("DELETE", "/api/v1/domains/ecommerce/entities/item/none", null);
        assertThat(fakes.audited.get(3).outcome()).isEqualTo("failed with 404");
        admin("POST", PREDICT, "{\"user\":\"42\"}");
        call("DELETE", ITEM, null);
        admin("GET", "/api/v1/domains", null);
        assertThat(fakes.audited).as("predictions, reads and what nobody sent").hasSize(4);
        Answer page = call("GET", "/api/v1/audit?limit=3", null, "X-API-Key", "auditor");
        assertThat(page.json.at("/items/0/sequence").asInt()).isEqualTo(4);
        Answer rest = call("GET", "/api/v1/audit?limit=3&cursor=" + page.json.get("nextCursor").asText(), null, "X-API-Key", "auditor");
        assertThat(rest.json.at("/items/0/sequence").asInt()).isEqualTo(1);
        assertThat(rest.json.get("nextCursor").isNull()).isTrue();
    }

    @Test
    void aChangeWithoutItsEntryIsNotAcknowledged() throws Exception {
        fakes.auditFailure = new WhereforeException(ErrorCode.STORAGE, "no space left in /secret/place");
        Answer a = admin("PUT", ITEM, "{\"title\":\"Tea\"}");
        assertThat(a.status).isEqualTo(507);
        assertThat(a.json.get("detail").asText()).contains("the audit trail can't be written").doesNotContain("/secret/place");
    }

    @Test
    void aKeyIsShownOnceAndKeptNowhereHere() throws Exception {
        Answer made = admin("POST", "/api/v1/keys", "{\"name\":\"shop\",\"roles\":[\"viewer\",\"operator\"],\"limits\":{\"requestsPerSecond\":5}}");
        assertThat(made.status).isEqualTo(201);
        assertThat(made.json.get("key").asText()).isEqualTo("wf_planted-secret");
        assertThat(made.raw.getHeaderString("Cache-Control")).isEqualTo("no-store");
        assertThat(admin("GET", "/api/v1/keys", null).text).contains("\"shop\"", "\"createdBy\":\"key:admin\"").doesNotContain("planted");
        assertThat(fakes.audited.toString()).contains("shop (viewer, operator)").doesNotContain("planted");
        assertThat(admin("DELETE", "/api/v1/keys/k0", null).status).isEqualTo(200);
        assertThat(admin("DELETE", "/api/v1/keys/k7", null).status).isEqualTo(404);
        assertThat(admin("POST", "/api/v1/keys", "{\"name\":\"x\",\"roles\":[\"viewer\"]}", "Idempotency-Key", "k1").status).isEqualTo(400);
        assertThat(admin("POST", "/api/v1/keys", "{\"name\":\"x\",\"roles\":[\"emperor\"]}").json.at("/detail").asText()).contains("plugin-admin");
        assertThat(admin("POST", "/api/v1/keys", "{\"name\":\"x\",\"roles\":[\"viewer\"],\"limits\":{\"requestsPerSecond\":-1}}").status).isEqualTo(400);
        assertThat(home.resolve("answers")).doesNotExist();
    }

    @Test
    void aFullHouseIsToldAtOnceAndExplanationsTakeNoPredictionsPlace() throws Exception {
        List<Admission.Place> explaining = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch over = new CountDownLatch(1);
        ExecutorService pool = Executors.newCachedThreadPool();
        AtomicInteger refused = new AtomicInteger();
        explaining.add(admission.enter(true));
        explaining.add(admission.enter(true));
        List<Future<?>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting.add(pool.submit(() -> {
                try (Admission.Place p = admission.enter(true)) {
                    over.await();
                } catch (Refused e) {
                    refused.incrementAndGet();
                }
                return null;
            }));
        }
        while (refused.get() < 16) {
            Thread.onSpinWait();
        }
        Answer full = admin("POST", PREDICT, "{\"user\":\"42\",\"explain\":{}}");
        assertThat(full.status).isEqualTo(503);
        assertThat(full.json.get("type").asText()).isEqualTo("/problems/overloaded");
        assertThat(full.raw.getHeaderString("Retry-After")).isEqualTo("1");
        assertThat(admin("POST", PREDICT, "{\"user\":\"42\"}").status).isEqualTo(200);
        over.countDown();
        explaining.forEach(Admission.Place::close);
        for (Future<?> f : waiting) {
            f.get();
        }
        pool.shutdown();
        assertThat(admin("POST", PREDICT, "{\"user\":\"42\",\"explain\":{}}").status).isEqualTo(200);
        assertThatThrownBy(() -> {
            try (Admission.Place a = admission.enter(false); Admission.Place b = admission.enter(false); Admission.Place c = admission.enter(false)) {
                assertThat(c).isNull();
            }
        }).isInstanceOf(Refused.class);
    }
}
