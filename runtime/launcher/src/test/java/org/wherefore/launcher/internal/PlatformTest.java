package org.wherefore.launcher.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.junit.jupiter.api.Test;

class PlatformTest {
    @Test
    void aFailedComponentIsExplainedInThePlatformsOwnWords() {
        assertThat(Platform.rootCause("java.lang.reflect.InvocationTargetException\n\tat a.B.c(B.java:1)\n"
                + "Caused by: org.wherefore.api.WhereforeException: the journal of /x is in use\n\tat a.B.c(B.java:1)\n"
                + "Caused by: java.sql.SQLException: locked\n\tat a.B.c(B.java:2)\n")).isEqualTo("the journal of /x is in use");
    }

    @Test
    void aFeatureOnDemandStartsFirstAndOnlyWhenNamed() {
        Map<String, Feature> known = new TreeMap<>();
        List.of("base", "http", "nd4j").forEach(n -> known.put(n, new Feature(n, "g:" + n + ":1", List.of(), List.of(), Map.of(), n.equals("nd4j"))));
        assertThat(Platform.featuresOf(known, true, List.of())).containsExactly("base", "http");
        assertThat(Platform.featuresOf(known, false, List.of("nd4j"))).containsExactly("nd4j", "base");
        assertThatThrownBy(() -> FeatureRuntime.order(known, Platform.featuresOf(known, true, List.of("nd5j"))))
                .hasMessage("there is no feature 'nd5j'; known: [base, http, nd4j]");
    }

    @Test
    void otherFailuresAreExplainedByTheirInnermostCause() {
        assertThat(Platform.rootCause("java.lang.Error: outer\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: no space\n"))
                .isEqualTo("java.io.IOException: no space");
    }
}
