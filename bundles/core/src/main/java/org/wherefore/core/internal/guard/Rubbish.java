package org.wherefore.core.internal.guard;

/** An answer that breaks the rules of its kind; the message says which. */
final class Rubbish extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Rubbish(String message) {
        super(message, null, false, false);
    }
}
