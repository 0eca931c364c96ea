package org.wherefore.api.model;

/** A training or evaluation case: the input and the index of the right answer. */
public record Example(org.wherefore.api.feature.Instance instance, int target) {}
