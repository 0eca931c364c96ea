package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.wherefore.benchmarks.Main;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Plugins and a pack's feature come, are updated and go under load: a short {@code ./wherefore bench plugins}. System property
 * {@code wherefore.cycles} makes it longer.
 */
class FeatureLoadIT {
    @Test
    void noRequestFailsAndOnlyPlannedBundlesChange() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Path classes = Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Process bench = new ProcessBuilder(List.of(java, "-Dwherefore.dist=" + System.getProperty("wherefore.dist"), "-cp",
                classes + File.pathSeparator, Main.class.getName(), "plugins", "--cycles", System.getProperty("wherefore.cycles", "3"), "--warmup", "1",
                "--rate", "20", "--settle", "20", "--json")).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        bench.getOutputStream().close();
        String said = new String(bench.getInputStream().readAllBytes());
        System.out.println(said);
        assertThat(bench.waitFor()).as(said).isZero();
        JsonNode figures = new ObjectMapper().readTree(said.lines().reduce((a, b) -> b).orElse("")).at("/contenders/plugins");
        assertThat(figures.path("requests").asInt()).isPositive();
        assertThat(figures.path("failed").asInt()).as("failed requests").isZero();
        assertThat(figures.path("unplanned").asInt()).as("changes not as planned").isZero();
        assertThat(figures.path("files left").asInt()).isZero();
        assertThat(figures.path("wirings growth").asInt()).isZero();
    }
}
