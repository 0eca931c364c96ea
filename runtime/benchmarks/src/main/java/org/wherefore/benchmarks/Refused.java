package org.wherefore.benchmarks;

/** The server can't be reached or started, or answered something other than 2xx. */
final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Refused(String message, Throwable cause) {
        super(message, cause);
    }
}
