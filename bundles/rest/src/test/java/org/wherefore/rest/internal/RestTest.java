package org.wherefore.rest.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.glassfish.jersey.internal.MapPropertiesDelegate;
import org.glassfish.jersey.server.ApplicationHandler;
import org.glassfish.jersey.server.ContainerRequest;
import org.glassfish.jersey.server.ContainerResponse;
import org.glassfish.jersey.server.ResourceConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.predict.StrategyState;
import org.wherefore.api.train.TrainingService;

/** The resources in Jersey, in memory; every JSON answer is validated against openapi.json. */
class RestTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static JsonNode openapi;
    @TempDir
    Path home;
    private final Fakes fakes = new Fakes();
    private final Feed feed = new Feed();
    private Jobs jobs;
    private ApplicationHandler handler;

    record Answer(int status, String type, JsonNode json, String text, ContainerResponse raw) {}

    @BeforeEach
    void start() throws Exception {
        openapi = MAPPER.readTree(RestTest.class.getResource("openapi.json"));
        jobs = new Jobs(List.of(home), home.resolve("jobs"), fakes.services, feed);
        Services s = fakes.services;
        new ModelEvents(s.serving, feed);
        handler = handler(s, jobs, feed, new Admission(2), home);
    }

    /** All of it. */
    static ApplicationHandler handler(Services s, Jobs jobs, Feed feed, Admission admission, Path home) {
        Guard guard = new Guard(s);
        return new ApplicationHandler(new ResourceConfig().registerInstances(new DomainsResource(s, jobs, admission, guard), new PredictionsResource(s, admission, guard),
                new FeedbackResource(s, feed), new ModelsResource(s, feed), new TrafficResource(s), new InstalledResource(s), new BundlesResource(s, feed),
                new FeaturesResource(s, feed), new FeaturePlanResource(s),
                new JobsResource(jobs), new KeysResource(s), new AuditResource(s), new SystemResource(s), new ProblemMapper(), new Trace(),
                new Gate(s, guard, new Answers(home.resolve("answers")))));
    }

    @AfterEach
    void stop() {
        jobs.stop();
        handler.onShutdown(null);
    }

    Answer call(String method, String path, String body, String... headers) throws Exception {
        ContainerRequest request = new ContainerRequest(URI.create("http://x/"), URI.create("http://x" + path), method, null,
                new MapPropertiesDelegate(), null);
        if (body != null) {
            request.setEntityStream(new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)));
            request.header("Content-Type", "application/json");
        }
        request.header("X-API-Key", "admin");
        for (int i = 0; i < headers.length; i += 2) {
            request.getHeaders().remove(headers[i]);
            if (headers[i + 1] != null) {
                request.header(headers[i], headers[i + 1]);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ContainerResponse response = handler.apply(request, out).get();
        String text = out.toString(StandardCharsets.UTF_8);
        String type = String.valueOf(response.getMediaType());
        Answer answer = new Answer(response.getStatus(), type, type.endsWith("json") ? MAPPER.readTree(text) : null, text, response);
        if (answer.status >= 400 && !path.equals("/readyz")) {
            assertThat(type).isEqualTo("application/problem+json");
            valid("#/components/schemas/Problem", text);
            assertThat(answer.json.get("status").asInt()).isEqualTo(answer.status);
            assertThat(List.of(401, 429, 503).contains(answer.status)).isEqualTo(response.getHeaderString(answer.status == 401 ? "WWW-Authenticate" : "Retry-After") != null);
            assertThat(text).doesNotContain("Exception").doesNotContain("at org.");
        } else if (answer.json != null && !path.equals("/openapi.json")) {
            declared(method, path, answer);
        }
        return answer;
    }

    private static void declared(String method, String path, Answer answer) {
        String plain = path.replaceAll("\\?.*", "");
        String found = null;
        for (var names = openapi.get("paths").fieldNames(); names.hasNext();) {
            String n = names.next();
            if (plain.matches(n.replaceAll("\\{[^}]+}", "[^/]+")) && (found == null || n.length() - n.replaceAll("[{]", "").length() < found.length() - found.replaceAll("[{]", "").length())) {
                found = n;
            }
        }
        assertThat(found).as(path).isNotNull();
        JsonNode response = openapi.get("paths").get(found).get(method.toLowerCase()).get("responses").get("" + answer.status);
        assertThat(response).as(method + " " + found + " " + answer.status).isNotNull();
        valid(response.at("/content/application~1json/schema/$ref").asText(), answer.text);
    }

    private static void valid(String ref, String json) {
        var schema = MAPPER.createObjectNode();
        schema.put("$ref", ref);
        schema.set("components", openapi.get("components"));
        assertThat(JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(schema).validate(json, InputFormat.JSON)).as(json).isEmpty();
    }

    @Test
    void showsWhatWouldTakeAnOutputOut() throws Exception {
        fakes.finding = new Counterfactual(0, 7.31, 1, List.of(new Counterfactual.Change("history:50", 0, "50", "")), 2.5, 11, Double.NaN);
        JsonNode c = call("POST", "/api/v1/domains/ecommerce/predictions", "{\"user\":\"42\",\"explain\":{}}").json.at("/outputs/0/explanation/counterfactual");
        assertThat(c.toString()).isEqualTo("{\"found\":true,\"rank\":1,\"rankAfter\":11,\"scoreAfter\":2.5,\"plausibility\":null,\"changes\":[{\"feature\":"
                + "\"history:50\",\"label\":\"Star Wars (1977)\",\"position\":0,\"from\":\"50\",\"to\":\"\"}]}");
    }

    @Test
    void showsTheCasesThatAreMostLikeTheInput() throws Exception {
        fakes.finding = new Evidence(0, 7.31, List.of(new Evidence.Precedent(3, 0.75, "181", true, List.of("history:50"))), 100);
        JsonNode e = call("POST", "/api/v1/domains/ecommerce/predictions", "{\"user\":\"42\",\"explain\":{}}").json.at("/outputs/0/explanation/evidence");
        assertThat(e.toString()).isEqualTo("{\"looked\":100,\"cases\":[{\"index\":3,\"similarity\":0.75,\"outcome\":\"item:181\",\"title\":"
                + "\"<b>Return</b> of the Jedi (1983)\",\"supports\":true,\"shared\":[{\"feature\":\"history:50\",\"label\":\"Star Wars (1977)\"}]}]}");
    }

    @Test
    void asksWhyThisAndNotThat() throws Exception {
        fakes.contrast = "50";
        Answer a = call("POST", "/api/v1/domains/ecommerce/predictions", "{\"user\":\"42\",\"explain\":{\"contrast\":\"item:50\"}}");
        assertThat(fakes.asked.explain().contrast()).isEqualTo("50");
        assertThat(a.json.at("/outputs/0/explanation/contrast").toString()).isEqualTo("{\"target\":\"item:50\",\"title\":\"Star Wars (1977)\"}");
        call("GET", "/api/v1/predictions/p1/explanation?contrast=item:50", null);
        assertThat(fakes.again.contrast()).isEqualTo("50");
        fakes.failure = new WhereforeException(ErrorCode.NOT_FOUND, "/explain/contrast", "the model does not know it", null);
        assertThat(call("GET", "/api/v1/predictions/p1/explanation?contrast=x", null).json.at("/errors/0/pointer").asText()).isEqualTo("?contrast");
        Answer unknown = call("POST", "/api/v1/domains/ecommerce/predictions", "{\"user\":\"42\",\"explain\":{\"contrast\":\"x\"}}");
        assertThat(unknown.status).isEqualTo(404);
        assertThat(unknown.json.at("/errors/0/pointer").asText()).isEqualTo("/explain/contrast");
        assertThat(call("POST", "/api/v1/domains/ecommerce/predictions", "{\"user\":\"42\",\"explain\":{\"contrast\":7}}").status).isEqualTo(400);
    }

    @Test
    void predictsAndExplainsAsTheContractShows() throws Exception {
        Answer a = call("POST", "/api/v1/domains/ecommerce/predictions", "{\"user\":\"42\",\"k\":10,\"exclude\":[\"seen\"],\"explain\":{\"strategy\":\"occlusion\",\"locale\":\"zh\"}}");
        assertThat(a.status).isEqualTo(200);
        assertThat(a.json.at("/outputs/0/target").asText()).isEqualTo("item:181");
        assertThat(a.json.at("/outputs/0/explanation/claims/0/text").asText()).isEqualTo("因为");
        assertThat(a.json.at("/outputs/0/explanation/claims/0/arguments/titles/0").asText()).isEqualTo("Star Wars (1977)");
        assertThat(a.json.at("/outputs/0/explanation/attribution/contributions/0/label").asText()).isEqualTo("Star Wars (1977)");
        assertThat(a.json.at("/outputs/0/explanation/attribution/localFit").asDouble()).isEqualTo(0.93);
        assertThat(a.json.at("/outputs/0/explanation/quality/fidelity").isNull()).isTrue();
        assertThat(fakes.asked.excludeSeen()).isTrue();
        call("POST", "/api/v1/domains/ecommerce/predictions", "{\"history\":[\"50\"],\"exclude\":[\"item:9\"]}");
        assertThat(fakes.asked.excludeSeen()).isFalse();
        assertThat(fakes.asked.exclude()).containsExactly("9");
        assertThat(call("GET", "/api/v1/predictions/p1", null).status).isEqualTo(200);
        Answer e = call("GET", "/api/v1/predictions/p1/explanation?target=item:181&seed=3", null, "Accept-Language", "zh-CN,en;q=0.5");
        assertThat(e.json.at("/outputs/0/explanation/text").asText()).isEqualTo("因为");
    }

    @Test
    void judgesARecordAndTakesRecordsIn() throws Exception {
        Answer a = call("POST", "/api/v1/domains/fraud/predictions",
                "{\"transaction\":{\"id\":\"t1\",\"time\":\"2018-08-03T21:14:00Z\",\"amount\":291.4,\"customer\":\"596\"}}");
        assertThat(a.status).isEqualTo(200);
        assertThat(a.json.at("/outputs/0/target").asText()).isEqualTo("fraud");
        assertThat(a.json.at("/outputs/0/probability").asDouble()).isEqualTo(0.93);
        assertThat(a.json.at("/outputs/0/threshold").asDouble()).isEqualTo(0.41);
        assertThat(a.json.at("/outputs/0/decision").asText()).isEqualTo("review");
        assertThat(a.json.at("/record/amount").asDouble()).isEqualTo(291.4);
        assertThat(fakes.asked.record().number("amount")).hasValue(291.4);
        Answer events = call("POST", "/api/v1/domains/fraud/events",
                "[{\"id\":\"t1\",\"time\":\"2018-08-03T21:14:00Z\",\"amount\":1,\"tags\":[\"a\"]}]");
        assertThat(events.status).isEqualTo(200);
        assertThat(events.json.at("/accepted").asInt()).isEqualTo(1);
        assertThat(events.json.at("/refused/0/expected").asText()).isEqualTo("an id of its own");
        assertThat(fakes.taken.get(0).list("tags")).containsExactly("a");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{}                                                  | /transaction",
        "{\"user\":\"1\"}                                    | /user",
        "{\"transaction\":[]}                                | /transaction",
        "{\"transaction\":{\"id\":\"a\"}}                    | /transaction/time",
        "{\"transaction\":{\"id\":\"a\",\"time\":\"2018-08-03T21:14:00Z\",\"amount\":\"5\"}} | /transaction/amount",
        "{\"transaction\":{\"id\":\"a\",\"time\":\"yesterday\",\"amount\":5}} | /transaction/time",
        "{\"transaction\":{\"id\":\"a\\u0000\",\"time\":\"2018-08-03T21:14:00Z\",\"amount\":5}} | /transaction/id",
        "{\"transaction\":{\"id\":\"a\",\"time\":\"2018-08-03T21:14:00Z\",\"amount\":5,\"pin\":1}} | /transaction/pin",
        "{\"transaction\":{\"id\":\"a\",\"time\":\"2018-08-03T21:14:00Z\",\"amount\":1e999}} | /transaction/amount"})
    void namesWhatIsWrongInARecord(String body, String pointer) throws Exception {
        Answer a = call("POST", "/api/v1/domains/fraud/predictions", body);
        assertThat(a.status).isEqualTo(400);
        assertThat(a.json.at("/errors/0/pointer").asText()).isEqualTo(pointer);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "{\"user\":               | malformed-json | ``",
        "{\"user\":\"1\"} x       | malformed-json | ``",
        "{\"user\":\"1\",\"user\":\"2\"} | malformed-json | ``",
        "{\"user\":\"1\",\"k\":NaN} | malformed-json | ``",
        "[]                       | invalid-input  | ``",
        "{}                       | invalid-input  | /user",
        "{\"user\":42}            | invalid-input  | /user",
        "{\"user\":\"\"}          | invalid-input  | /user",
        "{\"user\":\"1\",\"k\":\"5\"} | invalid-input | /k",
        "{\"user\":\"1\",\"k\":1.5} | invalid-input | /k",
        "{\"user\":\"1\",\"k\":-1}  | invalid-input | /k",
        "{\"user\":\"1\",\"k\":0}   | invalid-input | /k",
        "{\"user\":\"1\",\"k\":1001} | invalid-input | /k",
        "{\"user\":\"1\",\"k\":99999999999999999999} | invalid-input | /k",
        "{\"user\":\"1\",\"a/b\":1} | invalid-input | /a~1b",
        "{\"history\":\"50\"}     | invalid-input  | /history",
        "{\"history\":[\"50\",7]} | invalid-input  | /history/1",
        "{\"user\":\"1\",\"explain\":true} | invalid-input | /explain",
        "{\"user\":\"1\",\"explain\":{\"x\":1}} | invalid-input | /explain/x",
        "{\"user\":\"1\",\"explain\":{\"locale\":\"!!\"}} | invalid-input | /explain/locale",
        "{\"user\":\"1\",\"explain\":{\"budget\":0}} | invalid-input | /explain/budget",
        "{\"user\":\"1\",\"explain\":{\"quality\":\"best\"}} | invalid-input | /explain/quality",
        "{\"user\":\"1\",\"explain\":{\"parameters\":[]}} | invalid-input | /explain/parameters",
        "{\"user\":\"1\",\"explain\":{\"parameters\":{\"a/b\":null}}} | invalid-input | /explain/parameters/a~1b",
        "{\"user\":\"1\",\"explain\":{\"strategy\":\"tarot\"}} | not-found | /explain/strategy"})
    void namesWhatIsWrongInABody(String body, String code, String pointer) throws Exception {
        Answer a = call("POST", "/api/v1/domains/ecommerce/predictions", body);
        assertThat(a.json.get("type").asText()).isEqualTo("/problems/" + code);
        assertThat(a.status).isEqualTo(code.equals("not-found") ? 404 : 400);
        assertThat(a.json.at("/errors/0/pointer").asText()).isEqualTo(pointer);
        if (code.equals("malformed-json")) {
            assertThat(a.json.get("detail").asText()).contains("line 1, column");
        }
    }

    @Test
    void givesAStrategyItsParameters() throws Exception {
        call("POST", "/api/v1/domains/ecommerce/predictions",
                "{\"user\":\"42\",\"explain\":{\"parameters\":{\"samples\":64,\"noise\":0.5,\"kind\":\"a b\",\"paired\":true}}}");
        assertThat(fakes.asked.explain().parameters()).isEqualTo(Map.of("samples", "64", "noise", "0.5", "kind", "a b", "paired", "true"));
        call("GET", "/api/v1/predictions/p1/explanation?p.samples=64&p.paired=true&seed=3&quality=full", null);
        assertThat(fakes.again.fullQuality()).isTrue();
        assertThat(fakes.again.parameters()).isEqualTo(Map.of("samples", "64", "paired", "true"));
        assertThat(call("GET", "/api/v1/predictions/p1/explanation?p.x=1&p.x=2", null).json.at("/errors/0/pointer").asText()).isEqualTo("?p.x");
        fakes.failure = WhereforeException.invalid("/explain/parameters/samples", "no");
        assertThat(call("GET", "/api/v1/predictions/p1/explanation?p.samples=0", null).json.at("/errors/0/pointer").asText()).isEqualTo("?p.samples");
        fakes.failure = WhereforeException.invalid("/explain/budget", "no");
        assertThat(call("GET", "/api/v1/predictions/p1/explanation?budget=1", null).json.at("/errors/0/pointer").asText()).isEqualTo("?budget");
    }

    @Test
    void listsAndReleasesAQuarantinedStrategy() throws Exception {
        StrategyEvents events = new StrategyEvents(fakes.services.strategies, feed);
        fakes.strategy = new StrategyState("occlusion", "1.0.0", StrategyState.QUARANTINED, "answered null", 3, 1, Instant.EPOCH);
        JsonNode listed = call("GET", "/api/v1/strategies", null).json.at("/items/0");
        assertThat(listed.get("state").asText()).isEqualTo("quarantined");
        assertThat(listed.get("reason").asText()).isEqualTo("answered null");
        assertThat(listed.get("abandonedThreads").asInt()).isEqualTo(1);
        assertThat(call("POST", "/api/v1/strategies/tarot:release", null).status).isEqualTo(404);
        Answer released = call("POST", "/api/v1/strategies/occlusion:release", null);
        assertThat(released.json.get("state").asText()).isEqualTo("active");
        assertThat(released.json.has("reason")).isFalse();
        assertThat(feed.after(0)).singleElement().satisfies(h -> {
            assertThat(h.kind()).isEqualTo("plugin");
            assertThat(h.data()).contains("\"occlusion\"", "\"active\"");
        });
        events.stop();
        assertThat(fakes.listener).isNull();
    }

    @Test
    void refusesOverLongHistoriesAndBodies() throws Exception {
        String ids = String.join(",", Collections.nCopies(10_001, "\"1\""));
        assertThat(call("POST", "/api/v1/domains/ecommerce/predictions", "{\"history\":[" + ids + "]}").json.at("/errors/0/pointer").asText()).isEqualTo("/history");
        assertThat(call("POST", "/api/v1/domains/ecommerce/predictions", " ".repeat(1 << 20) + "{}").status).isEqualTo(413);
        assertThat(call("POST", "/api/v1/domains/ecommerce/events", "[" + "{},".repeat(100_000) + "{}]").json.get("type").asText()).isEqualTo("/problems/malformed-json");
        assertThat(call("POST", "/api/v1/domains/ecommerce/predictions", "").status).isEqualTo(400);
        assertThat(call("POST", "/api/v1/domains/ecommerce/predictions", "[".repeat(5000)).status).isEqualTo(400);
    }

    @Test
    void changesFeaturesByAPlanThatIsStillTrue() throws Exception {
        String at = "/api/v1/features";
        assertThat(call("POST", at + "/archives", "zip", "Content-Type", "application/zip").json.get("archive").asText()).isEqualTo("archive:ab");
        Answer plan = call("POST", at + ":plan", "{\"install\":[\"fraud\"]}");
        assertThat(plan.status).isEqualTo(200);
        String tag = plan.raw.getHeaderString("ETag");
        assertThat(call("POST", at, "{\"install\":[\"fraud\"]}").status).isEqualTo(428);
        assertThat(call("POST", at, "{\"install\":[\"fraud\"]}", "If-Match", "\"other\"").status).isEqualTo(412);
        Answer done = call("POST", at, "{\"install\":[\"fraud\"]}", "If-Match", tag);
        assertThat(done.json.get("asPlanned").asBoolean()).isTrue();
        assertThat(feed.after(0)).last().satisfies(h -> assertThat(h.kind()).isEqualTo("feature"));
        assertThat(call("GET", at + "/fraud", null).json.at("/bundles/0/trust").asText()).isEqualTo("unsigned");
        assertThat(call("GET", at, null).json.at("/framework/wirings").asInt()).isEqualTo(71);
        assertThat(call("GET", at + "/nobody", null).status).isEqualTo(404);
        assertThat(call("DELETE", at + "/fraud", null).status).isEqualTo(428);
        assertThat(call("DELETE", at + "/fraud", null, "If-Match", done.raw.getHeaderString("ETag")).status).isEqualTo(200);
        assertThat(call("POST", at + ":plan", "{\"remove\":[\"base\"]}").status).isEqualTo(422);
        assertThat(call("POST", at + ":plan", "{}").status).isEqualTo(400);
        assertThat(call("POST", at + ":plan", "{\"install\":[\"a\",\"a\"]}").status).isEqualTo(400);
    }

    @Test
    void answersWhatHttpItselfRefusesAsProblems() throws Exception {
        assertThat(call("GET", "/nowhere", null).status).isEqualTo(404);
        assertThat(call("GET", "/api/v1/domains/nope", null).status).isEqualTo(404);
        Answer a = call("DELETE", "/api/v1/domains", null);
        assertThat(a.status).isEqualTo(405);
        assertThat(a.raw.getHeaderString("Allow")).contains("GET");
        assertThat(call("GET", "/api/v1/domains", null, "Accept", "text/html").status).isEqualTo(406);
        assertThat(call("POST", "/api/v1/feedback", "x", "Content-Type", "text/plain").status).isEqualTo(415);
        assertThat(call("GET", "/api/v1/domains?limit=501", null).status).isEqualTo(400);
        assertThat(call("GET", "/api/v1/domains?limit=x", null).json.at("/errors/0/pointer").asText()).isEqualTo("?limit");
        assertThat(call("GET", "/api/v1/domains?cursor=%25", null).status).isEqualTo(400);
    }

    @Test
    void hidesAnUnexpectedErrorButNamesItsTrace() throws Exception {
        fakes.failure = new IllegalStateException("secret");
        Answer a = call("POST", "/api/v1/domains/ecommerce/predictions", "{\"user\":\"1\"}", "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        assertThat(a.status).isEqualTo(500);
        assertThat(a.text).doesNotContain("secret");
        assertThat(a.json.get("traceId").asText()).isEqualTo("0af7651916cd43dd8448eb211c80319c");
        assertThat(a.raw.getHeaderString("traceparent")).startsWith("00-0af7651916cd43dd8448eb211c80319c-");
    }

    @Test
    void storesEventsAndReportsUnknownItems() throws Exception {
        Answer a = call("POST", "/api/v1/domains/ecommerce/events", "[{\"id\":\"e1\",\"user\":\"42\",\"item\":\"50\"},{\"user\":\"42\",\"item\":\"zzz\",\"kind\":\"cart\",\"time\":\"2026-01-01T00:00:00+02:00\"}]");
        assertThat(a.json.get("accepted").asInt()).isEqualTo(1);
        assertThat(a.json.get("duplicates").asInt()).isEqualTo(1);
        assertThat(a.json.at("/unknownItems/0").asText()).isEqualTo("zzz");
        assertThat(call("POST", "/api/v1/domains/ecommerce/events", "{\"user\":\"42\",\"item\":\"50\"}\n\n{\"user\":\"42\",\"item\":\"181\"}\n", "Content-Type", "application/x-ndjson").json.get("accepted").asInt()).isEqualTo(2);
        Answer bad = call("POST", "/api/v1/domains/ecommerce/events", "{\"user\":\"42\",\"item\":\"50\"}\n{\"user\"", "Content-Type", "application/x-ndjson");
        assertThat(bad.json.get("detail").asText()).startsWith("line 2");
        assertThat(call("POST", "/api/v1/domains/ecommerce/events", "[{\"user\":\"1\",\"item\":\"5\",\"time\":12}]").json.at("/errors/0/pointer").asText()).isEqualTo("/0/time");
        Answer page = call("GET", "/api/v1/domains/ecommerce/entities/user/42/events?limit=3", null);
        assertThat(page.json.at("/items/0/item").asText()).isEqualTo("181");
        Answer next = call("GET", "/api/v1/domains/ecommerce/entities/user/42/events?limit=3&cursor=" + page.json.get("nextCursor").asText(), null);
        assertThat(next.json.at("/items/0/id").asText()).isEqualTo("e1");
        assertThat(next.json.get("nextCursor").isNull()).isTrue();
    }

    @Test
    void keepsEntities() throws Exception {
        String at = "/api/v1/domains/ecommerce/entities/item/7";
        assertThat(call("PUT", at, "{\"title\":\"Tea\",\"attributes\":{\"category\":\"Tea\",\"tags\":[\"a\",\"b\"]}}").status).isEqualTo(201);
        assertThat(call("PUT", at, "{\"id\":\"8\"}").json.at("/errors/0/pointer").asText()).isEqualTo("/id");
        assertThat(call("PUT", at, "{\"attributes\":{\"c\":3}}").json.at("/errors/0/pointer").asText()).isEqualTo("/attributes/c");
        assertThat(call("GET", at, null).json.get("title").asText()).isEqualTo("Tea");
        assertThat(call("GET", "/api/v1/domains/ecommerce/entities/item", null).json.get("items")).hasSize(3);
        assertThat(call("DELETE", at, null).status).isEqualTo(204);
        assertThat(call("DELETE", at, null).status).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource({"t1, confirm, fraud, true", "t1, correct, none, true", "t1, helpful, , ", "unknown, confirm, , false"})
    void tellsTheRecordWhatBecameOfIt(String id, String kind, String label, Boolean labelled) throws Exception {
        call("POST", "/api/v1/domains/fraud/predictions",
                "{\"transaction\":{\"id\":\"" + id + "\",\"time\":\"2018-08-03T21:14:00Z\",\"amount\":291.4}}");
        var answer = call("POST", "/api/v1/feedback", "{\"prediction\":\"p2\",\"target\":\"fraud\",\"kind\":\"" + kind + "\",\"comment\":\"called\"}");
        assertThat(answer.status).isEqualTo(201);
        assertThat(answer.json.get("target").asText()).isEqualTo("fraud");
        assertThat(answer.json.has("labelled") ? (Boolean) answer.json.get("labelled").asBoolean() : null).isEqualTo(labelled);
        assertThat(fakes.labels.get(id)).isEqualTo(label);
        assertThat(fakes.feedback).hasSize(1);
    }

    @Test
    void reportsInTheFormatThatIsAskedFor() throws Exception {
        call("POST", "/api/v1/domains/fraud/predictions", "{\"transaction\":{\"id\":\"t1\",\"time\":\"2018-08-03T21:14:00Z\",\"amount\":291.4}}");
        String at = "/api/v1/predictions/p2/report";
        Answer json = call("GET", at + "?locale=zh", null);
        assertThat(json.status).isEqualTo(200);
        assertThat(json.json.at("/locale").asText()).isEqualTo("zh");
        assertThat(json.json.at("/sections/0/blocks/2/bars/0/value").asDouble()).isEqualTo(5);
        assertThat(json.json.at("/sections/0/blocks/3/rows/0/1").asText()).isEqualTo("2");
        Answer page = call("GET", at, null, "Accept", "text/html");
        assertThat(page.status).isEqualTo(200);
        Answer none = call("GET", at, null, "Accept", "application/pdf");
        assertThat(none.status).isEqualTo(422);
        assertThat(none.json.at("/detail").asText()).contains("install the feature 'report'");
        assertThat(call("GET", "/api/v1/predictions/nope/report", null).status).isEqualTo(404);
    }

    @Test
    void takesFeedbackOnKnownPredictionsOnly() throws Exception {
        call("POST", "/api/v1/domains/ecommerce/predictions", "{\"user\":\"42\"}");
        assertThat(call("POST", "/api/v1/feedback", "{\"prediction\":\"p1\",\"target\":\"item:181\",\"kind\":\"click\"}").status).isEqualTo(201);
        assertThat(fakes.feedback.get(0).target()).isEqualTo("181");
        assertThat(feed.after(0)).hasSize(1);
        assertThat(call("POST", "/api/v1/feedback", "{\"prediction\":\"nope\",\"target\":\"item:181\",\"kind\":\"click\"}").status).isEqualTo(404);
        assertThat(call("POST", "/api/v1/feedback", "{\"prediction\":\"p1\",\"target\":\"item:181\",\"kind\":\"like\"}").status).isEqualTo(400);
        assertThat(call("POST", "/api/v1/feedback", "{\"prediction\":\"p1\",\"target\":\"item:181\",\"kind\":\"click\",\"value\":1e999}").json.at("/errors/0/pointer").asText()).isEqualTo("/value");
    }

    @Test
    void movesAnAliasOnlyWithItsPresentTag() throws Exception {
        String at = "/api/v1/models/ecommerce/aliases/champion";
        String tag = call("GET", at, null).raw.getHeaderString("ETag");
        assertThat(call("PUT", at, "{\"version\":1}").status).isEqualTo(428);
        assertThat(call("PUT", at, "{\"version\":1}", "If-Match", "\"old\"").status).isEqualTo(412);
        Answer moved = call("PUT", at, "{\"version\":1}", "If-Match", tag);
        assertThat(moved.json.get("version").asInt()).isEqualTo(1);
        assertThat(call("GET", at, null).raw.getHeaderString("ETag")).isEqualTo(moved.raw.getHeaderString("ETag")).isNotEqualTo(tag);
        assertThat(call("PUT", at, "{\"version\":2}", "If-Match", tag).status).isEqualTo(412);
        assertThat(call("POST", "/api/v1/models/ecommerce/rollback", null).json.get("version").asInt()).isEqualTo(2);
    }

    @Test
    void aMoveThatWasOvertakenAfterItsTagWasComparedIsTold() throws Exception {
        String at = "/api/v1/models/ecommerce/aliases/champion";
        String tag = call("GET", at, null).raw.getHeaderString("ETag");
        fakes.overtaken = true;
        assertThat(call("PUT", at, "{\"version\":1}", "If-Match", tag).status).isEqualTo(412);
        assertThat(call("PUT", at, "{\"version\":1}", "If-Match", "*").status).isEqualTo(412);
        assertThat(feed.after(0)).isEmpty();
    }

    @Test
    void splitsTrafficOnlyWithItsPresentTag() throws Exception {
        String at = "/api/v1/models/ecommerce/traffic";
        Answer none = call("GET", at, null);
        assertThat(none.json.toString()).isEqualTo("{\"model\":\"ecommerce\",\"champion\":2,\"canary\":null,\"shadow\":null,\"versions\":[{\"version\":2,"
                + "\"role\":\"champion\",\"since\":\"1970-01-01T00:00:00Z\",\"requests\":10,\"errors\":1,\"p50Ms\":0.5,\"p99Ms\":null,\"predictions\":9,"
                + "\"feedbackPerPrediction\":{\"click\":0.25}}]}");
        String tag = none.raw.getHeaderString("ETag");
        String body = "{\"canary\":{\"version\":5,\"percent\":12.5},\"shadow\":{\"version\":6},\"why\":\"to see\"}";
        assertThat(call("PUT", at, body).status).isEqualTo(428);
        assertThat(call("PUT", at, body, "If-Match", "\"traffic.1\"").status).isEqualTo(412);
        Answer split = call("PUT", at, body, "If-Match", tag);
        assertThat(split.status).isEqualTo(200);
        assertThat(split.json.at("/canary/percent").asDouble()).isEqualTo(12.5);
        assertThat(split.json.at("/shadowFigures/overlap").asDouble()).isEqualTo(0.75);
        assertThat(split.json.at("/watch/version").asInt()).isEqualTo(5);
        assertThat(call("GET", at, null).raw.getHeaderString("ETag")).isEqualTo(split.raw.getHeaderString("ETag")).isNotEqualTo(tag);
        assertThat(call("PUT", at, "{}", "If-Match", tag).status).isEqualTo(412);
        assertThat(feed.after(0)).singleElement().satisfies(h -> assertThat(h.data()).contains("\"kind\":\"traffic\"", "\"percent\":12.5"));
        call("GET", "/api/v1/models/ecommerce", null);
        assertThat(call("PUT", at, "{}", "If-Match", "*").json.get("canary").isNull()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{\"canary\":{\"version\":5}} | /canary/percent", "{\"canary\":{\"percent\":5}} | /canary/version",
            "{\"canary\":{\"version\":5,\"percent\":0}} | /canary/percent", "{\"canary\":{\"version\":5,\"percent\":100.5}} | /canary/percent",
            "{\"canary\":{\"version\":5,\"percent\":1e999}} | /canary/percent", "{\"canary\":{\"version\":0,\"percent\":5}} | /canary/version",
            "{\"canary\":{\"version\":5,\"percent\":5},\"shadow\":{\"version\":5}} | /shadow/version", "{\"canary\":5} | /canary", "{\"canaries\":5} | /canaries",
            "{\"shadow\":{\"version\":\"x\"}} | /shadow/version", "{\"shadow\":{}} | /shadow/version"})
    void namesWhatIsWrongWithASplit(String body, String pointer) throws Exception {
        Answer a = call("PUT", "/api/v1/models/ecommerce/traffic", body, "If-Match", "*");
        assertThat(a.status).isEqualTo(400);
        assertThat(a.json.at("/errors/0/pointer").asText()).isEqualTo(pointer);
        assertThat(fakes.transitions).hasSize(2);
    }

    @Test
    void exportsAndImportsArchives() throws Exception {
        Answer out = call("GET", "/api/v1/models/ecommerce/versions/2/archive", null);
        assertThat(out.type).isEqualTo("application/zip");
        assertThat(out.text).isEqualTo("archive of ecommerce:2");
        assertThat(out.raw.getHeaderString("Content-Disposition")).isEqualTo("attachment; filename=\"ecommerce-2.zip\"");
        assertThat(call("GET", "/api/v1/models/nobody/versions/2/archive", null).status).isEqualTo(404);
        String at = "/api/v1/models/ecommerce/versions";
        Answer in = call("POST", at + "?why=tried%20elsewhere", "from there", "Content-Type", "application/zip");
        assertThat(in.status).isEqualTo(201);
        assertThat(in.raw.getHeaderString("Location")).endsWith(at + "/3");
        assertThat(in.json.at("/provenance/imported.why").asText()).isEqualTo("tried elsewhere");
        assertThat(feed.after(0)).singleElement().satisfies(h -> assertThat(h.data()).contains("\"kind\":\"import\""));
        Answer bad = call("POST", at, "!", "Content-Type", "application/zip");
        assertThat(bad.status).isEqualTo(422);
        assertThat(bad.json.get("detail").asText()).contains("'x' twice");
        assertThat(call("POST", at, "{}").status).isEqualTo(415);
        assertThat(call("POST", at, "x", "Content-Type", "application/zip", "Content-Length", "1073741825").status).isEqualTo(413);
        assertThat(feed.after(0)).hasSize(1);
    }

    @Test
    void deletesOldVersionsOrSaysWhich() throws Exception {
        String at = "/api/v1/models/ecommerce/prune";
        assertThat(call("POST", at, "{\"keep\":1,\"dryRun\":true}").json.toString()).isEqualTo("{\"model\":\"ecommerce\",\"dryRun\":true,\"versions\":[1]}");
        assertThat(call("POST", at, "{\"keep\":1,\"rollbackTargets\":true,\"why\":\"tidy\"}").json.at("/versions/0").asInt()).isEqualTo(1);
        assertThat(call("POST", at, "{}").json.at("/errors/0/pointer").asText()).isEqualTo("/keep");
        assertThat(call("POST", at, "{\"keep\":0}").json.at("/errors/0/pointer").asText()).isEqualTo("/keep");
        assertThat(call("POST", at, "{\"keep\":1,\"dryRun\":1}").json.at("/errors/0/pointer").asText()).isEqualTo("/dryRun");
        assertThat(call("POST", "/api/v1/models/nobody/prune", "{\"keep\":1}").status).isEqualTo(404);
    }

    @Test
    void showsWhatAModelLooksAtOverallOnceItWasMeasured() throws Exception {
        String at = "/api/v1/models/ecommerce/versions/2/importance";
        Answer none = call("GET", at, null);
        assertThat(none.status).isEqualTo(404);
        assertThat(none.json.get("detail").asText()).contains("./wherefore evaluate ecommerce --data FILE.json --model ecommerce:2 --global");
        GlobalExplanation.Fall fall = new GlobalExplanation.Fall(0.21, 0, 0.02);
        fakes.overall = new GlobalExplanation(Fakes.MODEL, "sha256:d", 7, 300, 5, 0.8, 0.75,
                List.of(new GlobalExplanation.Importance("events:newest", "removed", 300, fall, fall)),
                List.of(new GlobalExplanation.Dependence("length", "1", 299, 2.5, -1, 0.5, 3, 0.6, 0.7)),
                new GlobalExplanation.Aggregate("occlusion", "1.0.0", 299, "too late",
                        List.of(new GlobalExplanation.Share("category", "Tea", 0.5, 0.25, 40, 30)), List.of(new GlobalExplanation.Item("50", 1.5, 4, 9))));
        JsonNode g = call("GET", at, null).json;
        assertThat(g.at("/importances/0/ndcg@10").toString()).isEqualTo("{\"mean\":0.21,\"repeatError\":0.0,\"peopleError\":0.02}");
        assertThat(g.at("/dependences/0/value").asText()).isEqualTo("1");
        assertThat(g.at("/attributions/shares/0/value").asText()).isEqualTo("Tea");
        assertThat(g.at("/attributions/items/0").toString())
                .isEqualTo("{\"item\":\"50\",\"title\":\"Star Wars (1977)\",\"mean\":1.5,\"first\":4,\"people\":9}");
        assertThat(call("GET", "/api/v1/models/other/versions/2/importance", null).status).isEqualTo(404);
        assertThat(call("GET", "/api/v1/models/ecommerce/versions/x/importance", null).status).isEqualTo(400);
        fakes.services.overall = null;
        assertThat(call("GET", at, null).status).isEqualTo(503);
    }

    @Test
    void listsWhatIsThere() throws Exception {
        for (String path : List.of("/livez", "/readyz", "/openapi.json", "/api/v1/domains", "/api/v1/domains/ecommerce", "/api/v1/domains/ecommerce/metrics",
                "/api/v1/models", "/api/v1/models/ecommerce", "/api/v1/models/ecommerce/versions", "/api/v1/models/ecommerce/versions/2",
                "/api/v1/models/ecommerce/aliases", "/api/v1/strategies", "/api/v1/engines", "/api/v1/connectors", "/api/v1/extractors", "/api/v1/jobs", "/api/v1/bundles", "/api/v1/features", "/problems/conflict")) {
            assertThat(call("GET", path, null).status).as(path).isEqualTo(200);
        }
        assertThat(call("GET", "/api/v1/domains/ecommerce/metrics", null).json.at("/online/0/withExplanation/perPrediction/click").asDouble()).isEqualTo(0.5);
        fakes.services.predictions = null;
        assertThat(call("GET", "/readyz", null).status).isEqualTo(503);
        assertThat(call("POST", "/api/v1/domains/ecommerce/predictions", "{\"user\":\"1\"}").status).isEqualTo(503);
    }

    @Test
    void installsListsAndRemovesPluginBundles() throws Exception {
        String at = "/api/v1/bundles";
        Answer installed = call("POST", at, "com.example.mine", "Content-Type", "application/java-archive");
        assertThat(installed.status).isEqualTo(201);
        assertThat(installed.json.at("/change").asText()).isEqualTo("installed");
        assertThat(installed.json.at("/bundle/services/0/name").asText()).isEqualTo("mine");
        assertThat(installed.json.at("/touched/0").asText()).isEqualTo("com.example.mine");
        assertThat(installed.raw.getHeaderString("Location")).endsWith("/api/v1/bundles/com.example.mine");
        assertThat(call("POST", at, "com.example.mine", "Content-Type", "application/java-archive").status).isEqualTo(200);
        assertThat(call("GET", at, null).json.at("/items/0/symbolicName").asText()).isEqualTo("com.example.mine");
        assertThat(call("GET", at + "/com.example.mine", null).json.at("/digest").asText()).isEqualTo("sha256:ab");
        assertThat(call("DELETE", at + "/com.example.mine", null).json.at("/change").asText()).isEqualTo("removed");
        assertThat(call("DELETE", at + "/com.example.mine", null).status).isEqualTo(404);
        assertThat(call("GET", at + "/com.example.mine", null).status).isEqualTo(404);
        assertThat(call("POST", at, "{}").status).isEqualTo(415);
        assertThat(feed.after(0).stream().map(Feed.Happening::kind)).containsExactly("plugin", "plugin", "plugin");
    }

    @Test
    void endsAJarThatIsTooLargeWith413() throws Exception {
        Answer announced = call("POST", "/api/v1/bundles", "x", "Content-Type", "application/java-archive", "Content-Length", "67108865");
        assertThat(announced.status).isEqualTo(413);
        assertThat(announced.json.at("/detail").asText()).contains("64 MiB");
        assertThat(call("POST", "/api/v1/bundles", "x".repeat((64 << 20) + 1), "Content-Type", "application/java-archive").status).isEqualTo(413);
        assertThat(fakes.plugins).isEmpty();
    }

    @Test
    void trainsOnlyFromTheOperatorsFolders() throws Exception {
        Files.writeString(home.resolve("shop.json"), "{}");
        CountDownLatch done = new CountDownLatch(1);
        feed.listen(() -> {
            if (feed.after(0).stream().anyMatch(h -> h.data().contains("\"state\":\"done\""))) {
                done.countDown();
            }
        });
        Answer a = call("POST", "/api/v1/domains/ecommerce/trainings", "{\"data\":\"shop.json\",\"parameters\":{\"epochs\":2}}");
        assertThat(a.status).isEqualTo(202);
        assertThat(done.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        String job = URI.create(a.raw.getHeaderString("Location")).getPath();
        assertThat(job).startsWith("/api/v1/jobs/");
        assertThat(call("GET", job, null).json.at("/result/metrics/hr@10").asDouble()).isEqualTo(0.3);
        assertThat(call("DELETE", job, null).json.get("state").asText()).isEqualTo("done");
        assertThat(call("POST", "/api/v1/domains/ecommerce/trainings", "{\"data\":\"../../etc/passwd\"}").json.at("/errors/0/pointer").asText()).isEqualTo("/data");
    }

    @Test
    void jobsOfAnEarlierServerAreKnownAndUnfinishedOnesFailed() throws Exception {
        Files.writeString(home.resolve("shop.json"), "{}");
        String body = "{\"data\":\"shop.json\"}";
        TrainingService succeeds = fakes.services.training;
        fakes.services.training = Fakes.fake(TrainingService.class, (m, a) -> {
            throw new WhereforeException(ErrorCode.BAD_DATA, "shop.json:1", "shop.json:1 is empty", null);
        });
        String failed = call("POST", "/api/v1/domains/ecommerce/trainings", body).json.get("id").asText();
        awaitState(failed, "failed");
        fakes.services.training = succeeds;
        String done = call("POST", "/api/v1/domains/ecommerce/trainings", body).json.get("id").asText();
        awaitState(done, "done");
        String before = call("GET", "/api/v1/jobs/" + done, null).text;
        String failure = call("GET", "/api/v1/jobs/" + failed, null).text;
        jobs.stop();

        // what a killed server leaves
        String left = "4f1c5a56-0000-4000-8000-000000000001";
        Files.writeString(home.resolve("jobs").resolve(left + ".json"), "{\"id\":\"" + left + "\",\"kind\":\"training\",\"domain\":\"ecommerce\","
                + "\"state\":\"running\",\"progress\":0.25,\"figures\":{\"loss\":null},\"created\":\"2026-01-01T00:00:00Z\","
                + "\"started\":\"2026-01-01T00:00:01Z\",\"finished\":null}");
        Files.writeString(home.resolve("jobs").resolve("half.json"), "{\"id\":");
        long last = feed.latest();
        stop();
        start();
        assertThat(call("GET", "/api/v1/jobs/" + done, null).text).isEqualTo(before);
        assertThat(call("GET", "/api/v1/jobs/" + failed, null).text).isEqualTo(failure);
        JsonNode job = call("GET", "/api/v1/jobs/" + left, null).json;
        assertThat(job.get("state").asText()).isEqualTo("failed");
        assertThat(job.at("/problem/detail").asText()).startsWith("the server stopped while it ran");
        assertThat(feed.after(last)).singleElement().satisfies(h -> assertThat(h.data()).contains(left, "\"failed\""));
        assertThat(call("GET", "/api/v1/jobs", null).json.get("items")).hasSize(3);
    }

    @Test
    void aJobThatTheEndOfTheServerInterruptsIsFailedNotCancelled() throws Exception {
        Files.writeString(home.resolve("shop.json"), "{}");
        CountDownLatch running = new CountDownLatch(1);
        fakes.services.training = Fakes.fake(TrainingService.class, (m, a) -> {
            running.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new WhereforeException(ErrorCode.CANCELLED, "training was cancelled");
        });
        String id = call("POST", "/api/v1/domains/ecommerce/trainings", "{\"data\":\"shop.json\"}").json.get("id").asText();
        running.await();
        jobs.stop();
        JsonNode job = call("GET", "/api/v1/jobs/" + id, null).json;
        assertThat(job.get("state").asText()).isEqualTo("failed");
        assertThat(job.at("/problem/detail").asText()).contains("the server stopped while it ran");
    }

    private void awaitState(String job, String state) throws Exception {
        CountDownLatch there = new CountDownLatch(1);
        Runnable look = () -> {
            if (feed.after(0).stream().anyMatch(h -> h.data().contains(job) && h.data().contains("\"state\":\"" + state + "\""))) {
                there.countDown();
            }
        };
        feed.listen(look);
        look.run();
        assertThat(there.await(20, java.util.concurrent.TimeUnit.SECONDS)).isTrue();
        feed.forget(look);
    }
}
