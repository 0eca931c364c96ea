package org.wherefore.core.internal.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

class ReporterTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TrainingCommand.Reporter reporter = new TrainingCommand.Reporter(new PrintStream(bytes, true, StandardCharsets.UTF_8));

    private List<Message.Progress> told() {
        return bytes.toString(StandardCharsets.UTF_8).lines().map(l -> (Message.Progress) Message.read(l).orElseThrow()).toList();
    }

    @Test
    void figuresOfAnotherKindAndTheEndAreAlwaysTold() {
        for (int i = 0; i < 50_000; i++) {
            reporter.update(0.1 + i * 1e-6, Map.of("loss", 1.0));
        }
        reporter.update(0.5, Map.of("loss", 1.0, "ndcg@10", 0.2));
        reporter.update(1, Map.of("loss", 1.0, "ndcg@10", 0.2));
        List<Message.Progress> told = told();
        assertThat(told).hasSizeLessThan(1_000);
        assertThat(told.get(0).done()).isEqualTo(0.1);
        assertThat(told.get(told.size() - 2).figures()).containsEntry("ndcg@10", 0.2);
        assertThat(told.get(told.size() - 1).done()).isEqualTo(1);
    }

    @Test
    void timeLeftIsToldOnceThereIsSomethingToJudgeItBy() {
        reporter.update(0.1, Map.of("a", 1.0));
        reporter.update(0.2, Map.of("b", 1.0));
        reporter.update(1, Map.of("c", 1.0));
        List<Message.Progress> told = told();
        assertThat(told.get(0).figures()).doesNotContainKey("secondsLeft");
        assertThat(told.get(1).figures().get("secondsLeft")).isGreaterThan(0);
        assertThat(told.get(2).figures()).doesNotContainKey("secondsLeft");
    }
}
