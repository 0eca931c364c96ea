package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Evidence;

/** The JSON of findings that are no attributions. */
final class RenderFinding {
    private RenderFinding() {}

    static void counterfactual(JsonGenerator json, Counterfactual c, UnaryOperator<String> titles) throws IOException {
        json.writeObjectFieldStart("counterfactual");
        json.writeBooleanField("found", c.found());
        json.writeNumberField("rank", c.rank());
        json.writeNumberField("rankAfter", c.rankAfter());
        Json.number(json, "scoreAfter", c.scoreAfter());
        Json.number(json, "plausibility", c.plausibility());
        json.writeArrayFieldStart("changes");
        for (Counterfactual.Change x : c.changes()) {
            json.writeStartObject();
            json.writeStringField("feature", x.feature());
            json.writeStringField("label", Render.label(x.feature(), titles));
            json.writeNumberField("position", x.position());
            json.writeStringField("from", x.from());
            json.writeStringField("to", x.to());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static void evidence(JsonGenerator json, Evidence e, UnaryOperator<String> titles) throws IOException {
        json.writeObjectFieldStart("evidence");
        json.writeNumberField("looked", e.looked());
        json.writeArrayFieldStart("cases");
        for (Evidence.Precedent p : e.cases()) {
            json.writeStartObject();
            json.writeNumberField("index", p.index());
            Json.number(json, "similarity", p.similarity());
            json.writeStringField("outcome", Render.ITEM + p.outcome());
            json.writeStringField("title", titles.apply(p.outcome()));
            json.writeBooleanField("supports", p.supports());
            json.writeArrayFieldStart("shared");
            for (String feature : p.shared()) {
                json.writeStartObject();
                json.writeStringField("feature", feature);
                json.writeStringField("label", Render.label(feature, titles));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
