package org.wherefore.api.platform;

import java.util.List;
import java.util.Objects;

/**
 * What a change would do, in the order in which it happens.
 *
 * @param tag of the set that it was made for
 * @param install ids of the features that come
 * @param update names of the features that are replaced
 * @param remove names of the features that go
 * @param steps empty when only the books change
 */
public record FeaturePlan(String tag, List<String> install, List<String> update, List<String> remove, List<Step> steps) {
    public FeaturePlan {
        Objects.requireNonNull(tag, "tag");
        install = List.copyOf(install);
        update = List.copyOf(update);
        remove = List.copyOf(remove);
        steps = List.copyOf(steps);
    }

    /**
     * One thing that happens to a bundle or a configuration.
     *
     * @param action {@code install}, {@code start}, {@code stop}, {@code uninstall}, {@code refresh} (stopped, wired anew and started
     *        again), {@code configure} or {@code forget} (a configuration)
     * @param subject the bundle's symbolic name, or the configuration's PID
     * @param version of the bundle; empty for a configuration
     * @param reason in words
     */
    public record Step(String action, String subject, String version, String reason) {
        public Step {
            Objects.requireNonNull(action, "action");
            Objects.requireNonNull(subject, "subject");
            Objects.requireNonNull(version, "version");
            Objects.requireNonNull(reason, "reason");
        }
    }
}
