package org.wherefore.api.claim;

import java.util.Map;
import java.util.TreeMap;

/** The test a claim went through and what it measured, by name: {@code scoreBefore}, {@code scoreAfter}, … */
public record ClaimTest(String name, Map<String, Double> effect) {
    public ClaimTest {
        effect = java.util.Collections.unmodifiableMap(new TreeMap<>(effect));
    }
}
