package org.wherefore.api.platform;

import java.util.List;
import java.util.Objects;

/**
 * The features of a home at one moment.
 *
 * @param tag changes with every change of the set
 * @param features ordered by name; those that could be installed, too
 * @param bundles in the framework, all of them; 0 when nothing runs
 * @param wirings of bundle revisions that are in use, so with classes; after a removal they are as many as before the installation
 */
public record FeatureSet(String tag, List<FeatureInfo> features, int bundles, int wirings) {
    public FeatureSet {
        Objects.requireNonNull(tag, "tag");
        features = List.copyOf(features);
    }
}
