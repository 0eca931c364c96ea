package org.wherefore.rest.internal;

import jakarta.annotation.Priority;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.ProcessingException;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.IOException;
import java.lang.reflect.Method;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Caller;
import org.wherefore.api.access.Change;
import org.wherefore.api.platform.Features;
import org.wherefore.api.plugin.PluginBundles;
import org.wherefore.api.registry.ModelArchives;

/**
 * Stands before every resource, also those of plugins with an application of their own: who asks, whether the route's {@link Allow} lets
 * them, their allowances, ids without tricks, bodies of a bounded size, creating requests that are sent twice. Behind it: the audit
 * trail has what was changed before anybody is told. Thread-safe.
 */
@Component(service = {ContainerRequestFilter.class, ContainerResponseFilter.class}, property = {"osgi.jakartars.extension=true",
        "osgi.jakartars.name=" + Gate.NAME, "osgi.jakartars.application.select=(osgi.jakartars.name=*)"})
@Priority(Priorities.AUTHENTICATION)
public class Gate implements ContainerRequestFilter, ContainerResponseFilter {
    static final String NAME = "wherefore.gate";
    private static final System.Logger LOG = System.getLogger(Gate.class.getName());
    private static final String CURRENT = "wherefore.current";
    private static final String BODY = "wherefore.body";
    private static final String ONCE = "wherefore.once";
    private static final Set<String> READS = Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS);
    private static final int MAX_QUERY = 10_000;
    private final Services services;
    private final Guard guard;
    private final Answers answers;

    @Context
    ResourceInfo resource;

    @Activate
    public Gate(@Reference Services services, @Reference Guard guard, @Reference Answers answers) {
        this.services = services;
        this.guard = guard;
        this.answers = answers;
    }

    @Override
    public void filter(ContainerRequestContext request) throws IOException {
        Current.clear();
        Method method = resource.getResourceMethod();
        Allow allow = method == null ? null : method.getAnnotation(Allow.class);
        boolean open = method != null && method.isAnnotationPresent(Open.class);
        if (!open) {
            Caller caller = guard.caller(request::getHeaderString);
            Current current = new Current(caller, services.access(), request.getUriInfo().getRequestUri().getRawPath(), Trace.id(request.getHeaderString("traceparent")));
            request.setProperty(CURRENT, current);
            Current.set(current);
            if (allow == null) {
                throw new WhereforeException(ErrorCode.FORBIDDEN, "this address has no rule that says who may use it, so nobody may");
            }
            guard.admit(caller, allow.value());
        }
        plain(request);
        readable(request);
        ids(request);
        if (!READS.contains(request.getMethod())) {
            body(request);
        }
    }

    private static void plain(ContainerRequestContext request) {
        String coding = request.getHeaderString(HttpHeaders.CONTENT_ENCODING);
        if (coding != null && !coding.strip().equalsIgnoreCase("identity")) {
            throw new Refused(415, "unsupported-media-type", null, "bodies are read as they are, without a Content-Encoding such as '" + Input.shorten(coding) + "'");
        }
    }

    /** What resources read of the headers, so that one that can't be read is the sender's fault wherever it is read. */
    private static void readable(ContainerRequestContext request) {
        try {
            request.getAcceptableLanguages();
            String type = request.getHeaderString(HttpHeaders.CONTENT_TYPE);
            if (request.getMediaType() == null || type.chars().allMatch(c -> c >= ' ' && c < 127)) {
                return;
            }
        } catch (ProcessingException e) {
            // told below
        }
        throw new Refused(400, "bad-request", null, "Content-Type or Accept-Language can't be read");
    }

    private static void ids(ContainerRequestContext request) {
        check(request.getUriInfo().getPathParameters(true));
        check(request.getUriInfo().getQueryParameters(true));
    }

    private static void check(MultivaluedMap<String, String> values) {
        values.forEach((name, all) -> {
            for (String v : all) {
                String why = v.length() > MAX_QUERY ? "at most " + MAX_QUERY + " characters" : Ids.wrong(v);
                if (why != null) {
                    throw WhereforeException.invalid("?" + Input.shorten(name.replaceAll("[^ -~]", "?")), why);
                }
            }
        });
    }

    private void body(ContainerRequestContext request) throws IOException {
        String subtype = request.getMediaType() == null ? "" : request.getMediaType().getSubtype();
        Current current = (Current) request.getProperty(CURRENT);
        long own = current == null ? 0 : current.caller.limits().bodyBytes();
        long address = subtype.equals("java-archive") ? PluginBundles.MAX_BYTES : !subtype.equals("zip") ? Json.MAX_BODY
                : request.getUriInfo().getPath().startsWith("api/v1/features") ? Features.MAX_BYTES : ModelArchives.MAX_BYTES;
        long most = own > 0 ? Math.min(own, address) : address;
        BoundedBody body = new BoundedBody(request.getEntityStream(), most, request.getHeaderString(HttpHeaders.CONTENT_LENGTH));
        request.setEntityStream(body);
        request.setProperty(BODY, body);
        String key = request.getHeaderString("Idempotency-Key");
        if (key != null && current != null && request.getMethod().equals(HttpMethod.POST)) {
            if (!resource.getResourceMethod().getAnnotation(Allow.class).replayed()) {
                throw new Refused(400, "invalid-input", "Idempotency-Key", "this answer is shown once and not kept, so no Idempotency-Key is taken");
            }
            Answers.Ticket ticket = answers.begin(current.caller.id(), request.getUriInfo().getRequestUri().getRawPath(), key, body);
            if (ticket.known() != null) {
                request.abortWith(ticket.known());
            } else {
                request.setProperty(ONCE, ticket);
            }
        }
    }

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) throws IOException {
        Current current = (Current) request.getProperty(CURRENT);
        Answers.Ticket ticket = (Answers.Ticket) request.getProperty(ONCE);
        Current.clear();
        if (current == null) {
            return;
        }
        try {
            if (audited(request, response)) {
                audit(request, response, current);
            }
        } catch (WhereforeException e) {
            String trace = current.trace;
            LOG.log(System.Logger.Level.ERROR, "traceId " + trace + ": the audit trail has no entry of what was just done", e);
            Problem problem = Problem.of(e.code(), "it was not acknowledged, as the audit trail can't be written: read again what is there before you retry", null, trace);
            response.setStatus(problem.status());
            response.setEntity(Json.bytes(problem::write), null, MediaType.valueOf("application/problem+json"));
        }
        if (ticket != null) {
            ticket.end(response);
        }
    }

    /** What was changed, or tried by somebody who is known; not what never got as far as the resource because there was too much of it. */
    private boolean audited(ContainerRequestContext request, ContainerResponseContext response) {
        if (READS.contains(request.getMethod()) || resource.getResourceMethod() == null) {
            return false;
        }
        Allow allow = resource.getResourceMethod().getAnnotation(Allow.class);
        return (allow == null || allow.audited()) && response.getStatus() != 429 && response.getStatus() != 503
                && (response.getHeaderString(Answers.REPLAYED) == null);
    }

    private void audit(ContainerRequestContext request, ContainerResponseContext response, Current current) {
        int status = response.getStatus();
        BoundedBody body = (BoundedBody) request.getProperty(BODY);
        String given = body == null || body.count() == 0 ? "" : "given " + body.count() + " bytes, sha256:" + body.digest();
        String outcome = status < 300 ? "done" : status == 403 ? "denied" : "failed with " + status;
        services.audit().append(new Change(current.caller.id(), request.getMethod() + " " + template(request),
                current.target() != null ? current.target() : request.getUriInfo().getRequestUri().getRawPath(), current.before(),
                current.after().isEmpty() ? given : given.isEmpty() ? current.after() : current.after() + "; " + given, outcome, current.trace));
    }

    /** The address as the resources declare it. */
    private String template(ContainerRequestContext request) {
        String type = path(resource.getResourceClass().getAnnotation(jakarta.ws.rs.Path.class));
        String method = path(resource.getResourceMethod().getAnnotation(jakarta.ws.rs.Path.class));
        return Routes.join(type, method);
    }

    private static String path(jakarta.ws.rs.Path path) {
        return path == null ? "" : path.value();
    }
}
