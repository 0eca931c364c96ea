package org.wherefore.core.internal.guard;

import org.wherefore.api.WhereforeException;

/**
 * How a guarded call ended.
 *
 * @param <T> what the call was to give
 */
public sealed interface Outcome<T> {
    /** Why there is no answer, in words; empty when there is one. */
    String why();

    /** It answered. */
    record Done<T>(T value) implements Outcome<T> {
        @Override
        public String why() {
            return "";
        }
    }

    /** It said no for a reason that concerns the caller: a parameter, the budget, the kind of model. */
    record Refused<T>(WhereforeException refusal) implements Outcome<T> {
        @Override
        public String why() {
            return refusal.getMessage();
        }
    }

    /** Nothing came in time. */
    record Late<T>(String why) implements Outcome<T> {}

    /** It broke a rule, the model failed under it, it is quarantined, or there was no thread for it. */
    record Failed<T>(String why) implements Outcome<T> {}
}
