package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Role;
import org.wherefore.api.registry.ServingState;
import org.wherefore.api.registry.Traffic;
import org.wherefore.api.registry.Transition;

/** How the requests of a model are split between its versions, and how these fare. Thread-safe. */
@Component(service = TrafficResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1/models/{name}/traffic")
@Produces("application/json")
public class TrafficResource {
    private static final Set<String> SPLIT = Set.of("canary", "shadow", "why");
    private static final Set<String> CANARY = Set.of("version", "percent");
    private static final Set<String> SHADOW = Set.of("version");
    private final Services services;

    @Activate
    public TrafficResource(@Reference Services services) {
        this.services = services;
    }

    @GET
    @Allow({Role.ANALYST, Role.OPERATOR, Role.AUDITOR})
    public Response traffic(@PathParam("name") String name) {
        known(name);
        // read before the state: a change in between makes the tag too old, never too new
        String tag = tag(services.serving().split(name));
        ServingState state = services.serving().state(name);
        return Json.answer(200, json -> write(json, state)).header(HttpHeaders.ETAG, tag).build();
    }

    /** Replaces the split: what is left out ends. */
    @PUT
    @Consumes("application/json")
    @Allow(Role.OPERATOR)
    public Response split(@PathParam("name") String name, @HeaderParam(HttpHeaders.IF_MATCH) String match, InputStream body) {
        known(name);
        Input in = new Input(Json.parse(body), "", SPLIT);
        int canary = 0;
        double percent = 0;
        if (in.has("canary")) {
            Input c = new Input(in.get("canary"), "/canary", CANARY);
            canary = version(c);
            if (!c.has("percent")) {
                throw WhereforeException.invalid("/canary/percent", "'percent' is required: how many of a hundred requests the canary answers");
            }
            percent = c.number("percent", 0);
        }
        Traffic traffic = new Traffic(canary, percent, in.has("shadow") ? version(new Input(in.get("shadow"), "/shadow", SHADOW)) : 0);
        String why = in.text("why", 4000);
        if (match == null) {
            throw IfMatch.required("/traffic");
        }
        long sequence = services.serving().split(name);
        long seen = IfMatch.seen(match, tag(sequence), sequence, "the traffic of model '" + name + "' changed");
        Transition t = IfMatch.changed(() -> services.serving().split(name, traffic, seen, Current.who(), why == null ? "" : why));
        Current.changed(name, "", traffic.toString());
        ServingState state = services.serving().state(name);
        return Json.answer(200, json -> write(json, state)).header(HttpHeaders.ETAG, tag(t.sequence())).build();
    }

    private static int version(Input in) {
        if (!in.has("version")) {
            throw WhereforeException.invalid(in.at("version"), "'version' is required");
        }
        return (int) in.integer("version", 1, Integer.MAX_VALUE, 1);
    }

    private void known(String name) {
        if (services.registry().versions(name).isEmpty()) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "there is no model '" + Input.shorten(name) + "'; there are " + services.registry().names());
        }
    }

    private static String tag(long sequence) {
        return "\"traffic." + sequence + "\"";
    }

    private static void write(JsonGenerator json, ServingState s) throws IOException {
        json.writeStartObject();
        json.writeStringField("model", s.name());
        if (s.champion() == 0) {
            json.writeNullField("champion");
        } else {
            json.writeNumberField("champion", s.champion());
        }
        Render.traffic(json, s.traffic());
        json.writeArrayFieldStart("versions");
        for (ServingState.Version v : s.versions()) {
            json.writeStartObject();
            json.writeNumberField("version", v.version());
            json.writeStringField("role", v.role());
            json.writeStringField("since", v.since().toString());
            json.writeNumberField("requests", v.requests());
            json.writeNumberField("errors", v.errors());
            Json.number(json, "p50Ms", v.p50());
            Json.number(json, "p99Ms", v.p99());
            json.writeNumberField("predictions", v.predictions());
            Json.numbers(json, "feedbackPerPrediction", v.feedback());
            json.writeEndObject();
        }
        json.writeEndArray();
        if (s.shadow() != null) {
            ServingState.Shadow w = s.shadow();
            json.writeObjectFieldStart("shadowFigures");
            json.writeNumberField("version", w.version());
            json.writeStringField("since", w.since().toString());
            json.writeNumberField("compared", w.compared());
            json.writeNumberField("dropped", w.dropped());
            json.writeNumberField("failed", w.failed());
            Json.number(json, "overlap", w.overlap());
            Json.number(json, "scoreDifference", w.difference());
            Json.number(json, "p50Ms", w.p50());
            Json.number(json, "p99Ms", w.p99());
            json.writeEndObject();
        }
        if (s.watched() != 0) {
            json.writeObjectFieldStart("watch");
            json.writeNumberField("version", s.watched());
            if (s.until() != null) {
                json.writeStringField("until", s.until().toString());
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }
}
