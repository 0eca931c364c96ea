package org.wherefore.core.internal.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.train.TrainingOrder;

class MessageTest {
    @Test
    void whatIsWrittenIsReadAgain() {
        TrainingOrder order = new TrainingOrder("shop", Path.of("/data/sh op.json"), null, Map.of("epochs", "3"), Long.MIN_VALUE, 2);
        Message.Order sent = Message.Order.of(order, Path.of("/a"), Path.of("/b"), Path.of("/c"));
        for (Message m : new Message[] {sent, new Message.Progress(0.25, Map.of("epoch", 3.0, "sequences/s", 1e6)),
            new Message.Result("dl4j", "sha256:ab", Map.of("seed", "7"), Map.of("hr@10", 0.3),
                    Map.of("popularity", Map.of("hr@10", 0.1)), 1.5),
            new Message.Failure(ErrorCode.BAD_DATA, null, "line 3: \"x\"\nis no number")}) {
            assertThat(Message.write(m)).doesNotContain("\n");
            assertThat(Message.read(Message.write(m))).contains(m);
        }
        assertThat(sent.training()).isEqualTo(order);
    }

    @Test
    void figuresThatAreNoNumbersSurvive() {
        Message m = new Message.Progress(0, Map.of("loss", Double.NaN, "worst", Double.POSITIVE_INFINITY));
        assertThat(Message.read(Message.write(m))).contains(m);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Terminating due to java.lang.OutOfMemoryError: Java heap space", "{", "{}", "[1]", "{\"type\":\"greeting\"}",
        "{\"type\":\"progress\",\"done\":\"half\"}"})
    void otherLinesAreNoMessages(String line) {
        assertThat(Message.read(line)).isEmpty();
    }
}
