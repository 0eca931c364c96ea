package org.wherefore.launcher.internal;

/** A change of features that is not made, and why. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;
    final String code;
    final String pointer;

    /** @param code one of the api's error codes @param pointer into the order; null when no part of it is to blame */
    Refusal(String code, String pointer, String message) {
        super(message);
        this.code = code;
        this.pointer = pointer;
    }

    Refusal(String code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
        this.pointer = null;
    }
}
