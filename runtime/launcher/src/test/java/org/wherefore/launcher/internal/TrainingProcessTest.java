package org.wherefore.launcher.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainingProcessTest {
    @TempDir
    Path home;

    @AfterEach
    void forget() {
        System.clearProperty(TrainingProcess.HEAP);
    }

    private Options options() {
        return new Options("start", List.of(), home, 1, home, List.of("nd4j"));
    }

    @Test
    void itGetsTheOptionsOfItsStarterButNoDebuggerAndItsOwnHeap() {
        assertThat(TrainingProcess.java(List.of("--add-modules=jdk.incubator.vector", "-Xmx4g", "-agentlib:jdwp=transport=dt_socket,address=5005",
                "-Dx=y"), "900m", home)).containsExactly("--add-modules=jdk.incubator.vector", "-Xmx4g", "-Dx=y", "-Xmx900m",
                        "-XX:+ExitOnOutOfMemoryError", "-XX:ErrorFile=" + home.resolve("training-crash-%p.log"));
        assertThat(TrainingProcess.java(List.of("-Xmx4g"), "", home)).startsWith("-Xmx4g").noneMatch(o -> o.equals("-Xmx"));
    }

    @Test
    void aHeapThatIsNoSizeIsRefusedAtTheStart() {
        System.setProperty(TrainingProcess.HEAP, "lots");
        assertThatThrownBy(() -> new TrainingProcess(options(), false)).isInstanceOf(LaunchException.class)
                .hasMessage("-Dwherefore.training.heap is a size such as 8g or 900m, got 'lots'");
    }

    @Test
    void eachHasALogOfItsOwnAndOldOnesGo() throws IOException {
        Path logs = Files.createDirectory(home.resolve("logs"));
        for (int i = 10; i < 40; i++) {
            Files.createFile(logs.resolve("training-202601" + i + "-000000-000.log"));
        }
        Files.createFile(logs.resolve("wherefore.log"));
        ProcessBuilder builder = new TrainingProcess(options(), false).get();
        assertThat(builder.redirectError().file().toPath()).hasParentRaw(logs);
        assertThat(builder.command()).containsSubsequence(TrainingProcess.COMMAND, "--home", home.toString(), "--with", "nd4j");
        assertThat(logs.resolve("wherefore.log")).exists();
        assertThat(logs.resolve("training-20260121-000000-000.log")).exists();
        assertThat(logs.resolve("training-20260120-000000-000.log")).doesNotExist();
    }
}
