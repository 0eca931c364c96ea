package org.wherefore.api.registry;

import java.time.Instant;

/** One move of an alias; {@code from} is 0 when it was new. */
public record Transition(long sequence, String model, String alias, int from, int to, String who, String why, Instant when) {}
