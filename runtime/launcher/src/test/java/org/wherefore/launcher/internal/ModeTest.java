package org.wherefore.launcher.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;

class ModeTest {
    private final Map<String, Feature> known = new TreeMap<>(Map.of("base", feature("base"), "store", feature("store", "base"),
            "rest", feature("rest", "http", "store"), "http", feature("http", "base"), "explainers", feature("explainers", "base"),
            "shop", feature("shop", "explainers", "base")));

    private static Feature feature(String name, String... requires) {
        return new Feature(name, "g:" + name + ":1", List.of(), List.of(requires), Map.of());
    }

    private List<String> names(Mode mode) {
        return mode.featuresOf(known).stream().map(Feature::name).toList();
    }

    @Test
    void aServerHasEverything() {
        assertThat(names(Mode.SERVE)).containsExactlyInAnyOrder("base", "store", "rest", "http", "explainers", "shop");
    }

    @Test
    void aCommandHasNoHttp() {
        assertThat(names(Mode.BATCH)).containsExactlyInAnyOrder("base", "store", "explainers", "shop");
    }

    @Test
    void aTrainingProcessCannotOpenTheStoreOfItsStarter() {
        assertThat(names(Mode.TRAINING)).containsExactly("base", "shop");
    }
}
