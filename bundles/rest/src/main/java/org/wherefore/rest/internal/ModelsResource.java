package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.InputStream;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Role;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.GlobalExplanation;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelArchives;
import org.wherefore.api.registry.ModelServing;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Retention;
import org.wherefore.api.registry.Transition;

/** The registry: versions, aliases with strong ETags, promotion and rollback, archives. Thread-safe. */
@Component(service = ModelsResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1/models")
@Produces("application/json")
public class ModelsResource {
    private static final Set<String> PROMOTE = Set.of("version", "why");
    private static final Set<String> ROLLBACK = Set.of("alias", "why");
    private static final Set<String> PRUNE = Set.of("keep", "rollbackTargets", "dryRun", "why");
    private final Services services;
    private final Feed feed;

    @Activate
    public ModelsResource(@Reference Services services, @Reference Feed feed) {
        this.services = services;
        this.feed = feed;
    }

    @GET
    @Allow({Role.ANALYST, Role.OPERATOR, Role.AUDITOR})
    public Response models(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return Lists.page(services.registry().names(), n -> n, cursor, limit, (json, n) -> model(json, n, false));
    }

    @GET
    @Path("{name}")
    @Allow({Role.ANALYST, Role.OPERATOR, Role.AUDITOR})
    public Response model(@PathParam("name") String name) {
        versions(name);
        return Json.ok(json -> model(json, name, true));
    }

    @GET
    @Path("{name}/versions")
    @Allow({Role.ANALYST, Role.OPERATOR, Role.AUDITOR})
    public Response list(@PathParam("name") String name, @QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        Map<String, Integer> aliases = services.registry().aliases(name);
        return Lists.page(versions(name), v -> String.format("%010d", v.info().version()), cursor, limit,
                (json, v) -> Render.version(json, v, aliases));
    }

    @GET
    @Path("{name}/versions/{version}")
    @Allow({Role.ANALYST, Role.OPERATOR, Role.AUDITOR})
    public Response version(@PathParam("name") String name, @PathParam("version") String version) {
        ModelVersion v = found(name, version);
        return Json.ok(json -> Render.version(json, v, services.registry().aliases(name)));
    }

    /** What was last measured and stored, by whichever process; nothing is measured here. */
    @GET
    @Path("{name}/versions/{version}/importance")
    @Allow({Role.ANALYST, Role.OPERATOR, Role.AUDITOR})
    public Response importance(@PathParam("name") String name, @PathParam("version") String version) {
        ModelRef ref = ModelRef.version(name, found(name, version).info().version());
        // a pack's own model has its name, which its classical one has not
        String domain = services.plugins().domains().stream().map(DomainPack::id).filter(name::equals).findFirst().orElse("DOMAIN");
        GlobalExplanation g = services.overall().last(ref).orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "what model " + ref
                + " looks at overall was not measured yet; measure it, while this server is stopped: ./wherefore evaluate " + domain
                + " --data FILE.json --model " + ref + " --global"));
        return Json.ok(json -> RenderImportance.write(json, g, services.titles(name)));
    }

    private ModelVersion found(String name, String version) {
        versions(name);
        return services.registry().find(ModelRef.version(name, (int) Input.query("version", version, 1, Integer.MAX_VALUE, 1)))
                .orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "model '" + name + "' has no version " + version));
    }

    @GET
    @Path("{name}/aliases")
    @Allow({Role.ANALYST, Role.OPERATOR, Role.AUDITOR})
    public Response aliases(@PathParam("name") String name, @QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        versions(name);
        return Lists.page(List.copyOf(services.registry().aliases(name).entrySet()), Map.Entry::getKey, cursor, limit,
                (json, a) -> alias(json, name, a.getKey(), a.getValue()));
    }

    @GET
    @Path("{name}/aliases/{alias}")
    @Allow({Role.ANALYST, Role.OPERATOR, Role.AUDITOR})
    public Response alias(@PathParam("name") String name, @PathParam("alias") String alias) {
        versions(name);
        // read before the version: a move in between makes the tag too old, never too new
        String tag = tag(name, alias);
        Integer version = services.registry().aliases(name).get(alias);
        if (version == null) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "model '" + name + "' has no alias '" + Input.shorten(alias) + "'");
        }
        return Json.answer(200, json -> alias(json, name, alias, version)).header(HttpHeaders.ETAG, tag).build();
    }

    @PUT
    @Path("{name}/aliases/{alias}")
    @Consumes("application/json")
    @Allow(Role.OPERATOR)
    public Response promote(@PathParam("name") String name, @PathParam("alias") String alias,
            @HeaderParam(HttpHeaders.IF_MATCH) String match, InputStream body) {
        versions(name);
        Input in = new Input(Json.parse(body), "", PROMOTE);
        if (!in.has("version")) {
            throw WhereforeException.invalid("/version", "'version' is required");
        }
        int version = (int) in.integer("version", 1, Integer.MAX_VALUE, 1);
        String why = in.text("why", 4000);
        long seen = seen(name, Input.id(alias, "?alias"), match, true);
        return moved(IfMatch.changed(() -> services.serving().promote(name, alias, version, seen, Current.who(), why == null ? "" : why)));
    }

    @POST
    @Path("{name}/rollback")
    @Consumes("application/json")
    @Allow(Role.OPERATOR)
    public Response rollback(@PathParam("name") String name, @HeaderParam(HttpHeaders.IF_MATCH) String match, InputStream body) {
        versions(name);
        byte[] bytes = Json.read(body);
        JsonNode node = bytes.length == 0 ? null : Json.parse(bytes, 0, bytes.length, 0);
        Input in = node == null ? null : new Input(node, "", ROLLBACK);
        String alias = in == null || !in.has("alias") ? ModelRef.CHAMPION : in.id("alias");
        String why = in == null ? null : in.text("why", 4000);
        if (!services.registry().aliases(name).containsKey(alias)) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "model '" + name + "' has no alias '" + Input.shorten(alias) + "'");
        }
        long seen = seen(name, alias, match, false);
        return moved(IfMatch.changed(() -> services.serving().rollback(name, alias, seen, Current.who(), why == null ? "" : why)));
    }

    private Response moved(Transition t) {
        Current.changed(t.model() + "@" + t.alias(), t.from() == 0 ? "" : t.model() + ":" + t.from(), t.model() + ":" + t.to());
        return Json.answer(200, json -> alias(json, t.model(), t.alias(), t.to()))
                .header(HttpHeaders.ETAG, tag(t.to(), t.sequence())).build();
    }

    /** What the caller says it saw. @param required whether an alias that is there may be moved by tag only */
    private long seen(String name, String alias, String match, boolean required) {
        long sequence = services.serving().moved(name, alias);
        Integer version = services.registry().aliases(name).get(alias);
        if (match == null && version != null) {
            if (required) {
                throw IfMatch.required("/aliases/" + alias);
            }
            return ModelServing.ANY;
        }
        return match == null ? sequence : IfMatch.seen(match, version == null ? null : tag(version, sequence), sequence, "alias '" + alias + "' moved");
    }

    private String tag(String name, String alias) {
        return tag(services.registry().aliases(name).getOrDefault(alias, 0), services.serving().moved(name, alias));
    }

    private static String tag(int version, long sequence) {
        return "\"" + version + "." + sequence + "\"";
    }

    // ---- archives and retention

    /** The version as one file, streamed. */
    @GET
    @Path("{name}/versions/{version}/archive")
    @Produces(ModelArchives.MEDIA_TYPE)
    @Allow(Role.OPERATOR)
    public Response archive(@PathParam("name") String name, @PathParam("version") String version) {
        ModelRef ref = ModelRef.version(name, found(name, version).info().version());
        // what can't be loaded is told before the answer begins
        services.registry().lease(ref).ifPresent(Lease::close);
        ModelArchives archives = services.archives();
        return Response.ok((StreamingOutput) out -> archives.write(ref, out)).type(ModelArchives.MEDIA_TYPE)
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"" + name + "-" + ref.version() + ".zip\"").build();
    }

    /** A new version out of an archive; no alias moves. */
    @POST
    @Path("{name}/versions")
    @Consumes(ModelArchives.MEDIA_TYPE)
    @Allow(Role.OPERATOR)
    public Response importArchive(@PathParam("name") String name, @QueryParam("why") String why, InputStream body) {
        if (body == null) {
            throw WhereforeException.invalid(null, "the body is empty; send the archive itself");
        }
        String reason = why == null ? "" : why;
        if (reason.length() > 4000) {
            throw WhereforeException.invalid("?why", "at most 4000 characters, got " + reason.length());
        }
        ModelVersion v = services.serving().importArchive(name, body, Current.who(), reason);
        Current.changed(v.info().name() + ":" + v.info().version(), "", v.info().digest());
        feed.publish("model", json -> {
            json.writeStartObject();
            json.writeStringField("model", name);
            json.writeStringField("kind", "import");
            json.writeNumberField("to", v.info().version());
            json.writeStringField("digest", v.info().digest());
            json.writeStringField("who", v.provenance().getOrDefault("imported.by", ""));
            json.writeStringField("why", reason);
            json.writeStringField("when", v.created().toString());
            json.writeEndObject();
        });
        return Json.answer(201, json -> Render.version(json, v, services.registry().aliases(name)))
                .header(HttpHeaders.LOCATION, "/api/v1/models/" + name + "/versions/" + v.info().version()).build();
    }

    /** Deletes old versions, or says which it would. */
    @POST
    @Path("{name}/prune")
    @Consumes("application/json")
    @Allow(Role.OPERATOR)
    public Response prune(@PathParam("name") String name, InputStream body) {
        versions(name);
        Input in = new Input(Json.parse(body), "", PRUNE);
        if (!in.has("keep")) {
            throw WhereforeException.invalid("/keep", "'keep' is required: how many of the newest versions stay");
        }
        Retention retention = new Retention((int) in.integer("keep", 1, Integer.MAX_VALUE, 1), in.flag("rollbackTargets"));
        boolean dryRun = in.flag("dryRun");
        String why = in.text("why", 4000);
        List<Integer> versions = dryRun ? services.registry().prunable(name, retention)
                : services.serving().prune(name, retention, Current.who(), why == null ? "" : why).stream().map(Transition::from).toList();
        if (!versions.isEmpty() && !dryRun) {
            Current.changed(name, "versions " + versions, "");
        }
        return Json.ok(json -> {
            json.writeStartObject();
            json.writeStringField("model", name);
            json.writeBooleanField("dryRun", dryRun);
            json.writeArrayFieldStart("versions");
            for (int v : versions) {
                json.writeNumber(v);
            }
            json.writeEndArray();
            json.writeEndObject();
        });
    }

    private List<ModelVersion> versions(String name) {
        List<ModelVersion> versions = services.registry().versions(name);
        if (versions.isEmpty()) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "there is no model '" + Input.shorten(name) + "'; there are "
                    + services.registry().names());
        }
        return versions;
    }

    private void model(JsonGenerator json, String name, boolean full) throws IOException {
        List<ModelVersion> versions = services.registry().versions(name);
        Map<String, Integer> aliases = new TreeMap<>(services.registry().aliases(name));
        json.writeStartObject();
        json.writeStringField("name", name);
        json.writeNumberField("latest", versions.stream().mapToInt(v -> v.info().version()).max().orElse(0));
        json.writeObjectFieldStart("aliases");
        for (var a : aliases.entrySet()) {
            json.writeNumberField(a.getKey(), a.getValue());
        }
        json.writeEndObject();
        if (full) {
            json.writeArrayFieldStart("versions");
            for (ModelVersion v : versions.stream().sorted(Comparator.comparing(v -> v.info().version())).toList()) {
                Render.version(json, v, aliases);
            }
            json.writeEndArray();
            json.writeArrayFieldStart("transitions");
            for (Transition t : services.registry().transitions(name)) {
                Render.transition(json, t);
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private static void alias(JsonGenerator json, String name, String alias, int version) throws IOException {
        json.writeStartObject();
        json.writeStringField("model", name);
        json.writeStringField("alias", alias);
        json.writeNumberField("version", version);
        json.writeEndObject();
    }
}
