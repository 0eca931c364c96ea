package org.wherefore.testkit.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;

/**
 * Builds a {@link FeatureSchema} of a behaviour sequence: {@code FeatureSchemas.sequence().target("tea", "category=Hot")
 * .kinds("view", "purchase").build()}. One thread; the schemas are immutable.
 */
public final class FeatureSchemas {
    private final Map<String, List<String>> targets = new LinkedHashMap<>();
    private List<String> kinds = List.of("view");

    private FeatureSchemas() {}

    public static FeatureSchemas sequence() {
        return new FeatureSchemas();
    }

    /** Targets {@code i0}, {@code i1}, … with one event kind and no attributes. */
    public static FeatureSchema items(int count) {
        FeatureSchemas schemas = sequence();
        IntStream.range(0, count).forEach(i -> schemas.target("i" + i));
        return schemas.build();
    }

    /** The next target, with its side information such as {@code category=Tea}. */
    public FeatureSchemas target(String id, String... attributes) {
        if (targets.put(id, List.of(attributes)) != null) {
            throw new IllegalArgumentException("target '" + id + "' stands twice");
        }
        return this;
    }

    public FeatureSchemas kinds(String... names) {
        kinds = List.of(names);
        return this;
    }

    public FeatureSchema build() {
        Set<String> names = new LinkedHashSet<>();
        targets.values().forEach(names::addAll);
        List<String> attributes = new ArrayList<>(names);
        return new FeatureSchema(List.of(new FeatureSpec("item", "sequence", "behaviour", false, false, true, "Item"),
                new FeatureSpec("kind", "sequence", "behaviour", false, false, true, "Kind of event")),
                List.copyOf(targets.keySet()), kinds, attributes, targets.values().stream()
                        .map(a -> a.stream().mapToInt(attributes::indexOf).sorted().distinct().toArray()).toList());
    }
}
