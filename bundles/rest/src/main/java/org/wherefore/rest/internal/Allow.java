package org.wherefore.rest.internal;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.wherefore.api.access.Role;

/**
 * Who may use a route: callers with one of the roles, and admins. Stands on every method that answers requests; one without it, or
 * {@link Open}, is refused to all at run time and fails the build ({@code RoutesTest}).
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@interface Allow {
    /** Empty for admins only. */
    Role[] value();

    /** Whether the audit trail has every use of it that is not a GET; false for routes that change nothing anybody would ask about. */
    boolean audited() default true;

    /** Whether a POST may be sent again with its Idempotency-Key; false where the answer must not be kept. */
    boolean replayed() default true;
}
