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
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Role;
import org.wherefore.api.plugin.OfferedService;
import org.wherefore.api.plugin.PluginBundle;
import org.wherefore.api.plugin.PluginBundles;
import org.wherefore.api.plugin.PluginChange;

/** Plugin bundles, uploaded as jars. Thread-safe. */
@Component(service = BundlesResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1/bundles")
@Produces("application/json")
public class BundlesResource {
    private final Services services;
    private final Feed feed;

    @Activate
    public BundlesResource(@Reference Services services, @Reference Feed feed) {
        this.services = services;
        this.feed = feed;
    }

    @GET
    @Allow({Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    public Response bundles(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return Lists.page(services.bundles().list(), PluginBundle::symbolicName, cursor, limit, BundlesResource::bundle);
    }

    @GET
    @Path("{symbolicName}")
    @Allow({Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    public Response bundle(@PathParam("symbolicName") String symbolicName) {
        PluginBundle found = services.bundles().list().stream().filter(b -> b.symbolicName().equals(symbolicName)).findFirst()
                .orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "there is no plugin '" + Input.shorten(symbolicName) + "'; installed: "
                        + services.bundles().list().stream().map(PluginBundle::symbolicName).toList()));
        return Json.ok(json -> bundle(json, found));
    }

    @POST
    @Consumes("application/java-archive")
    @Allow(Role.PLUGIN_ADMIN)
    public Response install(@HeaderParam(HttpHeaders.CONTENT_LENGTH) Long length, InputStream body) {
        if (length != null && length > PluginBundles.MAX_BYTES) {
            throw tooLarge();
        }
        if (body == null) {
            throw WhereforeException.invalid(null, "the body is empty; send the jar itself");
        }
        PluginChange change = services.bundles().install(body);
        Current.changed(change.bundle().symbolicName(), "", change.bundle().version() + " " + change.bundle().digest());
        feed.publish("plugin", json -> change(json, change, change.updated() ? "updated" : "installed"));
        return Json.answer(change.updated() ? 200 : 201, json -> change(json, change, change.updated() ? "updated" : "installed"))
                .header(HttpHeaders.LOCATION, "/api/v1/bundles/" + change.bundle().symbolicName()).build();
    }

    @DELETE
    @Path("{symbolicName}")
    @Allow(Role.PLUGIN_ADMIN)
    public Response remove(@PathParam("symbolicName") String symbolicName) {
        PluginChange change = services.bundles().remove(symbolicName);
        Current.changed(change.bundle().symbolicName(), change.bundle().version() + " " + change.bundle().digest(), "");
        feed.publish("plugin", json -> change(json, change, "removed"));
        return Json.ok(json -> change(json, change, "removed"));
    }

    private static void change(JsonGenerator json, PluginChange change, String what) throws IOException {
        json.writeStartObject();
        json.writeStringField("change", what);
        json.writeFieldName("bundle");
        bundle(json, change.bundle());
        Json.texts(json, "touched", change.touched());
        json.writeEndObject();
    }

    private static void bundle(JsonGenerator json, PluginBundle b) throws IOException {
        json.writeStartObject();
        json.writeStringField("id", b.symbolicName());
        json.writeStringField("symbolicName", b.symbolicName());
        json.writeStringField("version", b.version());
        json.writeStringField("state", b.state());
        json.writeArrayFieldStart("services");
        for (OfferedService s : b.services()) {
            json.writeStartObject();
            json.writeStringField("type", s.type());
            json.writeStringField("name", s.name());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringField("digest", b.digest());
        json.writeObjectFieldStart("signature");
        json.writeStringField("state", b.signature().state());
        json.writeStringField("signer", b.signature().signer());
        json.writeStringField("reason", b.signature().reason());
        json.writeEndObject();
        Json.texts(json, "problems", b.problems());
        json.writeEndObject();
    }

    private static Refused tooLarge() {
        return new Refused(413, "too-large", null, "a plugin's jar is at most " + (PluginBundles.MAX_BYTES >> 20) + " MiB");
    }
}
