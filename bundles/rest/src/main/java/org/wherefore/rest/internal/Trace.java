package org.wherefore.rest.internal;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.HttpHeaders;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Answers a W3C {@code traceparent} with the same trace and a span of our own, and sets the headers every answer carries. */
@Component(service = ContainerResponseFilter.class, property = {"osgi.jakartars.extension=true", "osgi.jakartars.name=wherefore.trace"})
public class Trace implements ContainerResponseFilter {
    private static final Pattern PARENT = Pattern.compile("[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}");

    @Activate
    public Trace() {}

    @Override
    public void filter(ContainerRequestContext request, ContainerResponseContext response) {
        response.getHeaders().putSingle("X-Content-Type-Options", "nosniff");
        String parent = request.getHeaderString("traceparent");
        if (parent != null && PARENT.matcher(parent).matches()) {
            response.getHeaders().putSingle("traceparent", parent.substring(0, 36) + hex(ThreadLocalRandom.current().nextLong()) + parent.substring(52));
        }
    }

    /** The caller's trace id, or a new one. */
    static String id(HttpHeaders headers) {
        if (Current.trace() != null) {
            return Current.trace();
        }
        String parent = null;
        try {
            parent = headers == null ? null : headers.getHeaderString("traceparent");
        } catch (IllegalStateException outsideOfRequest) {
            // a new id, then
        }
        return id(parent);
    }

    /** @param parent the header traceparent, or null */
    static String id(String parent) {
        var m = parent == null ? null : PARENT.matcher(parent);
        return m != null && m.matches() ? m.group(1)
                : hex(ThreadLocalRandom.current().nextLong()) + hex(ThreadLocalRandom.current().nextLong());
    }

    private static String hex(long v) {
        return String.format("%016x", v);
    }
}
