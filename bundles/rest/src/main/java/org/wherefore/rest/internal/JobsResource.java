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

/** Long work: how far it is, and stopping it. Thread-safe. */
@Component(service = JobsResource.class, property = "osgi.jakartars.resource=true")
@Path("api/v1/jobs")
@Produces("application/json")
public class JobsResource {
    private final Jobs jobs;

    @Activate
    public JobsResource(@Reference Jobs jobs) {
        this.jobs = jobs;
    }

    @GET
    public Response list(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        return Lists.page(jobs.all(), Jobs.Job::id, cursor, limit, (json, j) -> j.write(json));
    }

    @GET
    @Path("{id}")
    public Response job(@PathParam("id") String id) {
        return Json.ok(jobs.get(id)::write);
    }

    /** Asks it to stop; it is {@code cancelled} soon after. One that is over stays as it is. */
    @DELETE
    @Path("{id}")
    public Response cancel(@PathParam("id") String id) {
        return Json.answer(202, jobs.cancel(id)::write).build();
    }
}
