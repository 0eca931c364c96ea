package org.wherefore.launcher.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What a process of the distribution is for, and so which features it leaves out. */
enum Mode {
    /** Everything but the tools, until it is stopped. */
    SERVE(Set.of("tools")),
    /** One command; no HTTP. */
    BATCH(Set.of("http", "rest", "console", "tools")),
    /** One training, for a process of the other two, which owns the home: no store. It explains nothing, either. */
    TRAINING(Set.of("http", "rest", "console", "store", "access", "explainers", "tools")),
    /** One command of the tools, which look at files or speak to a server: nothing of the home is opened. */
    TOOLS(Set.of()) {
        @Override
        List<Feature> featuresOf(Map<String, Feature> known, List<String> with) {
            return FeatureRuntime.order(known, List.of("tools"));
        }
    };

    /** Commands that {@link #TOOLS} has. */
    static final Set<String> TOOL_COMMANDS = Set.of("plugin", "feature");
    private final Set<String> without;

    Mode(Set<String> without) {
        this.without = without;
    }

    /** As bundles see it in {@code wherefore.mode}. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The features of this mode in the order to install them in. What starts on demand has to be named and comes first: it is a library
     * that the others use where it is there.
     *
     * @param with features that start although they start on demand only
     * @throws LaunchException as {@link FeatureRuntime#order}
     */
    List<Feature> featuresOf(Map<String, Feature> known, List<String> with) {
        Map<String, Feature> kept = new LinkedHashMap<>();
        known.forEach((name, f) -> {
            if (!without.contains(name)) {
                kept.put(name, f.requiring(f.requires().stream().filter(r -> !without.contains(r)).toList()));
            }
        });
        return FeatureRuntime.order(kept, Stream.concat(with.stream(),
                kept.values().stream().filter(f -> !f.onDemand()).map(Feature::name)).distinct().toList());
    }
}
