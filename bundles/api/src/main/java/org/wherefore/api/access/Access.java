package org.wherefore.api.access;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/** Tells who sends a request, and how much of it may be had. Which role a route needs is the route's own matter. Thread-safe; never blocks for long. */
@ProviderType
public interface Access {
    /** What a caller's allowance is counted in. */
    enum Cost {
        REQUESTS, EVALUATIONS
    }

    /**
     * Who a credential belongs to.
     *
     * @param credential an API key or a signed token (JWT), as the headers have it; null when there is none
     * @param local whether the request names this machine and comes from no other site's page: the only kind that may go without a
     *        credential, where the configuration lets any
     * @throws org.wherefore.api.WhereforeException {@code UNAUTHENTICATED}; the message never repeats the credential
     */
    Caller caller(String credential, boolean local);

    /**
     * Takes from a caller's allowance, if there is enough.
     *
     * @return 0 when it was taken; otherwise nothing was, and these are the seconds until there is enough; at least 1
     * @throws org.wherefore.api.WhereforeException {@code FORBIDDEN} when more is asked for than the allowance ever holds
     */
    long take(Caller caller, Cost cost, double amount);

    /** Settles what was really spent: takes more (what is missing is waited for by later requests), or gives back when negative. */
    void settle(Caller caller, Cost cost, double amount);

    /** A text with proof that it was given out by this home. @param purpose what it is for; the same text for another purpose has other proof */
    String seal(String purpose, String text);

    /** What {@link #seal} got; empty when this home did not give it out for this purpose. */
    Optional<String> open(String purpose, String sealed);
}
