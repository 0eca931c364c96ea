package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.wherefore.api.Parameter;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.Quality;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.predict.StrategyState;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Traffic;
import org.wherefore.api.registry.Transition;

/** The JSON of api types, written by hand so that the api stays free of JSON. */
final class Render {
    static final String ITEM = "item:";
    private static final String HISTORY = "history:";

    private Render() {}

    /** {@code item:50} to {@code 50}. */
    static String rawTarget(String target) {
        return target != null && target.startsWith(ITEM) ? target.substring(ITEM.length()) : target;
    }

    static void prediction(JsonGenerator json, Services services, StoredPrediction p, List<Output> outputs,
            List<Explanation> explanations, Locale locale) throws IOException {
        UnaryOperator<String> titles = services.titles(p.domain());
        json.writeStartObject();
        json.writeStringField("id", p.id());
        json.writeStringField("domain", p.domain());
        json.writeFieldName("model");
        model(json, p.model());
        if (!p.user().isEmpty()) {
            json.writeStringField("user", p.user());
        }
        json.writeStringField("time", p.time().toString());
        if (p.fallback() != null && !p.fallback().isEmpty()) {
            json.writeStringField("fallback", p.fallback());
        }
        if (p.input() instanceof DataRecord r) {
            RecordInput.write(json, "record", r);
        }
        json.writeArrayFieldStart("outputs");
        for (int i = 0; i < outputs.size(); i++) {
            Output o = outputs.get(i);
            json.writeStartObject();
            boolean judged = o.decision() != null;
            json.writeStringField("target", judged ? o.target() : ITEM + o.target());
            json.writeNumberField("rank", o.rank());
            Json.number(json, "score", o.score());
            if (judged) {
                Json.number(json, "probability", o.decision().probability());
                json.writeBooleanField("calibrated", o.decision().calibrated());
                Json.number(json, "threshold", o.decision().threshold());
                json.writeStringField("decision", o.decision().name());
            } else {
                json.writeStringField("title", titles.apply(o.target()));
            }
            if (i < explanations.size() && explanations.get(i) != null) {
                json.writeFieldName("explanation");
                explanation(json, services, p.domain(), explanations.get(i), locale, titles);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static void explanation(JsonGenerator json, Services services, String domain, Explanation e, Locale locale,
            UnaryOperator<String> titles) throws IOException {
        json.writeStartObject();
        json.writeStringField("status", e.status());
        if (!e.reason().isEmpty()) {
            json.writeStringField("reason", e.reason());
        }
        json.writeObjectFieldStart("strategy");
        json.writeStringField("name", e.strategy());
        json.writeStringField("version", e.strategyVersion());
        json.writeEndObject();
        json.writeNumberField("seed", e.seed());
        json.writeStringField("locale", locale.toLanguageTag());
        if (e.model() != null) {
            json.writeFieldName("model");
            model(json, e.model());
        }
        if (e.attribution() != null) {
            json.writeObjectFieldStart("attribution");
            Json.number(json, "baseValue", e.attribution().baseValue());
            json.writeArrayFieldStart("contributions");
            for (Contribution c : e.attribution().contributions()) {
                json.writeStartObject();
                json.writeStringField("feature", c.feature());
                json.writeStringField("label", label(c.feature(), titles));
                json.writeNumberField("position", c.position());
                Json.number(json, "value", c.value());
                Json.number(json, "stdError", c.stdError());
                json.writeEndObject();
            }
            json.writeEndArray();
            Json.number(json, "completenessGap", e.attribution().completenessGap());
            if (!Double.isNaN(e.attribution().localFit())) {
                Json.number(json, "localFit", e.attribution().localFit());
            }
            json.writeEndObject();
        } else {
            json.writeNullField("attribution");
        }
        if (!e.contrast().isEmpty()) {
            json.writeObjectFieldStart("contrast");
            json.writeStringField("target", ITEM + e.contrast());
            json.writeStringField("title", titles.apply(e.contrast()));
            json.writeEndObject();
        }
        if (e.finding() instanceof Counterfactual c) {
            RenderFinding.counterfactual(json, c, titles);
        } else if (e.finding() instanceof Evidence v) {
            RenderFinding.evidence(json, v, titles);
        }
        json.writeArrayFieldStart("claims");
        for (Claim c : e.claims()) {
            claim(json, services, domain, c, locale, titles);
        }
        json.writeEndArray();
        json.writeNumberField("withheld", e.withheld());
        json.writeStringField("text", services.narrator().text(domain, e.claims(), locale, titles));
        if (e.quality() != null) {
            json.writeFieldName("quality");
            quality(json, e.quality());
        }
        json.writeEndObject();
    }

    private static void quality(JsonGenerator json, Quality q) throws IOException {
        json.writeStartObject();
        Json.number(json, "fidelity", q.fidelity());
        Json.number(json, "deletion", q.deletion());
        Json.number(json, "insertion", q.insertion());
        Json.number(json, "random", q.random());
        Json.number(json, "infidelity", q.infidelity());
        Json.number(json, "sensitivity", q.sensitivity());
        Json.number(json, "stability", q.stability());
        Json.number(json, "rankStability", q.rankStability());
        Json.number(json, "completenessGap", q.gap());
        json.writeBooleanField("unstable", q.unstable());
        json.writeNumberField("evaluations", q.evaluations());
        json.writeEndObject();
    }

    /** What a reader calls a feature. */
    static String label(String feature, UnaryOperator<String> titles) {
        return feature.startsWith(HISTORY) ? titles.apply(feature.substring(HISTORY.length())) : feature;
    }

    private static void claim(JsonGenerator json, Services services, String domain, Claim c, Locale locale,
            UnaryOperator<String> titles) throws IOException {
        json.writeStartObject();
        json.writeStringField("kind", c.kind());
        json.writeObjectFieldStart("arguments");
        Json.texts(json, "items", c.items());
        Json.texts(json, "titles", c.items().stream().map(titles).toList());
        for (var v : c.values().entrySet()) {
            if (!v.getKey().equals("items") && !v.getKey().equals("titles")) {
                json.writeStringField(v.getKey(), v.getValue());
            }
        }
        json.writeEndObject();
        json.writeStringField("text", services.narrator().sentence(domain, c, locale, titles));
        json.writeObjectFieldStart("test");
        json.writeStringField("name", c.test().name());
        Json.numbers(json, "effect", c.test().effect());
        json.writeEndObject();
        json.writeStringField("verdict", c.verdict().name().toLowerCase(Locale.ROOT));
        json.writeEndObject();
    }

    /** State, and what explains it when there is anything to explain. */
    static void state(JsonGenerator json, StrategyState s) throws IOException {
        json.writeStringField("state", s.state());
        if (!s.reason().isEmpty()) {
            json.writeStringField("reason", s.reason());
            json.writeNumberField("faults", s.faults());
            json.writeStringField("since", s.since().toString());
        }
        if (s.abandoned() > 0) {
            json.writeNumberField("abandonedThreads", s.abandoned());
        }
    }

    static void model(JsonGenerator json, ModelInfo m) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", m.name());
        json.writeNumberField("version", m.version());
        json.writeStringField("engine", m.engine());
        json.writeStringField("digest", m.digest());
        json.writeEndObject();
    }

    static void version(JsonGenerator json, ModelVersion v, Map<String, Integer> aliases) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", v.info().name());
        json.writeNumberField("version", v.info().version());
        json.writeStringField("engine", v.info().engine());
        json.writeStringField("digest", v.info().digest());
        json.writeStringField("created", v.created().toString());
        Json.texts(json, "aliases", aliases.entrySet().stream().filter(a -> a.getValue() == v.info().version())
                .map(Map.Entry::getKey).sorted().toList());
        texts(json, "provenance", v.provenance());
        Json.numbers(json, "metrics", v.metrics());
        json.writeEndObject();
    }

    static void transition(JsonGenerator json, Transition t) throws IOException {
        json.writeStartObject();
        json.writeNumberField("sequence", t.sequence());
        json.writeStringField("model", t.model());
        json.writeStringField("kind", t.kind());
        json.writeStringField("alias", t.alias());
        json.writeNumberField("from", t.from());
        json.writeNumberField("to", t.to());
        if (t.traffic() != null) {
            traffic(json, t.traffic());
        }
        json.writeStringField("who", t.who());
        json.writeStringField("why", t.why());
        json.writeStringField("when", t.when().toString());
        json.writeEndObject();
    }

    /** The fields {@code canary} and {@code shadow}; null for none. */
    static void traffic(JsonGenerator json, Traffic t) throws IOException {
        if (t.canary() == 0) {
            json.writeNullField("canary");
        } else {
            json.writeObjectFieldStart("canary");
            json.writeNumberField("version", t.canary());
            json.writeNumberField("percent", t.percent());
            json.writeEndObject();
        }
        if (t.shadow() == 0) {
            json.writeNullField("shadow");
        } else {
            json.writeObjectFieldStart("shadow");
            json.writeNumberField("version", t.shadow());
            json.writeEndObject();
        }
    }

    static void entity(JsonGenerator json, Entity e) throws IOException {
        json.writeStartObject();
        json.writeStringField("kind", e.kind());
        json.writeStringField("id", e.id());
        json.writeStringField("title", e.title());
        json.writeObjectFieldStart("attributes");
        for (String name : e.attributes().keySet().stream().sorted().toList()) {
            Json.texts(json, name, e.attributes().get(name));
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    static void event(JsonGenerator json, Event e, UnaryOperator<String> titles) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", e.id());
        json.writeStringField("item", e.item());
        json.writeStringField("title", titles.apply(e.item()));
        json.writeStringField("kind", e.kind());
        json.writeStringField("time", e.time().toString());
        json.writeEndObject();
    }

    static void parameters(JsonGenerator json, List<Parameter> parameters) throws IOException {
        json.writeArrayFieldStart("parameters");
        for (Parameter p : parameters) {
            json.writeStartObject();
            json.writeStringField("name", p.name());
            json.writeStringField("kind", p.kind());
            json.writeStringField("default", p.defaultValue());
            json.writeStringField("help", p.help());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    static void texts(JsonGenerator json, String name, Map<String, String> values) throws IOException {
        json.writeObjectFieldStart(name);
        for (var e : values.entrySet()) {
            json.writeStringField(e.getKey(), e.getValue());
        }
        json.writeEndObject();
    }
}
