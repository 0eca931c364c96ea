package org.wherefore.api.data;

/** What one step of cleaning did: how many records went in, how many stayed, in words. */
public record CleaningStep(String name, long before, long after, String detail) {}
