package org.wherefore.rest.internal;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.access.Role;
import org.wherefore.api.platform.FeaturePlan;

/** What a change of features would do; its ETag is what applying it needs. Thread-safe. */
@Component(service = FeaturePlanResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1/features:plan")
@Produces("application/json")
public class FeaturePlanResource {
    private final Services services;

    @Activate
    public FeaturePlanResource(@Reference Services services) {
        this.services = services;
    }

    @POST
    @Consumes("application/json")
    @Allow(value = {Role.OPERATOR, Role.PLUGIN_ADMIN}, audited = false)
    public Response plan(InputStream body) {
        FeaturePlan plan = services.features().plan(FeaturesResource.order(body));
        return Json.answer(200, json -> FeaturesResource.plan(json, plan)).header(HttpHeaders.ETAG, FeaturesResource.quoted(plan.tag())).build();
    }
}
