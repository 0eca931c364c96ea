package org.wherefore.api.feature;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * What an extractor learned of the training data: the inputs, the outputs a model can name, and item side information.
 *
 * @param features the inputs; of a table one for each value of a {@link TableInstance}, of a sequence what an event carries
 * @param targets ids a model can answer with; their position is the target index
 * @param kinds event kinds, position is the kind index
 * @param attributes side information values such as {@code category=Tea}, position is the attribute index
 * @param targetAttributes for each target its attribute indices, ascending; empty arrays where it has none
 */
public record FeatureSchema(List<FeatureSpec> features, List<String> targets, List<String> kinds, List<String> attributes,
        List<int[]> targetAttributes) {
    public FeatureSchema {
        features = List.copyOf(features);
        targets = List.copyOf(targets);
        kinds = List.copyOf(kinds);
        attributes = List.copyOf(attributes);
        targetAttributes = targetAttributes.stream().map(a -> Objects.requireNonNull(a).clone()).toList();
        if (targetAttributes.size() != targets.size()) {
            throw new IllegalArgumentException(targets.size() + " targets but attributes of " + targetAttributes.size());
        }
        for (int[] a : targetAttributes) {
            if (Arrays.stream(a).anyMatch(i -> i < 0)) {
                throw new IllegalArgumentException("negative attribute index");
            }
        }
    }

    /** Of a model that reads rows or images: targets have no side information, and there are no kinds of events. */
    public static FeatureSchema of(List<FeatureSpec> features, List<String> targets) {
        return new FeatureSchema(features, targets, List.of(), List.of(), targets.stream().map(t -> new int[0]).toList());
    }
}
