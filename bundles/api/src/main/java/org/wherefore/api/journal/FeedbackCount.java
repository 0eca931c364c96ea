package org.wherefore.api.journal;

/** How often a kind of feedback came to a model version, for predictions with and without explanation. */
public record FeedbackCount(String model, int version, String kind, boolean explained, long count) {}
