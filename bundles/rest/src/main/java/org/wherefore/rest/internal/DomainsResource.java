package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.access.Role;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.journal.FeedbackCount;
import org.wherefore.api.journal.Page;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.predict.PredictionRequest;
import org.wherefore.api.predict.Records;
import org.wherefore.api.registry.ModelVersion;

/** Everything that belongs to one domain: predicting, events, entities, figures, training. Thread-safe. */
@Component(service = DomainsResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1/domains")
@Produces("application/json")
public class DomainsResource {
    /** Most events one request may carry. */
    static final int MAX_EVENTS = 10_000;
    private static final Set<String> PREDICT = Set.of("user", "history", "k", "exclude", "explain");
    private static final Set<String> EXPLAIN = Set.of("contrast", "strategy", "locale", "seed", "budget", "deadlineMs", "parameters", "quality");
    private static final Set<String> EVENT = Set.of("id", "user", "item", "kind", "time");
    private static final Set<String> ENTITY = Set.of("kind", "id", "title", "attributes");
    private static final Set<String> TRAIN = Set.of("data", "engine", "parameters", "seed", "threads");
    private final Services services;
    private final Jobs jobs;
    private final Admission admission;
    private final Guard guard;

    @Activate
    public DomainsResource(@Reference Services services, @Reference Jobs jobs, @Reference Admission admission, @Reference Guard guard) {
        this.admission = admission;
        this.guard = guard;
        this.services = services;
        this.jobs = jobs;
    }

    @GET
    @Allow({Role.VIEWER, Role.ANALYST, Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    public Response domains(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit, @Context HttpHeaders headers) {
        Locale locale = services.language(headers.getAcceptableLanguages());
        return Lists.page(services.plugins().domains(), DomainPack::id, cursor, limit, (json, d) -> domain(json, d, locale));
    }

    @GET
    @Path("{domain}")
    @Allow({Role.VIEWER, Role.ANALYST, Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    public Response domain(@PathParam("domain") String domain, @Context HttpHeaders headers) {
        DomainPack pack = services.plugins().domain(domain);
        return Json.ok(json -> domain(json, pack, services.language(headers.getAcceptableLanguages())));
    }

    private void domain(JsonGenerator json, DomainPack d, Locale locale) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", d.id());
        json.writeStringField("title", d.title(locale));
        Json.texts(json, "tasks", d.tasks());
        Json.texts(json, "modalities", d.modalities());
        Json.texts(json, "locales", services.narrator().locales().stream().map(Locale::toLanguageTag).sorted().toList());
        json.writeFieldName("model");
        ModelVersion v = services.registry().find(ModelRef.alias(d.id(), ModelRef.CHAMPION)).orElse(null);
        if (v == null) {
            json.writeNull();
        } else {
            Render.model(json, v.info());
        }
        Json.texts(json, "connectors", services.plugins().connectors().stream().map(c -> c.name()).sorted().toList());
        json.writeStringField("extractor", d.extractor());
        json.writeStringField("engine", d.engine());
        json.writeStringField("fallbackEngine", d.fallbackEngine());
        Json.texts(json, "claimKinds", d.claimKinds());
        json.writeArrayFieldStart("schemas");
        for (Schema s : d.schemas()) {
            json.writeStartObject();
            json.writeStringField("role", s.role());
            json.writeArrayFieldStart("fields");
            for (Field f : s.fields()) {
                json.writeStartObject();
                json.writeStringField("name", f.name());
                json.writeStringField("type", f.type().name().toLowerCase(Locale.ROOT));
                json.writeBooleanField("required", f.required());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    @POST
    @Path("{domain}/predictions")
    @Consumes("application/json")
    @Allow(value = {Role.VIEWER, Role.ANALYST}, audited = false)
    public Response predict(@PathParam("domain") String domain, InputStream body, @Context HttpHeaders headers) {
        DomainPack pack = services.plugins().domain(domain);
        if (pack.classification().isPresent()) {
            return judge(pack, pack.classification().get(), Json.parse(body), headers);
        }
        Input in = new Input(Json.parse(body), "", PREDICT);
        String user = in.id("user");
        List<String> history = in.ids("history", PredictionRequest.MAX_HISTORY);
        if (user == null && history == null) {
            throw WhereforeException.invalid("/user", "give a user, or a history of item ids for a session");
        }
        int k = (int) in.integer("k", 1, PredictionRequest.MAX_K, 10);
        List<String> exclude = in.ids("exclude", PredictionRequest.MAX_HISTORY);
        boolean seen = exclude == null || exclude.contains("seen");
        List<String> others = exclude == null || exclude.isEmpty() || seen && exclude.size() == 1 ? List.of()
                : exclude.stream().filter(e -> !e.equals("seen")).map(Render::rawTarget).toList();
        ExplanationRequest explain = explain(in, domain, headers);
        StoredPrediction p = predict(new PredictionRequest(domain, user, history, k, seen, others, explain));
        Locale locale = explain == null ? Locale.ENGLISH : explain.locale();
        return Json.ok(json -> Render.prediction(json, services, p, p.outputs(), p.explanations(), locale));
    }

    /** Within what the caller and the server can bear. */
    private StoredPrediction predict(PredictionRequest request) {
        ExplanationRequest explain = request.explain();
        try (Admission.Place place = admission.enter(explain != null);
                Guard.Spending spending = guard.spend(explain == null ? 0 : explain.budget())) {
            StoredPrediction p = services.predictions().predict(request);
            spending.spent(p.explanations());
            return p;
        }
    }

    /** What is said of a single record, such as a transaction. */
    private Response judge(DomainPack pack, Classification task, JsonNode body, HttpHeaders headers) {
        Input in = new Input(body, "", Set.of(task.one(), "explain"));
        if (!in.has(task.one())) {
            throw WhereforeException.invalid(in.at(task.one()), "'" + task.one() + "' is required: the " + task.one() + " to judge");
        }
        DataRecord record = RecordInput.read(in.get(task.one()), in.at(task.one()), RecordInput.schema(pack, task), task);
        ExplanationRequest explain = explain(in, pack.id(), headers);
        StoredPrediction p = predict(PredictionRequest.of(pack.id(), record, explain));
        Locale locale = explain == null ? Locale.ENGLISH : explain.locale();
        return Json.ok(json -> Render.prediction(json, services, p, p.outputs(), p.explanations(), locale));
    }

    /** @return null when no explanation is asked for */
    private ExplanationRequest explain(Input in, String domain, HttpHeaders headers) {
        if (!in.has("explain")) {
            return null;
        }
        Input e = new Input(in.get("explain"), "/explain", EXPLAIN);
        String tag = e.text("locale", 64);
        Locale locale = services.language(tag == null ? headers.getAcceptableLanguages() : List.of(Input.locale(tag, "/explain/locale")));
        ExplanationRequest d = ExplanationRequest.defaults(locale);
        String strategy = e.text("strategy", Input.MAX_ID);
        ExplanationRequest explain = new ExplanationRequest(strategy == null ? "" : strategy, locale,
                e.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE, d.seed()),
                (int) e.integer("budget", 1, PredictionsResource.MAX_BUDGET, d.budget()),
                e.integer("deadlineMs", 1, PredictionsResource.MAX_DEADLINE, d.deadlineMillis()), Explain.parameters(e.get("parameters"), "/explain/parameters"),
                Render.rawTarget(e.id("contrast")),
                Explain.fullQuality(e.text("quality", 64), "/explain/quality"));
        services.plugins().domain(domain);
        PredictionsResource.known(services, explain.strategy(), "/explain/strategy");
        return explain;
    }

    @POST
    @Path("{domain}/events")
    @Consumes({"application/json", "application/x-ndjson", "application/ndjson", "application/jsonl"})
    @Allow(Role.OPERATOR)
    public Response events(@PathParam("domain") String domain, InputStream body, @HeaderParam(HttpHeaders.CONTENT_TYPE) String type) {
        DomainPack pack = services.plugins().domain(domain);
        if (pack.classification().isPresent()) {
            return records(pack, pack.classification().get(), nodes(body, type));
        }
        Instant now = Instant.now();
        List<JsonNode> nodes = nodes(body, type);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            events.add(event(nodes.get(i), "/" + i, now));
        }
        int accepted = events.isEmpty() ? 0 : services.journal().append(domain, events);
        Current.changed("", accepted + " events");
        Set<String> unknown = new LinkedHashSet<>();
        Set<String> items = new LinkedHashSet<>();
        events.forEach(e -> items.add(e.item()));
        for (String item : items) {
            if (services.journal().entity(domain, "item", item).isEmpty()) {
                unknown.add(item);
            }
        }
        return Json.ok(json -> {
            json.writeStartObject();
            json.writeNumberField("received", events.size());
            json.writeNumberField("accepted", accepted);
            json.writeNumberField("duplicates", events.size() - accepted);
            json.writeNumberField("unknownItemCount", unknown.size());
            Json.texts(json, "unknownItems", unknown.stream().limit(100).toList());
            json.writeEndObject();
        });
    }

    /** The objects of a JSON array, or of lines of JSON. */
    private static List<JsonNode> nodes(InputStream body, String type) {
        List<JsonNode> nodes = new ArrayList<>();
        if (type != null && !type.toLowerCase(Locale.ROOT).startsWith("application/json;") && !type.equalsIgnoreCase("application/json")) {
            byte[] bytes = Json.read(body);
            int line = 0;
            for (int from = 0; from < bytes.length;) {
                int to = from;
                boolean blank = true;
                while (to < bytes.length && bytes[to] != '\n') {
                    blank &= bytes[to++] <= ' ' && bytes[to - 1] >= 0;
                }
                if (!blank) {
                    nodes.add(Json.parse(bytes, from, to - from, line));
                }
                from = to + 1;
                line++;
                atMost(nodes.size());
            }
        } else {
            JsonNode node = Json.parse(body);
            if (!node.isArray()) {
                throw WhereforeException.invalid("", "expected an array of events, got " + Input.type(node));
            }
            atMost(node.size());
            for (int i = 0; i < node.size(); i++) {
                nodes.add(node.get(i));
            }
        }
        return nodes;
    }

    /** Records as they happen: stored, and in the aggregates of the next prediction. */
    private Response records(DomainPack pack, Classification task, List<JsonNode> nodes) {
        Schema schema = RecordInput.schema(pack, task);
        List<DataRecord> records = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            records.add(RecordInput.read(nodes.get(i), "/" + i, schema, task));
        }
        Records.Taken taken = services.records().add(pack.id(), records);
        Current.changed("", taken.added() + " records");
        return Json.ok(json -> {
            json.writeStartObject();
            json.writeNumberField("received", records.size());
            json.writeNumberField("accepted", taken.added());
            json.writeNumberField("duplicates", taken.known());
            json.writeArrayFieldStart("refused");
            for (BadRecord b : taken.refused()) {
                json.writeStartObject();
                json.writeStringField("field", b.column());
                json.writeStringField("value", b.value());
                json.writeStringField("expected", b.expected());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private static void atMost(int events) {
        if (events > MAX_EVENTS) {
            throw WhereforeException.invalid("", "at most " + MAX_EVENTS + " events in one request");
        }
    }

    private static Event event(JsonNode node, String pointer, Instant now) {
        Input in = new Input(node, pointer, EVENT);
        String id = in.id("id");
        in.required("user", Input.MAX_ID);
        in.required("item", Input.MAX_ID);
        String kind = in.id("kind");
        return new Event(id == null ? UUID.randomUUID().toString() : id, in.id("user"), Render.rawTarget(in.id("item")),
                kind == null ? "view" : kind, in.time("time", now));
    }

    @GET
    @Path("{domain}/entities/{kind}")
    @Allow({Role.ANALYST, Role.OPERATOR})
    public Response entities(@PathParam("domain") String domain, @PathParam("kind") String kind,
            @QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        services.plugins().domain(domain);
        Page<Entity> page = services.journal().entities(domain, kind, cursor == null ? null : Lists.decode(cursor), Lists.limit(limit));
        return Lists.answer(page.items(), page.nextCursor() == null ? null : Lists.encode(page.nextCursor()), Render::entity);
    }

    @GET
    @Path("{domain}/entities/{kind}/{id}")
    @Allow({Role.ANALYST, Role.OPERATOR})
    public Response entity(@PathParam("domain") String domain, @PathParam("kind") String kind, @PathParam("id") String id) {
        services.plugins().domain(domain);
        Entity e = services.journal().entity(domain, kind, id).orElseThrow(() -> noEntity(kind, id));
        return Json.ok(json -> Render.entity(json, e));
    }

    @PUT
    @Path("{domain}/entities/{kind}/{id}")
    @Consumes("application/json")
    @Allow(Role.OPERATOR)
    public Response put(@PathParam("domain") String domain, @PathParam("kind") String kind, @PathParam("id") String id, InputStream body) {
        services.plugins().domain(domain);
        Input in = new Input(Json.parse(body), "", ENTITY);
        same(in, "kind", kind);
        same(in, "id", id);
        Map<String, List<String>> attributes = new TreeMap<>();
        if (in.has("attributes")) {
            JsonNode node = in.get("attributes");
            Set<String> names = new java.util.HashSet<>();
            node.fieldNames().forEachRemaining(names::add);
            Input a = new Input(node, "/attributes", names);
            for (String name : names) {
                Input.id(name, a.at(name));
                if (a.has(name)) {
                    attributes.put(name, a.get(name).isTextual() ? List.of(a.text(name, 4000)) : a.ids(name, 1000));
                }
            }
        }
        String title = in.text("title", 4000);
        Entity e = new Entity(Input.id(kind, "?kind"), Input.id(id, "?id"), title == null ? id : title, attributes);
        boolean there = services.journal().entity(domain, kind, id).isPresent();
        services.journal().put(domain, e);
        Current.changed(there ? "there" : "", "put");
        services.forgetTitles();
        return Json.answer(there ? 200 : 201, json -> Render.entity(json, e)).build();
    }

    private static void same(Input in, String name, String path) {
        String v = in.id(name);
        if (v != null && !v.equals(path)) {
            throw WhereforeException.invalid("/" + name, "the body says '" + v + "', the address '" + path + "'");
        }
    }

    @DELETE
    @Path("{domain}/entities/{kind}/{id}")
    @Allow(Role.OPERATOR)
    public Response delete(@PathParam("domain") String domain, @PathParam("kind") String kind, @PathParam("id") String id) {
        services.plugins().domain(domain);
        if (!services.journal().delete(domain, kind, id)) {
            throw noEntity(kind, id);
        }
        Current.changed("there", "");
        services.forgetTitles();
        return Response.noContent().build();
    }

    private static WhereforeException noEntity(String kind, String id) {
        return new WhereforeException(ErrorCode.NOT_FOUND, "there is no " + Input.shorten(kind) + " '" + Input.shorten(id) + "'");
    }

    /** A person's history, newest first; empty for a person nothing is known of. */
    @GET
    @Path("{domain}/entities/user/{id}/events")
    @Allow({Role.ANALYST, Role.OPERATOR})
    public Response history(@PathParam("domain") String domain, @PathParam("id") String id,
            @QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        services.plugins().domain(domain);
        int max = Lists.limit(limit);
        List<Event> newest = new ArrayList<>(services.journal().history(domain, id, cursor == null ? max + 1 : PredictionRequest.MAX_HISTORY));
        Collections.reverse(newest);
        int from = 0;
        if (cursor != null) {
            String after = Lists.decode(cursor);
            while (from < newest.size() && !newest.get(from).id().equals(after)) {
                from++;
            }
            if (from++ == newest.size()) {
                throw WhereforeException.invalid("?cursor", "the cursor is not one that was given out here, or its event is gone");
            }
        }
        int to = Math.min(newest.size(), from + max);
        var titles = services.titles(domain);
        return Lists.answer(newest.subList(from, to), to < newest.size() ? Lists.encode(newest.get(to - 1).id()) : null,
                (json, e) -> Render.event(json, e, titles));
    }

    /** Offline figures of the model in use; online figures of every version that answered. */
    @GET
    @Path("{domain}/metrics")
    @Allow({Role.ANALYST, Role.OPERATOR, Role.AUDITOR})
    public Response metrics(@PathParam("domain") String domain) {
        services.plugins().domain(domain);
        ModelVersion v = services.registry().find(ModelRef.alias(domain, ModelRef.CHAMPION)).orElse(null);
        Map<String, Online> online = new TreeMap<>();
        services.journal().predictionCounts(domain).forEach((key, count) -> {
            boolean explained = Online.explained(key);
            online.computeIfAbsent(Online.version(key), x -> new Online()).predictions.merge(explained, count, Long::sum);
        });
        for (FeedbackCount c : services.journal().feedbackCounts(domain)) {
            online.computeIfAbsent(c.model() + ":" + c.version(), x -> new Online()).feedback.add(c);
        }
        return Json.ok(json -> {
            json.writeStartObject();
            json.writeStringField("domain", domain);
            json.writeFieldName("model");
            if (v == null) {
                json.writeNull();
            } else {
                Render.model(json, v.info());
            }
            Json.numbers(json, "offline", v == null ? Map.of() : v.metrics());
            json.writeArrayFieldStart("online");
            for (var e : online.entrySet()) {
                e.getValue().write(json, e.getKey());
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    /** What people did with the answers of one model version. */
    private static final class Online {
        final Map<Boolean, Long> predictions = new TreeMap<>();
        final List<FeedbackCount> feedback = new ArrayList<>();

        static boolean explained(String key) {
            String tail = key.toLowerCase(Locale.ROOT);
            return tail.endsWith("true") || tail.endsWith("explained") && !tail.endsWith("unexplained");
        }

        /** {@code shop:3:true} to {@code shop:3}. */
        static String version(String key) {
            int colon = key.indexOf(':');
            int end = colon + 1;
            while (end < key.length() && Character.isDigit(key.charAt(end))) {
                end++;
            }
            return colon < 0 ? key : key.substring(0, end);
        }

        void write(JsonGenerator json, String model) throws IOException {
            json.writeStartObject();
            json.writeStringField("model", model);
            for (boolean explained : new boolean[] {true, false}) {
                long shown = predictions.getOrDefault(explained, 0L);
                Map<String, Long> kinds = new TreeMap<>();
                feedback.stream().filter(f -> f.explained() == explained).forEach(f -> kinds.merge(f.kind(), f.count(), Long::sum));
                json.writeObjectFieldStart(explained ? "withExplanation" : "withoutExplanation");
                json.writeNumberField("predictions", shown);
                json.writeObjectFieldStart("feedback");
                for (var k : kinds.entrySet()) {
                    json.writeNumberField(k.getKey(), k.getValue());
                }
                json.writeEndObject();
                Map<String, Double> rates = new LinkedHashMap<>();
                if (shown > 0) {
                    rates.put("click", kinds.getOrDefault("click", 0L) / (double) shown);
                    rates.put("purchase", kinds.getOrDefault("purchase", 0L) / (double) shown);
                }
                Json.numbers(json, "perPrediction", rates);
                json.writeEndObject();
            }
            json.writeEndObject();
        }
    }

    @POST
    @Path("{domain}/trainings")
    @Consumes("application/json")
    @Allow(Role.OPERATOR)
    public Response train(@PathParam("domain") String domain, InputStream body) {
        services.plugins().domain(domain);
        Input in = new Input(Json.parse(body), "", TRAIN);
        String data = in.required("data", 4000);
        String engine = in.text("engine", Input.MAX_ID);
        if (engine != null) {
            services.plugins().engine(engine);
        }
        Map<String, String> parameters = new TreeMap<>();
        if (in.has("parameters")) {
            JsonNode node = in.get("parameters");
            Set<String> names = new java.util.HashSet<>();
            node.fieldNames().forEachRemaining(names::add);
            Input p = new Input(node, "/parameters", names);
            for (String name : names) {
                if (!node.get(name).isValueNode() || node.get(name).isNull()) {
                    throw WhereforeException.invalid(p.at(name), "expected a text, number or flag, got " + Input.type(node.get(name)));
                }
                parameters.put(name, node.get(name).asText());
            }
        }
        services.training();
        Jobs.Job job = jobs.train(domain, data, engine, parameters, in.integer("seed", Long.MIN_VALUE, Long.MAX_VALUE, 7),
                (int) in.integer("threads", 1, 256, Runtime.getRuntime().availableProcessors()));
        Current.changed("jobs/" + job.id(), "", "queued");
        return Json.answer(202, job::write).header(HttpHeaders.LOCATION, "/api/v1/jobs/" + job.id()).build();
    }
}
