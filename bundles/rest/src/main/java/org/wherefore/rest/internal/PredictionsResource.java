package org.wherefore.rest.internal;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Role;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.Output;
import org.wherefore.api.report.Report;
import org.wherefore.api.report.spi.ReportRenderer;

/** Stored predictions, and explaining them again on the version that made them. Thread-safe. */
@Component(service = PredictionsResource.class, property = {"osgi.jakartars.resource=true", "osgi.jakartars.extension.select=(osgi.jakartars.name=" + Gate.NAME + ")"})
@Path("api/v1/predictions/{id}")
@Produces("application/json")
public class PredictionsResource {
    static final int MAX_BUDGET = 100_000;
    static final long MAX_DEADLINE = 600_000;
    private final Services services;
    private final Admission admission;
    private final Guard guard;

    @Activate
    public PredictionsResource(@Reference Services services, @Reference Admission admission, @Reference Guard guard) {
        this.admission = admission;
        this.guard = guard;
        this.services = services;
    }

    @GET
    @Allow({Role.VIEWER, Role.ANALYST})
    public Response prediction(@PathParam("id") String id, @QueryParam("locale") String locale, @Context HttpHeaders headers) {
        StoredPrediction p = stored(id);
        Locale l = locale(locale, headers);
        return Json.ok(json -> Render.prediction(json, services, p, p.outputs(), p.explanations(), l));
    }

    @GET
    @Path("explanation")
    @Allow({Role.VIEWER, Role.ANALYST})
    public Response explanation(@PathParam("id") String id, @QueryParam("target") String target,
            @QueryParam("strategy") String strategy, @QueryParam("locale") String locale, @QueryParam("seed") String seed,
            @QueryParam("budget") String budget, @QueryParam("deadlineMs") String deadline,
            @QueryParam("quality") String quality, @QueryParam("contrast") String contrast, @Context UriInfo address,
            @Context HttpHeaders headers) {
        StoredPrediction p = stored(id);
        Locale l = locale(locale, headers);
        ExplanationRequest d = ExplanationRequest.defaults(l);
        ExplanationRequest request = new ExplanationRequest(strategy == null ? "" : strategy, l,
                Input.query("seed", seed, Long.MIN_VALUE, Long.MAX_VALUE, d.seed()),
                (int) Input.query("budget", budget, 1, MAX_BUDGET, d.budget()),
                Input.query("deadlineMs", deadline, 1, MAX_DEADLINE, d.deadlineMillis()), Explain.parameters(address.getQueryParameters()),
                contrast == null ? null : Render.rawTarget(Input.id(contrast, "?contrast")),
                Explain.fullQuality(quality, "?quality"));
        known(services, request.strategy(), "?strategy");
        String raw = Render.rawTarget(target);
        List<Output> outputs = p.outputs();
        if (raw != null) {
            outputs = outputs.stream().filter(o -> o.target().equals(raw)).toList();
            if (outputs.isEmpty()) {
                throw new WhereforeException(ErrorCode.NOT_FOUND, "?target", "prediction '" + id + "' has no output '"
                        + Input.shorten(target) + "'", null);
            }
        }
        List<Explanation> explanations;
        try (Admission.Place place = admission.enter(true); Guard.Spending spending = guard.spend(request.budget())) {
            explanations = Explain.fromQuery(() -> services.predictions().explain(p, raw, request));
            spending.spent(explanations);
        }
        List<Output> shown = outputs;
        return Json.ok(json -> Render.prediction(json, services, p, shown, explanations, l));
    }

    @GET
    @Path("report")
    @Allow({Role.VIEWER, Role.ANALYST})
    public Response report(@PathParam("id") String id, @QueryParam("locale") String locale, @Context HttpHeaders headers) {
        Report report = services.reports().of(stored(id), locale(locale, headers));
        return Json.ok(json -> RenderReport.report(json, report));
    }

    @GET
    @Path("report")
    @Produces("text/html;qs=0.9")
    @Allow({Role.VIEWER, Role.ANALYST})
    public Response page(@PathParam("id") String id, @QueryParam("locale") String locale, @Context HttpHeaders headers) {
        return rendered(id, locale, headers, "text/html").type("text/html;charset=utf-8")
                .header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'").build();
    }

    @GET
    @Path("report")
    @Produces("application/pdf;qs=0.8")
    @Allow({Role.VIEWER, Role.ANALYST})
    public Response file(@PathParam("id") String id, @QueryParam("locale") String locale, @Context HttpHeaders headers) {
        return rendered(id, locale, headers, "application/pdf").type("application/pdf")
                .header("Content-Disposition", "inline; filename=\"report.pdf\"").build();
    }

    private Response.ResponseBuilder rendered(String id, String locale, HttpHeaders headers, String mediaType) {
        ReportRenderer renderer = services.renderer(mediaType);
        Report report = services.reports().of(stored(id), locale(locale, headers));
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            renderer.write(report, bytes);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "the report of prediction '" + Input.shorten(id) + "' can't be written as " + mediaType, e);
        }
        return Response.ok(bytes.toByteArray());
    }

    private Locale locale(String locale, HttpHeaders headers) {
        return services.language(locale == null ? headers.getAcceptableLanguages() : List.of(Input.locale(locale, "?locale")));
    }

    private StoredPrediction stored(String id) {
        return services.journal().prediction(id).orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND,
                "there is no prediction '" + Input.shorten(id) + "'"));
    }

    /** Names where the strategy stood when it is unknown. */
    static void known(Services services, String strategy, String pointer) {
        if (strategy.isEmpty()) {
            return;
        }
        try {
            services.plugins().explainer(strategy);
        } catch (WhereforeException e) {
            throw e.code() == ErrorCode.NOT_FOUND && e.pointer().isEmpty()
                    ? new WhereforeException(e.code(), pointer, e.getMessage(), e) : e;
        }
    }
}
