package org.wherefore.rest.internal;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.predict.Plugins;

/** Addresses outside the versioned API: life, readiness, the contract and the pages of problem types. Thread-safe. */
@Component(service = SystemResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("/")
public class SystemResource {
    private final Services services;
    private final byte[] openapi;

    @Activate
    public SystemResource(@Reference Services services) {
        this.services = services;
        try (InputStream in = SystemResource.class.getResourceAsStream("openapi.json")) {
            openapi = in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The console's page; a servlet can't take it, as this whiteboard's servlet owns the root. */
    @GET
    @Open
    public Response root() {
        return Response.status(302).header("Location", "/console/").build();
    }

    @GET
    @Path("livez")
    @Produces("application/json")
    @Open
    public Response live() {
        return Json.ok(json -> {
            json.writeStartObject();
            json.writeStringField("status", "ok");
            json.writeEndObject();
        });
    }

    /** Ready when predictions can be asked for: the services run and a domain pack is installed. */
    @GET
    @Path("readyz")
    @Produces("application/json")
    @Open
    public Response ready() {
        Map<String, Boolean> checks = new LinkedHashMap<>();
        checks.put("predictions", services.predictions != null);
        checks.put("journal", services.journal != null);
        checks.put("registry", services.registry != null);
        checks.put("access", services.access != null && services.audit != null);
        Plugins plugins = services.plugins;
        List<String> domains = plugins == null ? List.of() : plugins.domains().stream().map(d -> d.id()).sorted().toList();
        checks.put("domains", !domains.isEmpty());
        boolean ready = !checks.containsValue(false);
        return Json.answer(ready ? 200 : 503, json -> {
            json.writeStartObject();
            json.writeStringField("status", ready ? "ready" : "not ready");
            json.writeObjectFieldStart("checks");
            for (var c : checks.entrySet()) {
                json.writeBooleanField(c.getKey(), c.getValue());
            }
            json.writeEndObject();
            Json.texts(json, "domains", domains);
            json.writeEndObject();
        }).build();
    }

    @GET
    @Path("openapi.json")
    @Produces("application/json")
    @Open
    public Response openapi() {
        return Response.ok(openapi).build();
    }

    @GET
    @Path("problems/{code}")
    @Produces("text/html;charset=UTF-8")
    @Open
    public Response problem(@PathParam("code") String code) {
        String[] known = Problem.KNOWN.get(code);
        if (known == null) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "there is no problem type '" + Input.shorten(code) + "'");
        }
        return Response.ok("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
                + "<title>" + known[0] + "</title><body style=\"font:16px/1.5 system-ui;max-width:40rem;margin:4rem auto;padding:0 1rem\">"
                + "<h1>" + known[0] + "</h1><p><code>" + code + "</code></p><p>" + known[1] + "</p></body></html>").build();
    }
}
