package org.wherefore.journal.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.ClaimTest;
import org.wherefore.api.claim.Verdict;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.History;
import org.wherefore.api.data.Input;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.Quality;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.Decision;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** Stored predictions as JSON, both ways; numbers that JSON lacks are texts. Thread-safe. */
final class PredictionCodec {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private PredictionCodec() {}

    static byte[] write(StoredPrediction p) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
        try (JsonGenerator g = FACTORY.createGenerator(bytes)) {
            g.writeStartObject();
            g.writeStringField("id", p.id());
            g.writeStringField("domain", p.domain());
            g.writeFieldName("model");
            model(g, p.model());
            g.writeStringField("user", p.user());
            input(g, p.input());
            texts(g, "excluded", p.excluded());
            g.writeArrayFieldStart("outputs");
            for (Output o : p.outputs()) {
                output(g, o);
            }
            g.writeEndArray();
            g.writeArrayFieldStart("explanations");
            for (Explanation e : p.explanations()) {
                explanation(g, e);
            }
            g.writeEndArray();
            g.writeStringField("fallback", p.fallback());
            g.writeStringField("time", p.time().toString());
            g.writeEndObject();
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "can't write a prediction as JSON", e);
        }
        return bytes.toByteArray();
    }

    private static void input(JsonGenerator g, Input input) throws IOException {
        if (input instanceof DataRecord r) {
            g.writeFieldName("record");
            RecordCodec.writeWithSchema(g, r);
            return;
        }
        g.writeArrayFieldStart("history");
        for (Event e : History.eventsOf(input)) {
            g.writeStartArray();
            g.writeString(e.id());
            g.writeString(e.user());
            g.writeString(e.item());
            g.writeString(e.kind());
            g.writeString(e.time().toString());
            g.writeEndArray();
        }
        g.writeEndArray();
    }

    private static Input input(JsonNode n) throws IOException {
        if (n.has("record")) {
            return RecordCodec.readWithSchema(n.get("record"));
        }
        List<Event> history = new ArrayList<>();
        n.path("history").forEach(e -> history.add(new Event(e.get(0).asText(), e.get(1).asText(), e.get(2).asText(),
                e.get(3).asText(), Instant.parse(e.get(4).asText()))));
        return new History(history);
    }

    /** Ranked outputs have four places, judged ones eight. */
    private static void output(JsonGenerator g, Output o) throws IOException {
        g.writeStartArray();
        g.writeNumber(o.index());
        g.writeString(o.target());
        g.writeNumber(o.rank());
        g.writeNumber(o.score());
        if (o.decision() != null) {
            g.writeNumber(o.decision().probability());
            g.writeBoolean(o.decision().calibrated());
            g.writeString(o.decision().name());
            g.writeNumber(o.decision().threshold());
        }
        g.writeEndArray();
    }

    private static Output output(JsonNode o) {
        Decision decision = o.size() < 8 ? null
                : new Decision(number(o.get(4)), o.get(5).asBoolean(), o.get(6).asText(), number(o.get(7)));
        return new Output(o.get(0).asInt(), o.get(1).asText(), o.get(2).asInt(), number(o.get(3)), decision);
    }

    private static void model(JsonGenerator g, ModelInfo m) throws IOException {
        g.writeStartArray();
        g.writeString(m.name());
        g.writeNumber(m.version());
        g.writeString(m.engine());
        g.writeString(m.digest());
        g.writeEndArray();
    }

    private static void texts(JsonGenerator g, String name, List<String> values) throws IOException {
        g.writeArrayFieldStart(name);
        for (String v : values) {
            g.writeString(v);
        }
        g.writeEndArray();
    }

    private static void explanation(JsonGenerator g, Explanation e) throws IOException {
        g.writeStartObject();
        g.writeStringField("status", e.status());
        g.writeStringField("reason", e.reason());
        g.writeStringField("strategy", e.strategy());
        g.writeStringField("strategyVersion", e.strategyVersion());
        g.writeNumberField("seed", e.seed());
        g.writeFieldName("model");
        model(g, e.model());
        if (e.attribution() != null) {
            Attribution a = e.attribution();
            g.writeObjectFieldStart("attribution");
            g.writeNumberField("target", a.target());
            g.writeNumberField("score", a.score());
            g.writeNumberField("baseValue", a.baseValue());
            g.writeNumberField("completenessGap", a.completenessGap());
            if (!Double.isNaN(a.localFit())) {
                g.writeNumberField("localFit", a.localFit());
            }
            g.writeArrayFieldStart("contributions");
            for (Contribution c : a.contributions()) {
                g.writeStartArray();
                g.writeString(c.feature());
                g.writeNumber(c.position());
                g.writeNumber(c.value());
                g.writeNumber(c.stdError());
                g.writeEndArray();
            }
            g.writeEndArray();
            g.writeEndObject();
        }
        if (!e.contrast().isEmpty()) {
            g.writeStringField("contrast", e.contrast());
        }
        if (e.finding() instanceof Counterfactual c) {
            FindingCodec.write(g, c);
        } else if (e.finding() instanceof Evidence v) {
            FindingCodec.write(g, v);
        }
        g.writeArrayFieldStart("claims");
        for (Claim c : e.claims()) {
            g.writeStartObject();
            g.writeStringField("kind", c.kind());
            g.writeStringField("target", c.target());
            texts(g, "items", c.items());
            g.writeObjectFieldStart("values");
            for (Map.Entry<String, String> v : c.values().entrySet()) {
                g.writeStringField(v.getKey(), v.getValue());
            }
            g.writeEndObject();
            g.writeStringField("test", c.test().name());
            g.writeObjectFieldStart("effect");
            for (Map.Entry<String, Double> v : c.test().effect().entrySet()) {
                g.writeNumberField(v.getKey(), v.getValue());
            }
            g.writeEndObject();
            g.writeStringField("verdict", c.verdict().name());
            g.writeEndObject();
        }
        g.writeEndArray();
        g.writeNumberField("withheld", e.withheld());
        quality(g, e.quality());
        g.writeEndObject();
    }

    /** What was not measured is left out. */
    private static void quality(JsonGenerator g, Quality q) throws IOException {
        g.writeObjectFieldStart("quality");
        figure(g, "fidelity", q.fidelity());
        figure(g, "deletion", q.deletion());
        figure(g, "insertion", q.insertion());
        figure(g, "random", q.random());
        figure(g, "infidelity", q.infidelity());
        figure(g, "sensitivity", q.sensitivity());
        figure(g, "stability", q.stability());
        figure(g, "rankStability", q.rankStability());
        figure(g, "gap", q.gap());
        g.writeBooleanField("unstable", q.unstable());
        g.writeNumberField("evaluations", q.evaluations());
        g.writeEndObject();
    }

    private static void figure(JsonGenerator g, String name, double value) throws IOException {
        if (!Double.isNaN(value)) {
            g.writeNumberField(name, value);
        }
    }

    /** @param e the explanation; those of earlier versions carry their three figures themselves */
    private static Quality quality(JsonNode e) {
        JsonNode q = e.has("quality") ? e.path("quality") : e;
        return new Quality(figure(q, "fidelity"), figure(q, "deletion"), figure(q, "insertion"), figure(q, "random"), figure(q, "infidelity"),
                figure(q, "sensitivity"), figure(q, "stability"), figure(q, "rankStability"), figure(q, "gap"), q.path("unstable").asBoolean(),
                q.path("evaluations").asInt());
    }

    private static double figure(JsonNode n, String name) {
        return n.has(name) ? number(n.get(name)) : Double.NaN;
    }

    static StoredPrediction read(byte[] json) {
        JsonNode n;
        Input input;
        try {
            n = MAPPER.readTree(json);
            input = input(n);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "a stored prediction is not readable", e);
        }
        List<Output> outputs = new ArrayList<>();
        n.path("outputs").forEach(o -> outputs.add(output(o)));
        List<Explanation> explanations = new ArrayList<>();
        n.path("explanations").forEach(e -> explanations.add(explanation(e)));
        return new StoredPrediction(n.path("id").asText(), n.path("domain").asText(), model(n.path("model")), n.path("user").asText(),
                input, texts(n.path("excluded")), outputs, explanations, n.path("fallback").asText(),
                Instant.parse(n.path("time").asText()));
    }

    private static Explanation explanation(JsonNode e) {
        Finding finding = FindingCodec.read(e);
        JsonNode a = e.path("attribution");
        if (a.isObject()) {
            List<Contribution> contributions = new ArrayList<>();
            a.path("contributions").forEach(c -> contributions.add(
                    new Contribution(c.get(0).asText(), c.get(1).asInt(), number(c.get(2)), number(c.get(3)))));
            finding = new Attribution(a.path("target").asInt(), number(a.path("score")), number(a.path("baseValue")),
                    contributions, number(a.path("completenessGap")), a.has("localFit") ? number(a.path("localFit")) : Double.NaN);
        }
        List<Claim> claims = new ArrayList<>();
        e.path("claims").forEach(c -> {
            Map<String, String> values = new LinkedHashMap<>();
            c.path("values").fields().forEachRemaining(v -> values.put(v.getKey(), v.getValue().asText()));
            Map<String, Double> effect = new LinkedHashMap<>();
            c.path("effect").fields().forEachRemaining(v -> effect.put(v.getKey(), number(v.getValue())));
            claims.add(new Claim(c.path("kind").asText(), c.path("target").asText(), texts(c.path("items")), values,
                    new ClaimTest(c.path("test").asText(), effect), Verdict.valueOf(c.path("verdict").asText())));
        });
        return new Explanation(e.path("status").asText(), e.path("reason").asText(), e.path("strategy").asText(), e.path("strategyVersion").asText(),
                e.path("seed").asLong(), model(e.path("model")), finding, claims, e.path("withheld").asInt(),
                quality(e), e.path("contrast").asText());
    }

    static double number(JsonNode n) {
        return n.isTextual() ? Double.parseDouble(n.textValue()) : n.asDouble();
    }

    private static ModelInfo model(JsonNode m) {
        return new ModelInfo(m.get(0).asText(), m.get(1).asInt(), m.get(2).asText(), m.get(3).asText());
    }

    private static List<String> texts(JsonNode n) {
        List<String> out = new ArrayList<>();
        n.forEach(v -> out.add(v.asText()));
        return out;
    }
}
