package org.wherefore.api.journal;

import java.time.Instant;

/** What a reader did with an output: {@code click}, {@code purchase}, {@code dismiss}, {@code helpful}, {@code unhelpful}. */
public record Feedback(String id, String prediction, String target, String kind, double value, String comment,
        String author, Instant time) {}
