package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.function.UnaryOperator;
import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.explain.GlobalExplanation.Aggregate;
import org.wherefore.api.explain.GlobalExplanation.Dependence;
import org.wherefore.api.explain.GlobalExplanation.Fall;
import org.wherefore.api.explain.GlobalExplanation.Importance;
import org.wherefore.api.explain.GlobalExplanation.Item;
import org.wherefore.api.explain.GlobalExplanation.Share;

/** What a model looks at overall, as JSON. */
final class RenderImportance {
    private static final String HR = "hr@10";
    private static final String NDCG = "ndcg@10";

    private RenderImportance() {}

    /** @param titles of items, by id */
    static void write(JsonGenerator json, GlobalExplanation g, UnaryOperator<String> titles) throws IOException {
        json.writeStartObject();
        json.writeFieldName("model");
        Render.model(json, g.model());
        json.writeStringField("data", g.data());
        json.writeNumberField("seed", g.seed());
        json.writeNumberField("people", g.people());
        json.writeNumberField("repeats", g.repeats());
        Json.number(json, HR, g.hr());
        Json.number(json, NDCG, g.ndcg());
        json.writeArrayFieldStart("importances");
        for (Importance i : g.importances()) {
            json.writeStartObject();
            json.writeStringField("feature", i.feature());
            json.writeStringField("change", i.change());
            json.writeNumberField("changed", i.changed());
            fall(json, NDCG, i.ndcg());
            fall(json, HR, i.hr());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("dependences");
        for (Dependence d : g.dependences()) {
            json.writeStartObject();
            json.writeStringField("feature", d.feature());
            json.writeStringField("value", d.value());
            json.writeNumberField("changed", d.changed());
            Json.number(json, "score", d.score());
            Json.number(json, "low", d.low());
            Json.number(json, "high", d.high());
            Json.number(json, "rank", d.rank());
            Json.number(json, NDCG, d.ndcg());
            Json.number(json, HR, d.hr());
            json.writeEndObject();
        }
        json.writeEndArray();
        attributions(json, g.attributions(), titles);
        json.writeEndObject();
    }

    private static void fall(JsonGenerator json, String name, Fall f) throws IOException {
        json.writeObjectFieldStart(name);
        Json.number(json, "mean", f.mean());
        Json.number(json, "repeatError", f.repeatError());
        Json.number(json, "peopleError", f.peopleError());
        json.writeEndObject();
    }

    private static void attributions(JsonGenerator json, Aggregate a, UnaryOperator<String> titles) throws IOException {
        json.writeObjectFieldStart("attributions");
        json.writeObjectFieldStart("strategy");
        json.writeStringField("name", a.strategy());
        json.writeStringField("version", a.version());
        json.writeEndObject();
        json.writeNumberField("explained", a.explained());
        json.writeStringField("reason", a.reason());
        json.writeArrayFieldStart("shares");
        for (Share s : a.shares()) {
            json.writeStartObject();
            json.writeStringField("by", s.by());
            json.writeStringField("value", s.value());
            Json.number(json, "mean", s.mean());
            Json.number(json, "share", s.share());
            json.writeNumberField("events", s.events());
            json.writeNumberField("people", s.people());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("items");
        for (Item i : a.items()) {
            json.writeStartObject();
            json.writeStringField("item", i.item());
            json.writeStringField("title", titles.apply(i.item()));
            Json.number(json, "mean", i.mean());
            json.writeNumberField("first", i.first());
            json.writeNumberField("people", i.people());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }
}
