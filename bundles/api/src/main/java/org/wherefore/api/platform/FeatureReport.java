package org.wherefore.api.platform;

import java.util.List;
import java.util.Objects;

/**
 * What a change did.
 *
 * @param plan that was followed
 * @param tag of the set that is there now
 * @param touched bundles whose state changed, observed and not planned: symbolic name, a blank, version; ordered. Empty when nothing runs
 * @param unplanned those of them that the plan does not name, and {@code missing: …} for those that it names and that did not change
 * @param problems what went wrong after the new set was kept, in words
 */
public record FeatureReport(FeaturePlan plan, String tag, List<String> touched, List<String> unplanned, List<String> problems) {
    public FeatureReport {
        Objects.requireNonNull(plan, "plan");
        Objects.requireNonNull(tag, "tag");
        touched = List.copyOf(touched);
        unplanned = List.copyOf(unplanned);
        problems = List.copyOf(problems);
    }
}
