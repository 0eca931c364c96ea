package org.wherefore.core.internal.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.train.TrainingOrder;

/** Against real processes that speak, fail, die or hang. */
class TrainingChildTest {
    @TempDir
    Path folder;
    private final List<Double> done = new CopyOnWriteArrayList<>();
    private volatile long pid;
    private volatile boolean cancelled;
    private final TrainingProgress progress = new TrainingProgress() {
        @Override
        public void update(double d, Map<String, Double> figures) {
            done.add(d);
            pid = figures.get("pid").longValue();
        }

        @Override
        public boolean cancelled() {
            return cancelled && pid != 0;
        }
    };

    private Message.Result run(String what) {
        Path classes;
        try {
            classes = Path.of(FakeChild.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (java.net.URISyntaxException e) {
            throw new IllegalStateException(e);
        }
        return new TrainingChild(() -> new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                classes.toString(), FakeChild.class.getName(), what).redirectError(folder.resolve("training.log").toFile()))
                .run(Message.Order.of(new TrainingOrder("shop", folder.resolve("shop.json"), null, Map.of(), 7, 1), folder, folder, folder), progress);
    }

    private void isGone() {
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
    }

    @Test
    void relaysProgressAndReturnsTheResult() {
        Message.Result result = run("succeed");
        assertThat(result.provenance()).containsEntry("order", "for the shop");
        assertThat(done).containsExactly(0.5);
        isGone();
    }

    @Test
    void aFailureKeepsItsCodeAndPlace() {
        assertThatThrownBy(() -> run("fail")).isInstanceOfSatisfying(WhereforeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA);
            assertThat(e.pointer()).contains("shop.csv:3");
            assertThat(e).hasMessage("shop.csv:3 is empty");
        });
    }

    @ParameterizedTest
    @CsvSource({"137,INTERNAL,exit code 137: it was killed", "3,INTERNAL,exit code 3: it ran out of memory", "134,INTERNAL,exit code 134; nothing",
        "0,INTERNAL,exit code 0; nothing", "130,CANCELLED,was cancelled"})
    void oneThatEndsWithoutAWordIsExplained(String code, ErrorCode error, String words) {
        assertThatThrownBy(() -> run(code)).isInstanceOfSatisfying(WhereforeException.class, e -> {
            assertThat(e.code()).isEqualTo(error);
            assertThat(e.getMessage()).contains(words, "nothing was registered");
            if (error == ErrorCode.INTERNAL) {
                assertThat(e.getMessage()).contains(folder.resolve("training.log").toString());
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"listen", "hang"})
    void cancellingEndsTheProcessWhetherItListensOrNot(String what) {
        cancelled = true;
        assertThatThrownBy(() -> run(what)).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
        isGone();
    }

    @Test
    void interruptingTheCallerEndsTheProcess() throws Exception {
        FutureTask<Boolean> work = new FutureTask<>(() -> {
            assertThatThrownBy(() -> run("listen")).isInstanceOfSatisfying(WhereforeException.class,
                    e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
            return Thread.currentThread().isInterrupted();
        });
        Thread caller = new Thread(work);
        caller.start();
        while (pid == 0 && caller.isAlive()) {
            Thread.onSpinWait();
        }
        caller.interrupt();
        assertThat(work.get()).isTrue();
        isGone();
    }

    @Test
    void aProcessThatCannotBeStartedIsAStorageError() {
        assertThatThrownBy(() -> new TrainingChild(() -> new ProcessBuilder(folder.resolve("no-java").toString())).run(
                Message.Order.of(new TrainingOrder("shop", folder, null, Map.of(), 7, 1), folder, folder, folder), progress))
                .isInstanceOfSatisfying(WhereforeException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORAGE))
                .hasMessageContaining("no-java");
    }
}
