package org.wherefore.rest.internal;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Role;
import org.wherefore.api.journal.Feedback;

/** What a reader did with an output. Durable when answered. Thread-safe. */
@Component(service = FeedbackResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1/feedback")
@Produces("application/json")
public class FeedbackResource {
    private static final Set<String> FIELDS = Set.of("prediction", "target", "kind", "value", "comment", "author");
    private static final List<String> KINDS = List.of("click", "purchase", "dismiss", "helpful", "unhelpful", "confirm", "correct");
    private final Services services;
    private final Feed feed;

    @Activate
    public FeedbackResource(@Reference Services services, @Reference Feed feed) {
        this.services = services;
        this.feed = feed;
    }

    @POST
    @Consumes("application/json")
    @Allow({Role.VIEWER, Role.ANALYST})
    public Response feedback(InputStream body) {
        Input in = new Input(Json.parse(body), "", FIELDS);
        String kind = in.required("kind", 64);
        if (!KINDS.contains(kind)) {
            throw WhereforeException.invalid("/kind", "'kind' is one of " + String.join(", ", KINDS) + ", got '" + Input.shorten(kind) + "'");
        }
        String prediction = in.required("prediction", Input.MAX_ID);
        String target = Render.rawTarget(in.required("target", Input.MAX_ID + 5));
        String comment = in.text("comment", 4000);
        String author = in.id("author");
        Feedback f = new Feedback(UUID.randomUUID().toString(), prediction, target, kind, in.number("value", 1),
                comment == null ? "" : comment, author == null ? "" : author, Instant.now());
        services.journal().record(f);
        Current.changed("feedback/" + f.id(), "", kind + " on " + prediction);
        Json.Body answer = json -> {
            json.writeStartObject();
            json.writeStringField("id", f.id());
            json.writeStringField("prediction", f.prediction());
            json.writeStringField("target", "item:" + f.target());
            json.writeStringField("kind", f.kind());
            Json.number(json, "value", f.value());
            json.writeStringField("comment", f.comment());
            json.writeStringField("time", f.time().toString());
            json.writeEndObject();
        };
        feed.publish("feedback", answer);
        return Json.answer(201, answer).build();
    }
}
