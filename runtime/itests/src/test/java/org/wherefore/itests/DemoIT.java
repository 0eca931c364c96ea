package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The whole platform as its user has it: {@code wherefore demo}, then REST, then a kill and a start on the same home. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DemoIT {
    private static final String PREDICTIONS = "/api/v1/domains/ecommerce/predictions";
    private static final String EVENTS = "/api/v1/domains/ecommerce/events";
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
    void theDemoPrintsAnExplainedRecommendation() {
        assertThat(server.output()).anyMatch(l -> l.contains("A first explained prediction"))
                .anyMatch(l -> l.contains("Because ")).anyMatch(l -> l.startsWith("dl4j-transformer"));
    }

    @Test
    @Order(1)
    void servingNeedsNoNativeLibrary() throws Exception {
        assertThat(Files.readString(home.resolve("features.json"))).contains("features:rest:").doesNotContain("features:nd4j:");
    }

    @Test
    @Order(2)
    void aKnownCustomerGetsTestedSentencesInBothLanguages() throws Exception {
        JsonNode answer = predict("{\"user\":\"c0002\",\"k\":10,\"explain\":{\"locale\":\"en\"}}");
        assertThat(answer.path("model").path("engine").asText()).isEqualTo("dl4j-transformer");
        assertThat(answer.path("outputs")).hasSize(10);
        List<String> kinds = new ArrayList<>();
        for (JsonNode output : answer.path("outputs")) {
            assertThat(output.path("title").asText()).isNotBlank();
            for (JsonNode claim : output.path("explanation").path("claims")) {
                assertThat(claim.path("verdict").asText()).isEqualTo("supported");
                assertThat(claim.path("text").asText()).isNotBlank();
                kinds.add(claim.path("kind").asText());
                if (claim.path("kind").asText().equals("history")) {
                    JsonNode effect = claim.path("test").path("effect");
                    assertThat(effect.path("scoreAfter").asDouble()).isLessThan(effect.path("scoreBefore").asDouble());
                    assertThat(effect.path("rankAfter").asInt()).isGreaterThan(effect.path("rankBefore").asInt());
                }
            }
        }
        assertThat(kinds).contains("history", "attribute", "cohort");
        String chinese = server.get("/api/v1/predictions/" + answer.path("id").asText() + "/explanation?locale=zh").body();
        assertThat(chinese).contains("因为你");
    }

    @Test
    @Order(3)
    void theSameSeedGivesTheSameBytes() throws Exception {
        String id = predict("{\"user\":\"c0003\",\"k\":5}").path("id").asText();
        String path = "/api/v1/predictions/" + id + "/explanation?seed=11";
        String first = server.get(path).body();
        assertThat(first).contains("contributions");
        for (int i = 0; i < 20; i++) {
            assertThat(server.get(path).body()).isEqualTo(first);
        }
    }

    @Test
    @Order(3)
    void everyInstalledStrategyExplainsTheTransformer() throws Exception {
        List<String> names = new ArrayList<>();
        RunningServer.json(server.get("/api/v1/strategies")).path("items").forEach(s -> names.add(s.path("name").asText()));
        assertThat(names).contains("attention", "attention-gradient", "attention-rollout", "counterfactual", "examples", "gradient-x-input",
                "integrated-gradients", "lime", "occlusion", "shap", "smoothgrad", "tree-shap");
        // It reads trees, and the Transformer has none.
        names.remove("tree-shap");
        for (String name : names) {
            JsonNode answer = predict("{\"user\":\"c0002\",\"k\":3,\"explain\":{\"strategy\":\"" + name + "\"}}");
            for (JsonNode output : answer.path("outputs")) {
                JsonNode explanation = output.path("explanation");
                assertThat(explanation.path("status").asText()).isEqualTo("complete");
                assertThat(explanation.path("strategy").path("name").asText()).isEqualTo(name);
                JsonNode attribution = explanation.path("attribution");
                if (name.equals("counterfactual") || name.equals("examples")) {
                    assertThat(attribution.isNull()).isTrue();
                    assertThat(explanation.has(name.equals("examples") ? "evidence" : name)).isTrue();
                    continue;
                }
                double sum = attribution.path("baseValue").asDouble() + attribution.path("completenessGap").asDouble();
                for (JsonNode c : attribution.path("contributions")) {
                    sum += c.path("value").asDouble();
                }
                assertThat(sum).as(name).isCloseTo(output.path("score").asDouble(), within(1e-6));
                if (name.equals("shap")) {
                    assertThat(attribution.path("completenessGap").asDouble()).isCloseTo(0, within(1e-6));
                }
                assertThat(attribution.has("localFit")).as(name).isEqualTo(name.equals("lime"));
                if (name.equals("integrated-gradients")) {
                    double difference = output.path("score").asDouble() - attribution.path("baseValue").asDouble();
                    assertThat(attribution.path("completenessGap").asDouble()).isCloseTo(0, within(0.05 + 0.05 * Math.abs(difference)));
                }
            }
        }
    }

    @Test
    @Order(3)
    void saysWithoutWhatAnOutputWouldNotBeShown() throws Exception {
        JsonNode answer = predict("{\"user\":\"c0002\",\"k\":10,\"explain\":{\"strategy\":\"counterfactual\"}}");
        List<String> texts = new ArrayList<>();
        for (JsonNode output : answer.path("outputs")) {
            JsonNode found = output.path("explanation").path("counterfactual");
            assertThat(found.path("found").asBoolean()).isTrue();
            assertThat(found.path("plausibility").isNumber()).as("the model keeps cases").isTrue();
            for (JsonNode claim : output.path("explanation").path("claims")) {
                texts.add(claim.path("text").asText());
                assertThat(claim.path("test").path("effect").path("rankAfter").asInt()).isGreaterThan(10);
            }
        }
        assertThat(texts).isNotEmpty().allMatch(t -> t.matches("Without .* this would not be among the ten\\."));
        // one output explained again: still out of the ten that were shown
        String target = answer.path("outputs").get(9).path("target").asText();
        JsonNode again = RunningServer.json(server.get("/api/v1/predictions/" + answer.path("id").asText()
                + "/explanation?strategy=counterfactual&target=" + target));
        assertThat(again.path("outputs").get(0).path("explanation").path("counterfactual").path("rankAfter").asInt()).isGreaterThan(10);
    }

    @Test
    @Order(3)
    void showsTheMostSimilarHistoriesOfTheTraining() throws Exception {
        JsonNode answer = predict("{\"user\":\"c0002\",\"k\":3,\"explain\":{\"strategy\":\"examples\"}}");
        JsonNode evidence = answer.path("outputs").get(0).path("explanation").path("evidence");
        assertThat(evidence.path("cases")).hasSize(10);
        assertThat(evidence.path("cases").get(0).path("title").asText()).isNotBlank();
    }

    @Test
    @Order(3)
    void saysWhyThisAndNotThat() throws Exception {
        JsonNode plain = predict("{\"user\":\"c0002\",\"k\":10}");
        String first = plain.path("outputs").get(0).path("target").asText();
        String last = plain.path("outputs").get(9).path("target").asText();
        double difference = plain.path("outputs").get(0).path("score").asDouble() - plain.path("outputs").get(9).path("score").asDouble();
        String path = "/api/v1/predictions/" + plain.path("id").asText() + "/explanation?target=" + first + "&contrast=";
        for (String strategy : List.of("occlusion", "integrated-gradients", "shap", "attention-gradient")) {
            JsonNode explanation = RunningServer.json(server.get(path + last + "&strategy=" + strategy)).path("outputs").get(0).path("explanation");
            assertThat(explanation.path("contrast").path("target").asText()).isEqualTo(last);
            JsonNode attribution = explanation.path("attribution");
            double sum = attribution.path("baseValue").asDouble() + attribution.path("completenessGap").asDouble();
            for (JsonNode c : attribution.path("contributions")) {
                sum += c.path("value").asDouble();
            }
            assertThat(sum).as(strategy).isCloseTo(difference, within(1e-5));
            explanation.path("claims").forEach(c -> assertThat(c.path("text").asText()).contains(" comes before "));
        }
        assertThat(server.get(path + first).statusCode()).isEqualTo(400);
        assertThat(server.get(path + "nothing").statusCode()).isEqualTo(404);
        assertThat(server.get(path + last + "&strategy=counterfactual").statusCode()).isEqualTo(422);
        assertThat(server.post(PREDICTIONS, "{\"user\":\"stranger\",\"explain\":{\"contrast\":\"" + last + "\"}}").statusCode()).isEqualTo(422);
    }

    @Test
    @Order(4)
    void aStrangerGetsTheClassicalBranchAndIsToldSo() throws Exception {
        JsonNode answer = predict("{\"user\":\"stranger\",\"k\":3,\"explain\":{}}");
        assertThat(answer.path("fallback").asText()).isEqualTo("no-history");
        assertThat(answer.path("model").path("name").asText()).isEqualTo("ecommerce-classic");
        assertThat(answer.path("outputs").get(0).path("explanation").path("claims").get(0).path("kind").asText()).isEqualTo("fallback");
    }

    @ParameterizedTest
    @Order(5)
    @CsvSource(delimiter = '|', value = {"{\"user\":\"c1\",\"k\":-1}|400|/k", "{\"user\":\"c1\",\"k\":100000}|400|/k",
        "{\"user\":\"c1\",\"k\":\"ten\"}|400|/k", "{\"user\":\"c1\",\"hello\":1}|400|/hello", "{\"user\":|400|",
        "{\"user\":\"c1\",\"k\":NaN}|400|", "{\"user\":\"c1\",\"explain\":{\"strategy\":\"magic\"}}|404|/explain/strategy"})
    void badInputGetsAProblemThatNamesTheField(String body, int status, String pointer) throws Exception {
        HttpResponse<String> response = server.post(PREDICTIONS, body);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValueSatisfying(t -> assertThat(t).startsWith("application/problem+json"));
        assertThat(RunningServer.json(response).path("errors").get(0).path("pointer").asText()).isEqualTo(pointer == null ? "" : pointer);
    }

    @Test
    @Order(6)
    void feedbackIsCountedForTheModelVersion() throws Exception {
        JsonNode answer = predict("{\"user\":\"c0004\",\"k\":1,\"explain\":{}}");
        String target = answer.path("outputs").get(0).path("target").asText();
        assertThat(server.post("/api/v1/feedback", "{\"prediction\":\"" + answer.path("id").asText() + "\",\"target\":\"" + target
                + "\",\"kind\":\"click\"}").statusCode()).isBetween(200, 201);
        assertThat(server.get("/api/v1/domains/ecommerce/metrics").body()).contains("\"click\"");
    }

    @Test
    @Order(7)
    void anAcknowledgedEventIsInTheNextPredictionAndSurvivesAKill() throws Exception {
        assertThat(server.post(EVENTS, "[{\"id\":\"kill-1\",\"user\":\"newcomer\",\"item\":\"p010\",\"kind\":\"purchase\"}]").statusCode())
                .isEqualTo(200);
        assertThat(contributions("newcomer")).containsExactly("history:p010");
        server.kill();
        server = RunningServer.start("start", home, "ready in");
        assertThat(contributions("newcomer")).containsExactly("history:p010");
    }

    @Test
    @Order(8)
    void whatTheModelLooksAtOverallIsMeasuredByTheCommandAndShownByTheServer() throws Exception {
        String path = "/api/v1/models/ecommerce/versions/1/importance";
        HttpResponse<String> none = server.get(path);
        assertThat(none.statusCode()).isEqualTo(404);
        assertThat(none.body()).contains("./wherefore evaluate ecommerce --data FILE.json --model ecommerce:1 --global");
        server.kill();
        Path output = home.resolve("evaluate.out");
        Process command = new ProcessBuilder("bash", Path.of(System.getProperty("wherefore.dist")).resolve("bin/wherefore").toString(), "evaluate",
                "ecommerce", "--home", home.toString(), "--data", home.resolve("data/ecommerce/shop.json").toString(), "--global", "40", "--json")
                .redirectOutput(output.toFile()).redirectError(home.resolve("evaluate.err").toFile()).start();
        assertThat(command.waitFor()).as(() -> read(home.resolve("evaluate.err"))).isZero();
        List<String> lines = Files.readAllLines(output);
        JsonNode printed = new ObjectMapper().readTree(lines.get(lines.size() - 1));
        assertThat(printed.path("people").asInt()).isEqualTo(40);
        printed.path("sentences").forEach(sentence -> assertThat(lines).contains(sentence.asText()));
        server = RunningServer.start("start", home, "ready in");
        JsonNode shown = RunningServer.json(server.get(path));
        assertThat(shown.path("ndcg@10").asDouble()).isEqualTo(printed.path("ndcg").asDouble());
        assertThat(shown.path("importances")).hasSameSizeAs(printed.path("importances"));
        assertThat(shown.path("attributions").path("explained").asInt()).isEqualTo(40);
        assertThat(shown.path("attributions").path("items").get(0).path("title").asText()).isNotBlank();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> contributions(String user) throws Exception {
        JsonNode answer = predict("{\"user\":\"" + user + "\",\"k\":1,\"explain\":{}}");
        List<String> out = new ArrayList<>();
        answer.path("outputs").get(0).path("explanation").path("attribution").path("contributions")
                .forEach(c -> out.add(c.path("feature").asText()));
        return out;
    }

    private static JsonNode predict(String body) throws Exception {
        HttpResponse<String> response = server.post(PREDICTIONS, body);
        assertThat(response.statusCode()).as(response.body()).isBetween(200, 201);
        return RunningServer.json(response);
    }
}
