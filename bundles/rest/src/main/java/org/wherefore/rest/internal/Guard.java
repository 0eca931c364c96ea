package org.wherefore.rest.internal;

import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Access;
import org.wherefore.api.access.Caller;
import org.wherefore.api.access.Role;
import org.wherefore.api.explain.Explanation;

/** Lets a request in or not, by its headers; the part that resources and servlets share. Thread-safe. */
@Component(service = Guard.class)
public class Guard {
    private static final Set<String> HERE = Set.of("localhost", "127.0.0.1", "[::1]", "::1");
    private static final String BEARER = "bearer ";
    private final Services services;

    @Activate
    public Guard(@Reference Services services) {
        this.services = services;
    }

    /**
     * Who sends it.
     *
     * @param header value of a header, or null
     * @throws WhereforeException {@code UNAUTHENTICATED}
     */
    Caller caller(UnaryOperator<String> header) {
        String key = header.apply("X-API-Key");
        String authorization = header.apply("Authorization");
        String bearer = null;
        if (authorization != null) {
            if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                throw new WhereforeException(ErrorCode.UNAUTHENTICATED, "Authorization is read as 'Bearer TOKEN' only");
            }
            bearer = authorization.substring(BEARER.length()).strip();
        }
        if (key != null && bearer != null && !key.strip().equals(bearer)) {
            throw new WhereforeException(ErrorCode.UNAUTHENTICATED, "X-API-Key and Authorization hold different credentials; send one");
        }
        String credential = key != null ? key.strip() : bearer;
        return services.access().caller(credential, credential == null && local(header));
    }

    /** Whether a page of another site, or of this machine under another name (DNS rebinding), can't have sent it. */
    private static boolean local(UnaryOperator<String> header) {
        String host = header.apply("Host");
        if (host == null || !HERE.contains(name(host))) {
            return false;
        }
        String site = header.apply("Sec-Fetch-Site");
        if (site != null && !site.equals("same-origin") && !site.equals("none")) {
            return false;
        }
        String origin = header.apply("Origin");
        if (origin == null) {
            return true;
        }
        try {
            return host.equalsIgnoreCase(URI.create(origin).getAuthority());
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static String name(String host) {
        int colon = host.startsWith("[") ? host.indexOf(':', host.indexOf(']')) : host.indexOf(':');
        return (colon < 0 ? host : host.substring(0, colon)).toLowerCase(java.util.Locale.ROOT);
    }

    /** @throws WhereforeException {@code FORBIDDEN} @throws Refused 429 */
    void admit(Caller caller, Role[] roles) {
        if (!caller.may(roles)) {
            throw new WhereforeException(ErrorCode.FORBIDDEN, "this needs the role " + (roles.length == 0 ? Role.ADMIN.text()
                    : String.join(" or ", java.util.Arrays.stream(roles).map(Role::text).toList())) + "; this caller has "
                    + (caller.roles().isEmpty() ? "none" : Role.texts(caller.roles())));
        }
        long wait = services.access().take(caller, Access.Cost.REQUESTS, 1);
        if (wait > 0) {
            throw Refused.later(429, "too-many-requests", wait, "this caller sends more than its " + caller.limits().requestsPerSecond()
                    + " requests a second; try again in " + wait + " s");
        }
    }

    /** What an explanation may cost: taken before it is made, and settled by what it did cost when closed. */
    final class Spending implements AutoCloseable {
        private final Caller caller;
        private final int asked;
        private double spent;

        private Spending(Caller caller, int asked) {
            this.caller = caller;
            this.asked = asked;
            this.spent = asked;
        }

        /** Evaluations are of all outputs of a request together, and each explanation says that sum. */
        void spent(List<Explanation> explanations) {
            spent = explanations.stream().mapToInt(e -> e.quality() == null ? 0 : e.quality().evaluations()).max().orElse(0);
        }

        @Override
        public void close() {
            if (caller != null) {
                services.access().settle(caller, Access.Cost.EVALUATIONS, spent - asked);
            }
        }
    }

    /** @param evaluations asked for; 0 for none @throws Refused 429 @throws WhereforeException {@code FORBIDDEN} */
    Spending spend(int evaluations) {
        Caller caller = evaluations == 0 ? null : Current.caller();
        long wait = caller == null ? 0 : services.access().take(caller, Access.Cost.EVALUATIONS, evaluations);
        if (wait > 0) {
            throw Refused.later(429, "too-many-requests", wait, "this caller has spent its " + Math.round(caller.limits().evaluationsPerMinute())
                    + " model evaluations a minute on explanations; try again in " + wait + " s, or ask for a smaller budget");
        }
        return new Spending(caller, evaluations);
    }
}
