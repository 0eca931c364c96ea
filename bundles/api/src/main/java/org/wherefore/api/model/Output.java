package org.wherefore.api.model;

/** One answer of a model: the target's index and id, its rank (1 is best) and the model's own score. */
public record Output(int index, String target, int rank, double score) {}
