package org.wherefore.api.feature;

import java.util.Objects;

/** One feature as people and policies see it. */
public record FeatureSpec(String name, String kind, String modality, boolean sensitive, boolean immutable, boolean actionable,
        String displayName) {
    public FeatureSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(modality, "modality");
        Objects.requireNonNull(displayName, "displayName");
    }
}
