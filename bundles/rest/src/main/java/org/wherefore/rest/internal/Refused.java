package org.wherefore.rest.internal;

/** A request refused for a reason of HTTP itself, such as a missing precondition; becomes a problem+json answer. */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final int status;
    final String code;
    final String pointer;
    /** Seconds after which to try again; 0 for no such hint. */
    final long retryAfter;

    /** @param code last part of the problem type @param pointer null when no part of the body is to blame */
    Refused(int status, String code, String pointer, String detail) {
        this(status, code, pointer, 0, detail);
    }

    private Refused(int status, String code, String pointer, long retryAfter, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
        this.pointer = pointer;
        this.retryAfter = retryAfter;
    }

    /** Refused now, perhaps not later. */
    static Refused later(int status, String code, long seconds, String detail) {
        return new Refused(status, code, null, seconds, detail);
    }
}
