package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Role;
import org.wherefore.api.platform.FeatureInfo;
import org.wherefore.api.platform.FeatureOrder;
import org.wherefore.api.platform.FeaturePlan;
import org.wherefore.api.platform.FeatureReport;
import org.wherefore.api.platform.FeatureSet;
import org.wherefore.api.platform.Features;

/** The features that the server is made of: listed, planned, changed by a plan. Thread-safe. */
@Component(service = FeaturesResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1/features")
@Produces("application/json")
public class FeaturesResource {
    static final Set<String> ORDER = Set.of("install", "remove");
    private final Services services;
    private final Feed feed;

    @Activate
    public FeaturesResource(@Reference Services services, @Reference Feed feed) {
        this.services = services;
        this.feed = feed;
    }

    @GET
    @Allow({Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    public Response features(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        FeatureSet set = services.features().list();
        Response page = Lists.page(set.features(), f -> f.name() + ":" + f.id(), cursor, limit, FeaturesResource::feature, json -> {
            json.writeObjectFieldStart("framework");
            json.writeNumberField("bundles", set.bundles());
            json.writeNumberField("wirings", set.wirings());
            json.writeEndObject();
        });
        return Response.fromResponse(page).header(HttpHeaders.ETAG, quoted(set.tag())).build();
    }

    @GET
    @Path("{name}")
    @Allow({Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    public Response feature(@PathParam("name") String name) {
        FeatureSet set = services.features().list();
        FeatureInfo found = set.features().stream().filter(f -> f.name().equals(name)).findFirst()
                .orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "there is no feature '" + Input.shorten(name) + "'; known: "
                        + set.features().stream().map(FeatureInfo::name).distinct().toList()));
        return Json.answer(200, json -> feature(json, found)).header(HttpHeaders.ETAG, quoted(set.tag())).build();
    }

    @POST
    @Path("archives")
    @Consumes("application/zip")
    @Allow(Role.PLUGIN_ADMIN)
    public Response stage(InputStream body) {
        if (body == null) {
            throw WhereforeException.invalid(null, "the body is empty; send the archive itself");
        }
        String ref = services.features().stage(body);
        return Json.answer(201, json -> {
            json.writeStartObject();
            json.writeStringField("archive", ref);
            json.writeEndObject();
        }).build();
    }

    @POST
    @Consumes("application/json")
    @Allow(Role.PLUGIN_ADMIN)
    public Response apply(@HeaderParam(HttpHeaders.IF_MATCH) String match, InputStream body) {
        return change(order(body), match);
    }

    @DELETE
    @Path("{name}")
    @Allow(Role.PLUGIN_ADMIN)
    public Response remove(@PathParam("name") String name, @HeaderParam(HttpHeaders.IF_MATCH) String match) {
        return change(new FeatureOrder(List.of(), List.of(Input.id(name, "?name"))), match);
    }

    private Response change(FeatureOrder order, String match) {
        if (match == null) {
            throw new Refused(428, "precondition-required", null, "changing features needs If-Match with the ETag of GET /api/v1/features or of the plan");
        }
        String tag = services.features().list().tag();
        if (!match.trim().equals(quoted(tag))) {
            throw new Refused(412, "precondition-failed", null, "the features changed since; the ETag is now " + quoted(tag) + ", plan again");
        }
        FeatureReport report = services.features().apply(order, tag);
        Current.changed("features", tag, report.tag() + " " + order);
        feed.publish("feature", json -> report(json, report));
        return Json.answer(200, json -> report(json, report)).header(HttpHeaders.ETAG, quoted(report.tag())).build();
    }

    static FeatureOrder order(InputStream body) {
        Input in = new Input(Json.parse(body), "", ORDER);
        List<String> install = in.ids("install", FeatureOrder.MAX);
        List<String> remove = in.ids("remove", FeatureOrder.MAX);
        return new FeatureOrder(install == null ? List.of() : install, remove == null ? List.of() : remove);
    }

    static String quoted(String tag) {
        return "\"" + tag + "\"";
    }

    private static void feature(JsonGenerator json, FeatureInfo f) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", f.name());
        json.writeStringField("id", f.id());
        json.writeStringField("title", f.title());
        json.writeStringField("state", f.state());
        json.writeStringField("source", f.source());
        json.writeStringField("change", f.change());
        Json.texts(json, "requires", f.requires());
        json.writeArrayFieldStart("bundles");
        for (FeatureInfo.Bundle b : f.bundles()) {
            json.writeStartObject();
            json.writeStringField("id", b.id());
            Json.texts(json, "owners", b.owners());
            json.writeStringField("trust", b.trust());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    static void plan(JsonGenerator json, FeaturePlan p) throws IOException {
        json.writeStartObject();
        json.writeStringField("tag", p.tag());
        Json.texts(json, "install", p.install());
        Json.texts(json, "update", p.update());
        Json.texts(json, "remove", p.remove());
        json.writeArrayFieldStart("steps");
        for (FeaturePlan.Step s : p.steps()) {
            json.writeStartObject();
            json.writeStringField("action", s.action());
            json.writeStringField("subject", s.subject());
            json.writeStringField("version", s.version());
            json.writeStringField("reason", s.reason());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void report(JsonGenerator json, FeatureReport r) throws IOException {
        json.writeStartObject();
        json.writeFieldName("plan");
        plan(json, r.plan());
        json.writeStringField("tag", r.tag());
        Json.texts(json, "touched", r.touched());
        json.writeBooleanField("asPlanned", r.unplanned().isEmpty());
        Json.texts(json, "unplanned", r.unplanned());
        Json.texts(json, "problems", r.problems());
        json.writeEndObject();
    }
}
