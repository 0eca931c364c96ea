package org.wherefore.api.model;

/** Score of one target for one instance, and its rank (1 is best) among all targets not excluded. */
public record RankedScore(double score, int rank) {}
