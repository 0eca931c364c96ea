package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

/** Card payments as a risk officer has them: judged with reasons, changed by what happens, the same after a kill. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FraudIT {
    private static final String PREDICTIONS = "/api/v1/domains/fraud/predictions";
    private static final String EVENTS = "/api/v1/domains/fraud/events";
    /** A customer and a terminal that nothing is known of. */
    private static final String NEW = "\"customer\":\"new-customer\",\"terminal\":\"new-terminal\"";
    @TempDir
    static Path home;
    private static RunningServer server;

    @BeforeAll
    static void startDemo() throws Exception {
        server = RunningServer.start("demo", home, "serving;");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    @Order(1)
    void theDemoShowsAFraudCase() {
        assertThat(server.output()).anyMatch(l -> l.contains("A first explained prediction, for transaction p"))
                .anyMatch(l -> l.startsWith("dl4j-ft-transformer")).anyMatch(l -> l.matches(".*fraud: (review|block), probability .*"));
    }

    @Test
    @Order(2)
    void anAmountFarFromTheCustomersOwnIsActedOnAndSaid() throws Exception {
        JsonNode answer = judge("many-times", "2025-05-02T12:00:00Z", "\"customer\":\"c0001\",\"terminal\":\"t0002\"", 600);
        JsonNode output = answer.path("outputs").get(0);
        assertThat(output.path("probability").asDouble()).isBetween(output.path("threshold").asDouble(), 1.0);
        assertThat(output.path("decision").asText()).isIn("review", "block");
        JsonNode claim = output.path("explanation").path("claims").get(0);
        assertThat(claim.path("kind").asText()).isEqualTo("unusual");
        assertThat(claim.path("arguments").path("factor").asText()).isEqualTo("customer-amount");
        assertThat(claim.path("text").asText()).startsWith("The amount, 600.00, is ").contains(" times what this customer usually pays: ");
        JsonNode effect = claim.path("test").path("effect");
        assertThat(effect.path("scoreAfter").asDouble()).isLessThan(effect.path("scoreBefore").asDouble());
        String chinese = server.get("/api/v1/predictions/" + answer.path("id").asText() + "/explanation?locale=zh").body();
        assertThat(chinese).contains("交易金额 600.00 是该客户平常金额的");
        JsonNode usual = judge("usual", "2025-05-02T12:00:00Z", "\"customer\":\"c0001\",\"terminal\":\"t0002\"", 40);
        assertThat(usual.path("outputs").get(0).path("decision").asText()).isEqualTo("pass");
    }

    @Test
    @Order(2)
    void attributionsOfOtherStrategiesAddUp() throws Exception {
        String id = judge("strategies", "2025-05-02T12:00:00Z", "\"customer\":\"c0001\",\"terminal\":\"t0002\"", 600).path("id").asText();
        for (String strategy : List.of("occlusion", "shap", "lime")) {
            JsonNode output = RunningServer.json(server.get("/api/v1/predictions/" + id + "/explanation?strategy=" + strategy)).path("outputs").get(0);
            JsonNode attribution = output.path("explanation").path("attribution");
            double sum = attribution.path("baseValue").asDouble() + attribution.path("completenessGap").asDouble();
            for (JsonNode c : attribution.path("contributions")) {
                sum += c.path("value").asDouble();
            }
            assertThat(sum).as(strategy).isCloseTo(output.path("score").asDouble(), within(1e-6));
            assertThat(attribution.path("contributions").get(0).path("feature").asText()).as(strategy).isEqualTo("feature:amount");
        }
    }

    @Test
    @Order(3)
    void aPaymentChangesWhatTheNextOneIsJudgedByAndAKillChangesNothing() throws Exception {
        assertThat(record("first", "2025-05-03T10:00:00Z").path("customer.count.7d").asInt()).isZero();
        List<String> payments = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            payments.add("{\"id\":\"live-" + i + "\",\"time\":\"2025-05-03T08:0" + i + ":00Z\"," + NEW + ",\"amount\":" + (10 + i) + "}");
        }
        JsonNode taken = RunningServer.json(server.post(EVENTS, "[" + String.join(",", payments) + "]"));
        assertThat(taken.path("accepted").asInt()).isEqualTo(4);
        JsonNode before = record("second", "2025-05-03T10:00:00Z");
        assertThat(before.path("customer.count.7d").asInt()).isEqualTo(4);
        assertThat(before.path("customer.amount.mean.7d").asDouble()).isCloseTo(11.5, within(1e-9));

        assertThat(server.post(EVENTS, "[" + payments.get(0).replace("\"amount\":10", "\"amount\":11") + "]").body())
                .contains("\"accepted\":0").contains("live-0");
        assertThat(record("third", "2025-05-03T10:00:00Z")).isEqualTo(withId(before, "third"));
        assertThat(feedback("live-1", "confirm")).isEqualTo("true");
        JsonNode risky = record("fourth", "2025-05-11T10:00:00Z");
        assertThat(risky.path("terminal.risk.7d").asDouble()).isEqualTo(0.25);

        server.kill();
        server = RunningServer.start("start", home, "ready in");
        assertThat(record("fourth", "2025-05-11T10:00:00Z")).isEqualTo(risky);
        assertThat(feedback("live-1", "correct")).isEqualTo("true");
        assertThat(record("fifth", "2025-05-11T10:00:00Z").path("terminal.risk.7d").asDouble()).isZero();
    }

    /** Judges a payment that is stored and says what became of it. */
    private static String feedback(String id, String kind) throws Exception {
        JsonNode judged = judge(id, "2025-05-03T08:01:00Z", NEW, 11);
        HttpResponse<String> answer = server.post("/api/v1/feedback", "{\"prediction\":\"" + judged.path("id").asText()
                + "\",\"target\":\"fraud\",\"kind\":\"" + kind + "\",\"comment\":\"called the customer\"}");
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
        return RunningServer.json(answer).path("labelled").asText();
    }

    private static JsonNode withId(JsonNode record, String id) {
        return ((com.fasterxml.jackson.databind.node.ObjectNode) record.deepCopy()).put("id", id);
    }

    private static JsonNode record(String id, String time) throws Exception {
        return judge(id, time, NEW, 12).path("record");
    }

    private static JsonNode judge(String id, String time, String who, double amount) throws Exception {
        HttpResponse<String> response = server.post(PREDICTIONS, "{\"transaction\":{\"id\":\"" + id + "\",\"time\":\"" + time + "\"," + who
                + ",\"amount\":" + amount + "},\"explain\":{\"locale\":\"en\"}}");
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
        return RunningServer.json(response);
    }
}
