package org.wherefore.rest.internal;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.Parameter;

/** What is installed, with its declared parameters. Thread-safe. */
@Component(service = InstalledResource.class, property = "osgi.jakartars.resource=true")
@Path("api/v1")
@Produces("application/json")
public class InstalledResource {
    private final Services services;

    @Activate
    public InstalledResource(@Reference Services services) {
        this.services = services;
    }

    private record Plugin(String name, String version, boolean standard, List<Parameter> parameters) {}

    @GET
    @Path("strategies")
    public Response strategies(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        var all = services.plugins().explainers();
        String standard = all.isEmpty() ? "" : services.plugins().explainer("").name();
        return page(all.stream().map(e -> new Plugin(e.name(), e.version(), e.name().equals(standard), e.parameters())).toList(), cursor, limit);
    }

    @GET
    @Path("engines")
    public Response engines(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return page(services.plugins().engines().stream().map(e -> new Plugin(e.name(), null, false, e.parameters())).toList(), cursor, limit);
    }

    @GET
    @Path("connectors")
    public Response connectors(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return page(services.plugins().connectors().stream().map(c -> new Plugin(c.name(), null, false, c.parameters())).toList(), cursor, limit);
    }

    @GET
    @Path("extractors")
    public Response extractors(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return page(services.plugins().extractors().stream().map(e -> new Plugin(e.name(), null, false, List.of())).toList(), cursor, limit);
    }

    private static Response page(List<Plugin> all, String cursor, String limit) {
        return Lists.page(all, Plugin::name, cursor, limit, (json, p) -> {
            json.writeStartObject();
            json.writeStringField("name", p.name());
            if (p.version() != null) {
                json.writeStringField("version", p.version());
                json.writeBooleanField("default", p.standard());
            }
            json.writeStringField("state", "active");
            Render.parameters(json, p.parameters());
            json.writeEndObject();
        });
    }
}
