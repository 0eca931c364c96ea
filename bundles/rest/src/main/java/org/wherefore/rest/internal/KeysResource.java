package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.ApiKey;
import org.wherefore.api.access.ApiKeys;
import org.wherefore.api.access.Caller;
import org.wherefore.api.access.Limits;
import org.wherefore.api.access.Role;

/** Keys: who has which, giving and taking them; and who the asker is. Thread-safe. */
@Component(service = KeysResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1")
@Produces("application/json")
public class KeysResource {
    private static final Set<String> CREATE = Set.of("name", "roles", "expires", "limits");
    private static final Set<String> LIMITS = Set.of("requestsPerSecond", "evaluationsPerMinute", "bodyBytes");
    private final Services services;

    @Activate
    public KeysResource(@Reference Services services) {
        this.services = services;
    }

    /** The caller as the server sees it: a page asks what it may offer. */
    @GET
    @Path("me")
    @Allow({Role.VIEWER, Role.ANALYST, Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    public Response me() {
        Caller c = Current.caller();
        return Json.ok(json -> {
            json.writeStartObject();
            json.writeStringField("id", c.id());
            json.writeStringField("name", c.name());
            Json.texts(json, "roles", c.roles().stream().sorted().map(Role::text).toList());
            limits(json, c.limits());
            json.writeEndObject();
        });
    }

    @GET
    @Path("keys")
    @Allow(Role.AUDITOR)
    public Response keys(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return Lists.page(services.keys().list(), ApiKey::id, cursor, limit, (json, k) -> {
            json.writeStartObject();
            key(json, k);
            json.writeEndObject();
        });
    }

    @POST
    @Path("keys")
    @Consumes("application/json")
    @Allow(value = {}, replayed = false)
    public Response create(InputStream body) {
        Input in = new Input(Json.parse(body), "", CREATE);
        Set<Role> roles = new LinkedHashSet<>();
        JsonNode given = in.get("roles");
        if (given == null || !given.isArray() || given.isEmpty()) {
            throw WhereforeException.invalid("/roles", "'roles' is an array of at least one of " + Role.texts(java.util.List.of(Role.values())));
        }
        for (int i = 0; i < given.size(); i++) {
            roles.add(Role.of(Input.text(given.get(i), "/roles/" + i, 64)));
        }
        Limits limits = null;
        if (in.has("limits")) {
            Input l = new Input(in.get("limits"), "/limits", LIMITS);
            limits = new Limits(l.number("requestsPerSecond", 0), l.number("evaluationsPerMinute", 0), l.integer("bodyBytes", 0, Long.MAX_VALUE, 0));
        }
        ApiKeys.Created made = services.keys().create(in.required("name", 100), roles, limits, in.has("expires") ? in.time("expires", Instant.EPOCH) : null, Current.who());
        Current.changed("/api/v1/keys/" + made.key().id(), "", made.key().name() + " (" + Role.texts(made.key().roles()) + ")");
        return Json.answer(201, json -> {
            json.writeStartObject();
            json.writeStringField("key", made.secret());
            key(json, made.key());
            json.writeEndObject();
        }).header(HttpHeaders.LOCATION, "/api/v1/keys/" + made.key().id()).header(HttpHeaders.CACHE_CONTROL, "no-store").build();
    }

    @DELETE
    @Path("keys/{id}")
    @Allow({})
    public Response revoke(@PathParam("id") String id) {
        boolean was = services.keys().list().stream().anyMatch(k -> k.id().equals(id) && k.revoked() == null);
        ApiKey k = services.keys().revoke(id);
        Current.changed(was ? "good" : "revoked", "revoked");
        return Json.ok(json -> {
            json.writeStartObject();
            key(json, k);
            json.writeEndObject();
        });
    }

    private static void key(JsonGenerator json, ApiKey k) throws IOException {
        json.writeStringField("id", k.id());
        json.writeStringField("name", k.name());
        Json.texts(json, "roles", k.roles().stream().sorted().map(Role::text).toList());
        limits(json, k.limits());
        json.writeStringField("state", k.good(Instant.now()) ? "good" : k.revoked() != null ? "revoked" : "expired");
        json.writeStringField("created", k.created().toString());
        json.writeStringField("createdBy", k.createdBy());
        json.writeStringField("expires", k.expires() == null ? null : k.expires().toString());
        json.writeStringField("revoked", k.revoked() == null ? null : k.revoked().toString());
    }

    private static void limits(JsonGenerator json, Limits l) throws IOException {
        json.writeObjectFieldStart("limits");
        json.writeNumberField("requestsPerSecond", l.requestsPerSecond());
        json.writeNumberField("evaluationsPerMinute", l.evaluationsPerMinute());
        json.writeNumberField("bodyBytes", l.bodyBytes());
        json.writeEndObject();
    }
}
