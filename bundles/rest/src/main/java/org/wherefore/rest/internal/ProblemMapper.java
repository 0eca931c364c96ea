package org.wherefore.rest.internal;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/**
 * Turns every failure into {@code application/problem+json}. Only an unexpected one is logged, with its stack and the
 * {@code traceId} that the caller got. Thread-safe.
 */
@Component(service = ExceptionMapper.class, property = {"osgi.jakartars.extension=true", "osgi.jakartars.name=wherefore.problems"})
public class ProblemMapper implements ExceptionMapper<Throwable> {
    static final String CHALLENGE = "Bearer realm=\"wherefore\"";
    private static final System.Logger LOG = System.getLogger(ProblemMapper.class.getName());

    @Context
    HttpHeaders headers;

    @Activate
    public ProblemMapper() {}

    @Override
    public Response toResponse(Throwable t) {
        String trace = Trace.id(headers);
        Problem problem;
        Response original = null;
        long retryAfter = 0;
        if (t instanceof WhereforeException e && e.code() != ErrorCode.INTERNAL) {
            problem = Problem.of(e.code(), text(e), e.pointer().orElse(null), trace);
            if (e.code() == ErrorCode.STORAGE) {
                LOG.log(System.Logger.Level.ERROR, "traceId " + trace + ": storage failed", t);
            }
        } else if (t instanceof Refused e) {
            problem = new Problem(e.code, e.status, e.getMessage(), e.pointer, trace);
            retryAfter = e.retryAfter;
        } else if (t instanceof WebApplicationException e && e.getResponse().getStatus() < 500) {
            original = e.getResponse();
            if (original.getStatus() < 400) {
                return original;
            }
            problem = switch (original.getStatus()) {
                case 404 -> new Problem("not-found", 404, "there is no such address; /openapi.json lists those there are", null, trace);
                case 405 -> new Problem("method-not-allowed", 405, "this address does not answer that method; see the Allow header", null, trace);
                case 406 -> new Problem("not-acceptable", 406, "no type named by the Accept header can be given", null, trace);
                case 415 -> new Problem("unsupported-media-type", 415, "the Content-Type of the body is not read here", null, trace);
                default -> new Problem("bad-request", original.getStatus(), "the request could not be understood", null, trace);
            };
        } else {
            LOG.log(System.Logger.Level.ERROR, "traceId " + trace + ": a request failed", t);
            problem = new Problem("internal", 500, "an unexpected error; the log has it under traceId " + trace, null, trace);
        }
        Response.ResponseBuilder answer = Response.status(problem.status()).type("application/problem+json")
                .entity(Json.bytes(problem::write));
        if (original != null && original.getHeaderString(HttpHeaders.ALLOW) != null) {
            answer.header(HttpHeaders.ALLOW, original.getHeaderString(HttpHeaders.ALLOW));
        }
        if (problem.status() == 401) {
            answer.header(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE);
        }
        if (retryAfter > 0 || problem.status() == 503) {
            answer.header(HttpHeaders.RETRY_AFTER, retryAfter > 0 ? Long.toString(retryAfter) : "5");
        }
        return answer.build();
    }

    static String text(Throwable t) {
        return t.getMessage() == null ? "no details were given" : t.getMessage();
    }
}
