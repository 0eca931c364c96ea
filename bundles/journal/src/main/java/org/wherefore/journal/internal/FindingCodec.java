package org.wherefore.journal.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Finding;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;

/** Findings that are no attributions as fields of a stored explanation, both ways. Thread-safe. */
final class FindingCodec {
    private static final String COUNTERFACTUAL = "counterfactual";
    private static final String EVIDENCE = "evidence";

    private FindingCodec() {}

    static void write(JsonGenerator g, Counterfactual c) throws IOException {
        g.writeObjectFieldStart(COUNTERFACTUAL);
        g.writeNumberField("target", c.target());
        g.writeNumberField("score", c.score());
        g.writeNumberField("rank", c.rank());
        g.writeNumberField("scoreAfter", c.scoreAfter());
        g.writeNumberField("rankAfter", c.rankAfter());
        g.writeNumberField("plausibility", c.plausibility());
        g.writeArrayFieldStart("changes");
        for (Counterfactual.Change x : c.changes()) {
            g.writeStartArray();
            g.writeString(x.feature());
            g.writeNumber(x.position());
            g.writeString(x.from());
            g.writeString(x.to());
            g.writeEndArray();
        }
        g.writeEndArray();
        g.writeEndObject();
    }

    static void write(JsonGenerator g, Evidence e) throws IOException {
        g.writeObjectFieldStart(EVIDENCE);
        g.writeNumberField("target", e.target());
        g.writeNumberField("score", e.score());
        g.writeNumberField("looked", e.looked());
        g.writeArrayFieldStart("cases");
        for (Evidence.Precedent p : e.cases()) {
            g.writeStartArray();
            g.writeNumber(p.index());
            g.writeNumber(p.similarity());
            g.writeString(p.outcome());
            g.writeBoolean(p.supports());
            for (String shared : p.shared()) {
                g.writeString(shared);
            }
            g.writeEndArray();
        }
        g.writeEndArray();
        g.writeEndObject();
    }

    /** Null when the explanation has neither. */
    static Finding read(JsonNode explanation) {
        JsonNode c = explanation.path(COUNTERFACTUAL);
        if (c.isObject()) {
            List<Counterfactual.Change> changes = new ArrayList<>();
            c.path("changes").forEach(x -> changes.add(new Counterfactual.Change(x.get(0).asText(), x.get(1).asInt(), x.get(2).asText(), x.get(3).asText())));
            return new Counterfactual(c.path("target").asInt(), PredictionCodec.number(c.path("score")), c.path("rank").asInt(), changes,
                    PredictionCodec.number(c.path("scoreAfter")), c.path("rankAfter").asInt(), PredictionCodec.number(c.path("plausibility")));
        }
        JsonNode e = explanation.path(EVIDENCE);
        if (e.isObject()) {
            List<Evidence.Precedent> cases = new ArrayList<>();
            e.path("cases").forEach(p -> {
                List<String> shared = new ArrayList<>();
                for (int i = 4; i < p.size(); i++) {
                    shared.add(p.get(i).asText());
                }
                cases.add(new Evidence.Precedent(p.get(0).asInt(), PredictionCodec.number(p.get(1)), p.get(2).asText(), p.get(3).asBoolean(), shared));
            });
            return new Evidence(e.path("target").asInt(), PredictionCodec.number(e.path("score")), cases, e.path("looked").asInt());
        }
        return null;
    }
}
