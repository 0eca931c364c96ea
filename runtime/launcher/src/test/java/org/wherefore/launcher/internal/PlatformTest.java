package org.wherefore.launcher.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlatformTest {
    @Test
    void aFailedComponentIsExplainedInThePlatformsOwnWords() {
        assertThat(Platform.rootCause("java.lang.reflect.InvocationTargetException\n\tat a.B.c(B.java:1)\n"
                + "Caused by: org.wherefore.api.WhereforeException: the journal of /x is in use\n\tat a.B.c(B.java:1)\n"
                + "Caused by: java.sql.SQLException: locked\n\tat a.B.c(B.java:2)\n")).isEqualTo("the journal of /x is in use");
    }

    @Test
    void aToolMakesNoHomeWhereThereIsNone(@TempDir Path home) {
        assertThat(Platform.toolFiles(home)).isEqualTo(home);
        assertThat(Platform.toolFiles(home.resolve("home"))).endsWithRaw(Path.of(".cache", "wherefore"));
    }

    @Test
    void otherFailuresAreExplainedByTheirInnermostCause() {
        assertThat(Platform.rootCause("java.lang.Error: outer\n\tat a.B.c(B.java:1)\nCaused by: java.io.IOException: no space\n"))
                .isEqualTo("java.io.IOException: no space");
    }
}
