package org.wherefore.api;

/** Every failure the platform reports: a stable code, a message for people, and where the value stood. Immutable. */
public class WhereforeException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final ErrorCode code;
    private final String pointer;

    public WhereforeException(ErrorCode code, String message) {
        this(code, null, message, null);
    }

    public WhereforeException(ErrorCode code, String message, Throwable cause) {
        this(code, null, message, cause);
    }

    /**
     * @param pointer JSON pointer, field name or {@code file:line} of the offending value; may be null
     * @param message names the thing, the value and the way out
     * @param cause may be null
     */
    public WhereforeException(ErrorCode code, String pointer, String message, Throwable cause) {
        super(message, cause);
        this.code = java.util.Objects.requireNonNull(code, "code");
        this.pointer = pointer;
    }

    public static WhereforeException invalid(String pointer, String message) {
        return new WhereforeException(ErrorCode.INVALID_INPUT, pointer, message, null);
    }

    public ErrorCode code() {
        return code;
    }

    /** Where the offending value stood, when known. */
    public java.util.Optional<String> pointer() {
        return java.util.Optional.ofNullable(pointer);
    }
}
