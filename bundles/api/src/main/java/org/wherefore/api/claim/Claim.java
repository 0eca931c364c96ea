package org.wherefore.api.claim;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * A statement about one output, with the test that backs it.
 *
 * @param kind {@code history}, {@code attribute}, {@code cohort}, {@code fallback}, or a pack's own
 * @param target the output's target id
 * @param items ids of the items it cites, most important first
 * @param values its other arguments by name, as text, such as {@code attribute -> category}, {@code both -> 31}
 */
public record Claim(String kind, String target, List<String> items, Map<String, String> values, ClaimTest test,
        Verdict verdict) {
    public Claim {
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(target, "target");
        items = List.copyOf(items);
        values = java.util.Collections.unmodifiableMap(new TreeMap<>(values));
        Objects.requireNonNull(test, "test");
        Objects.requireNonNull(verdict, "verdict");
    }
}
