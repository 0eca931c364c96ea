package org.wherefore.launcher.internal;

/** The platform can't be started or changed; the message says what is wrong and what to do. */
final class LaunchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    LaunchException(String message, Throwable cause) {
        super(message, cause);
    }

    LaunchException(String message) {
        super(message);
    }
}
