package org.wherefore.rest.internal;

import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Role;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.journal.Feedback;
import org.wherefore.api.journal.StoredPrediction;

/** What a reader did with an output. Durable when answered. Thread-safe. */
@Component(service = FeedbackResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1/feedback")
@Produces("application/json")
public class FeedbackResource {
    private static final Set<String> FIELDS = Set.of("prediction", "target", "kind", "value", "comment", "author");
    private static final String CONFIRM = "confirm";
    private static final String CORRECT = "correct";
    private static final List<String> KINDS = List.of("click", "purchase", "dismiss", "helpful", "unhelpful", CONFIRM, CORRECT);
    /** Kinds that say what became of a record that was judged: it is the target, or none. */
    private static final List<String> LABELS = List.of(CONFIRM, CORRECT);
    private static final String NONE = "none";
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
        Boolean labelled = LABELS.contains(kind) ? label(f) : null;
        boolean judged = judged(f.prediction()).isPresent();
        Json.Body answer = json -> {
            json.writeStartObject();
            json.writeStringField("id", f.id());
            json.writeStringField("prediction", f.prediction());
            json.writeStringField("target", judged ? f.target() : Render.ITEM + f.target());
            json.writeStringField("kind", f.kind());
            Json.number(json, "value", f.value());
            json.writeStringField("comment", f.comment());
            json.writeStringField("time", f.time().toString());
            if (labelled != null) {
                json.writeBooleanField("labelled", labelled);
            }
            json.writeEndObject();
        };
        feed.publish("feedback", answer);
        return Json.answer(201, answer).build();
    }

    /** The prediction, when it judged a record. */
    private Optional<StoredPrediction> judged(String prediction) {
        return services.journal().prediction(prediction).filter(p -> p.input() instanceof DataRecord);
    }

    /**
     * Tells the records what became of the one that was judged, for aggregates and the next training.
     *
     * @return null when no record was judged; false when the record was never sent as an event, so that nobody could remember it
     */
    private Boolean label(Feedback f) {
        StoredPrediction p = judged(f.prediction()).orElse(null);
        Classification task = p == null ? null : services.plugins().domain(p.domain()).classification().orElse(null);
        if (task == null) {
            return null;
        }
        try {
            services.records().label(p.domain(), ((DataRecord) p.input()).text(task.id()).orElse(""), f.kind().equals(CONFIRM) ? f.target() : NONE);
            return true;
        } catch (WhereforeException e) {
            if (e.code() == ErrorCode.NOT_FOUND) {
                return false;
            }
            throw e;
        }
    }
}
