package org.wherefore.extractor.table.internal;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** Which target a label means. Immutable, thread-safe. */
final class Labels {
    private final List<String> targets;
    private final Map<String, Integer> indices = new HashMap<>();

    /** @throws IllegalArgumentException without targets, or with one of them twice */
    Labels(List<String> targets) {
        this.targets = List.copyOf(targets);
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("no targets");
        }
        for (String target : targets) {
            if (indices.put(target, indices.size()) != null) {
                throw new IllegalArgumentException("target '" + target + "' stands twice");
            }
        }
    }

    List<String> targets() {
        return targets;
    }

    /** Of a target's name; with one target of {@code 1}, {@code 1.0} and {@code true}, too. Empty for every other text. */
    OptionalInt index(String label) {
        Integer named = indices.get(label.strip());
        if (named != null) {
            return OptionalInt.of(named);
        }
        boolean yes = targets.size() == 1 && (label.strip().equals("1") || label.strip().equals("1.0") || label.strip().equalsIgnoreCase("true"));
        return yes ? OptionalInt.of(0) : OptionalInt.empty();
    }

    /** Whether a label's value, a text, a number or null, means any target. */
    boolean positive(Object value) {
        if (value instanceof Double number) {
            return index(number == Math.rint(number) && Math.abs(number) < 1e15 ? Long.toString(number.longValue()) : number.toString()).isPresent();
        }
        return value instanceof String text && index(text).isPresent();
    }
}
