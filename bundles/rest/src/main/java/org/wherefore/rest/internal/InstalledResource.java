package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Role;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.predict.StrategyState;

/** What is installed, with its declared parameters. Thread-safe. */
@Component(service = InstalledResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1")
@Produces("application/json")
public class InstalledResource {
    private final Services services;

    @Activate
    public InstalledResource(@Reference Services services) {
        this.services = services;
    }

    /** @param fares of strategies only, otherwise null */
    private record Plugin(String name, String version, boolean standard, List<Parameter> parameters, StrategyState fares) {
        Plugin(String name, List<Parameter> parameters) {
            this(name, null, false, parameters, null);
        }
    }

    @GET
    @Path("strategies")
    @Allow({Role.VIEWER, Role.ANALYST, Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    public Response strategies(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return page(strategies(), cursor, limit);
    }

    private List<Plugin> strategies() {
        List<Explainer> all = services.plugins().explainers();
        Map<String, StrategyState> states = new HashMap<>();
        // of two with one name, the one that answers
        for (StrategyState s : services.strategies().states()) {
            states.merge(s.name(), s, (a, b) -> a.quarantined() ? b : a);
        }
        String standard = standard();
        return all.stream().map(e -> new Plugin(e.name(), e.version(), e.name().equals(standard), e.parameters(), states.get(e.name()))).toList();
    }

    /** Name of the default strategy, or null when it is not installed. */
    private String standard() {
        try {
            return services.plugins().explainer("").name();
        } catch (WhereforeException e) {
            return null;
        }
    }

    /** Lifts a quarantine. */
    @POST
    @Path("strategies/{name: [^/:]+}:release")
    @Allow({Role.OPERATOR, Role.PLUGIN_ADMIN})
    public Response release(@PathParam("name") String name) {
        StrategyState now = services.strategies().release(name);
        Current.changed("", now.state());
        Plugin p = strategies().stream().filter(x -> x.name().equals(now.name())).findFirst()
                .orElseGet(() -> new Plugin(now.name(), now.version(), false, List.of(), now));
        return Json.ok(json -> write(json, p));
    }

    @GET
    @Path("engines")
    @Allow({Role.VIEWER, Role.ANALYST, Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    public Response engines(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return page(services.plugins().engines().stream().map(e -> new Plugin(e.name(), e.parameters())).toList(), cursor, limit);
    }

    @GET
    @Path("connectors")
    @Allow({Role.VIEWER, Role.ANALYST, Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    public Response connectors(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return page(services.plugins().connectors().stream().map(c -> new Plugin(c.name(), c.parameters())).toList(), cursor, limit);
    }

    @GET
    @Path("extractors")
    @Allow({Role.VIEWER, Role.ANALYST, Role.OPERATOR, Role.PLUGIN_ADMIN, Role.AUDITOR})
    public Response extractors(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return page(services.plugins().extractors().stream().map(e -> new Plugin(e.name(), List.of())).toList(), cursor, limit);
    }

    private static Response page(List<Plugin> all, String cursor, String limit) {
        return Lists.page(all, Plugin::name, cursor, limit, InstalledResource::write);
    }

    private static void write(JsonGenerator json, Plugin p) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", p.name());
        if (p.version() != null) {
            json.writeStringField("version", p.version());
            json.writeBooleanField("default", p.standard());
        }
        if (p.fares() == null) {
            json.writeStringField("state", StrategyState.ACTIVE);
        } else {
            Render.state(json, p.fares());
        }
        Render.parameters(json, p.parameters());
        json.writeEndObject();
    }
}
