package org.wherefore.rest.internal;

import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Access;
import org.wherefore.api.access.Caller;

/**
 * The request that a thread works on: who sent it, and what it changed, for the audit trail. Set by {@link Gate}; resources run on the
 * thread that it was set on.
 */
final class Current {
    private static final ThreadLocal<Current> NOW = new ThreadLocal<>();
    final Caller caller;
    private final Access access;
    private final String list;
    final String trace;
    private String before = "";
    private String after = "";
    private String target;

    /** @param access seals and opens cursors @param list what cursors are for: the address @param trace finds the request in the log */
    Current(Caller caller, Access access, String list, String trace) {
        this.trace = trace;
        this.caller = caller;
        this.access = access;
        this.list = list;
    }

    static void set(Current current) {
        NOW.set(current);
    }

    static void clear() {
        NOW.remove();
    }

    /** Id of who asks; {@code rest} outside of a request. */
    static String who() {
        Current now = NOW.get();
        return now == null ? "rest" : now.caller.id();
    }

    /** Id of the trace that the request belongs to; null outside of a request. */
    static String trace() {
        Current now = NOW.get();
        return now == null ? null : now.trace;
    }

    /** Who asks; null outside of a request. */
    static Caller caller() {
        Current now = NOW.get();
        return now == null ? null : now.caller;
    }

    /** A place in the list that is asked for, as a cursor that is good for this list only. */
    static String cursor(String place) {
        Current now = NOW.get();
        return now.access.seal("cursor " + now.list, place);
    }

    /** The place that {@link #cursor} got. @throws WhereforeException {@code INVALID_INPUT} for a cursor that was not given out for this list */
    static String place(String cursor) {
        Current now = NOW.get();
        return now.access.open("cursor " + now.list, cursor)
                .orElseThrow(() -> WhereforeException.invalid("?cursor", "the cursor is not one that was given out here for this list"));
    }

    /** What the change was about, for the audit trail: no secrets, no personal data beyond ids. */
    static void changed(String before, String after) {
        Current now = NOW.get();
        if (now != null) {
            now.before = before;
            now.after = after;
        }
    }

    /** As {@link #changed(String, String)}, for what has no address of its own before. */
    static void changed(String target, String before, String after) {
        changed(before, after);
        Current now = NOW.get();
        if (now != null) {
            now.target = target;
        }
    }

    String before() {
        return before;
    }

    String after() {
        return after;
    }

    /** Null when it is the address that was asked for. */
    String target() {
        return target;
    }
}
