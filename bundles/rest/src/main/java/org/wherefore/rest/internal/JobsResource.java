package org.wherefore.rest.internal;

import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.access.Role;

/** Long work: how far it is, and stopping it. Thread-safe. */
@Component(service = JobsResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1/jobs")
@Produces("application/json")
public class JobsResource {
    private final Jobs jobs;

    @Activate
    public JobsResource(@Reference Jobs jobs) {
        this.jobs = jobs;
    }

    @GET
    @Allow({Role.ANALYST, Role.OPERATOR})
    public Response list(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return Lists.page(jobs.all(), Jobs.Job::id, cursor, limit, (json, j) -> j.write(json));
    }

    @GET
    @Path("{id}")
    @Allow({Role.ANALYST, Role.OPERATOR})
    public Response job(@PathParam("id") String id) {
        return Json.ok(jobs.get(id)::write);
    }

    /** Asks it to stop; it is {@code cancelled} soon after. One that is over stays as it is. */
    @DELETE
    @Path("{id}")
    @Allow(Role.OPERATOR)
    public Response cancel(@PathParam("id") String id) {
        Jobs.Job job = jobs.cancel(id);
        Current.changed("", "cancel asked");
        return Json.answer(202, job::write).build();
    }
}
