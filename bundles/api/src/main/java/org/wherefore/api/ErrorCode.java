package org.wherefore.api;

/** Stable names of what can go wrong; the last part of the problem type that a REST client sees. */
public enum ErrorCode {
    /** A value given by the caller is missing, of the wrong type or out of range. */
    INVALID_INPUT,
    /** Who asks is not known: no credential, or one that is wrong, expired or revoked. */
    UNAUTHENTICATED,
    /** Who asks is known and may not do this. */
    FORBIDDEN,
    /** The named thing does not exist. */
    NOT_FOUND,
    /** The request contradicts the present state; reading again and retrying may help. */
    CONFLICT,
    /** Data read through a connector are not what their description says. */
    BAD_DATA,
    /** No model can answer: none is trained, or its engine is not installed. */
    MODEL_UNAVAILABLE,
    /** The plugin, model or task can't do what was asked; the message says why. */
    UNSUPPORTED,
    /** Storage failed; nothing was acknowledged. */
    STORAGE,
    /** The work was cancelled. */
    CANCELLED,
    /** A defect of the platform or of a plugin. */
    INTERNAL
}
