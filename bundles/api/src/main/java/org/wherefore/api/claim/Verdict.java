package org.wherefore.api.claim;

/** Outcome of a claim's test. Only SUPPORTED claims are shown. */
public enum Verdict { SUPPORTED, REFUTED }
