package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.AuditEntry;
import org.wherefore.api.access.Role;

/** The audit trail, newest first; its chain is checked by {@code wherefore audit verify}. Thread-safe. */
@Component(service = AuditResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1/audit")
@Produces("application/json")
public class AuditResource {
    private final Services services;

    @Activate
    public AuditResource(@Reference Services services) {
        this.services = services;
    }

    @GET
    @Allow(Role.AUDITOR)
    public Response audit(@QueryParam("cursor") String cursor, @QueryParam("limit") String limit) {
        int max = Lists.limit(limit);
        long before = 0;
        if (cursor != null) {
            try {
                before = Long.parseLong(Lists.decode(cursor));
            } catch (NumberFormatException e) {
                throw WhereforeException.invalid("?cursor", "the cursor is of another list");
            }
        }
        List<AuditEntry> found = services.audit().read(before, max + 1);
        List<AuditEntry> page = found.size() > max ? found.subList(0, max) : found;
        return Lists.answer(page, found.size() > max ? Lists.encode(Long.toString(page.get(max - 1).sequence())) : null, AuditResource::entry);
    }

    private static void entry(JsonGenerator json, AuditEntry e) throws IOException {
        json.writeStartObject();
        json.writeNumberField("sequence", e.sequence());
        json.writeStringField("time", e.time().toString());
        json.writeStringField("who", e.change().who());
        json.writeStringField("action", e.change().action());
        json.writeStringField("target", e.change().target());
        json.writeStringField("before", e.change().before());
        json.writeStringField("after", e.change().after());
        json.writeStringField("outcome", e.change().outcome());
        json.writeStringField("traceId", e.change().trace());
        json.writeStringField("previous", e.previous());
        json.writeStringField("hash", e.hash());
        json.writeEndObject();
    }
}
