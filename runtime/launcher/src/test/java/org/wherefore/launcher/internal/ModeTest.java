package org.wherefore.launcher.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;

class ModeTest {
    private final Map<String, Feature> known = new TreeMap<>(Map.of("base", feature("base"), "store", feature("store", "base"),
            "rest", feature("rest", "http", "store"), "http", feature("http", "base"), "explainers", feature("explainers", "base"),
            "shop", feature("shop", "explainers", "base"), "tools", feature("tools", "base"),
            "nd4j", new Feature("nd4j", "g:nd4j:1", List.of(), List.of(), Map.of(), true)));

    private static Feature feature(String name, String... requires) {
        return new Feature(name, "g:" + name + ":1", List.of(), List.of(requires), Map.of(), false);
    }

    private List<String> names(Mode mode, String... with) {
        return mode.featuresOf(known, List.of(with)).stream().map(Feature::name).toList();
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

    @Test
    void onlyToolsHaveTheTools() {
        assertThat(names(Mode.TOOLS)).containsExactly("base", "tools");
    }

    @Test
    void aFeatureOnDemandStartsFirstAndOnlyWhenNamed() {
        assertThat(names(Mode.TRAINING, "nd4j")).containsExactly("nd4j", "base", "shop");
        assertThatThrownBy(() -> names(Mode.SERVE, "nd5j")).hasMessageStartingWith("there is no feature 'nd5j'; known: [base, ");
    }
}
