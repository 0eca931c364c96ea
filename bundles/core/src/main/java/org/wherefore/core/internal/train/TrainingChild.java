package org.wherefore.core.internal.train;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.spi.TrainingProgress;

/** This side of a training process: starts it, relays what it tells, stops it. Thread-safe; each call has a process of its own. */
final class TrainingChild {
    private static final System.Logger LOG = System.getLogger(TrainingChild.class.getName());
    private static final int POLL_MILLIS = 100;
    private static final int STOP_SECONDS = 5;
    /** Exit code of a Java that ran out of heap, and of one that the system or somebody killed. */
    private static final int OUT_OF_HEAP = 3;
    private static final int KILLED = 137;
    /** How a process ends that Ctrl-C reached before this one told it. */
    private static final int INTERRUPTED = 130;

    private final Supplier<ProcessBuilder> processes;

    /** @param processes builders whose standard error goes to a file */
    TrainingChild(Supplier<ProcessBuilder> processes) {
        this.processes = processes;
    }

    /**
     * Blocks until the process told its result, failed, died, or {@code progress} said that it is cancelled.
     *
     * @throws WhereforeException what the process told; {@code CANCELLED}; {@code INTERNAL} when it ended without a word, naming its
     *         exit code and its log; {@code STORAGE} when it can't be started
     */
    Message.Result run(Message.Order order, TrainingProgress progress) {
        ProcessBuilder builder;
        Process process;
        try {
            builder = processes.get();
            process = builder.start();
        } catch (IOException | UncheckedIOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "a training process can't be started, nothing was trained: " + e.getMessage(), e);
        }
        LOG.log(System.Logger.Level.INFO, "training of {0} runs in process {1}, its log is {2}", order.domain(),
                Long.toString(process.pid()), builder.redirectError().file());
        try {
            tell(process, order);
            return listen(process, builder, progress);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cancelled();
        } finally {
            stop(process);
        }
    }

    private static void tell(Process process, Message.Order order) {
        try {
            OutputStream in = process.getOutputStream();
            in.write((Message.write(order) + "\n").getBytes(StandardCharsets.UTF_8));
            in.flush();
        } catch (IOException e) {
            // it ended already: its exit code says more than a broken pipe
        }
    }

    private static Message.Result listen(Process process, ProcessBuilder builder, TrainingProgress progress) throws InterruptedException {
        BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> read(process, lines), "wherefore-training-" + process.pid());
        reader.setDaemon(true);
        reader.start();
        while (true) {
            Optional<String> line = lines.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
            if (progress.cancelled()) {
                throw cancelled();
            }
            if (line == null) {
                continue;
            }
            if (line.isEmpty()) {
                throw ended(process.waitFor(), builder);
            }
            Optional<Message> message = Message.read(line.get());
            if (message.isEmpty()) {
                LOG.log(System.Logger.Level.INFO, "training process {0}: {1}", Long.toString(process.pid()), line.get());
            } else if (message.get() instanceof Message.Progress p) {
                progress.update(p.done(), p.figures());
            } else if (message.get() instanceof Message.Result r) {
                return r;
            } else if (message.get() instanceof Message.Failure f) {
                throw new WhereforeException(f.code(), f.pointer(), f.message()
                        + (f.code() == ErrorCode.INTERNAL ? "; nothing was registered; its log is " + builder.redirectError().file() : ""), null);
            }
        }
    }

    /** The end of its output is told as an empty line object, so that the end is seen in order. */
    private static void read(Process process, BlockingQueue<Optional<String>> lines) {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            in.lines().forEach(l -> lines.add(Optional.of(l)));
        } catch (IOException | UncheckedIOException e) {
            // the pipe broke with the process
        } finally {
            lines.add(Optional.empty());
        }
    }

    private static WhereforeException cancelled() {
        return new WhereforeException(ErrorCode.CANCELLED, "training was cancelled; nothing was registered");
    }

    private static WhereforeException ended(int code, ProcessBuilder builder) {
        if (code == INTERRUPTED) {
            return cancelled();
        }
        String why = switch (code) {
            case OUT_OF_HEAP -> ": it ran out of memory; give it more with WHEREFORE_JAVA_OPTS=-Dwherefore.training.heap=8g, or train on less";
            case KILLED -> ": it was killed (kill -9, or the system ran out of memory)";
            default -> "";
        };
        return new WhereforeException(ErrorCode.INTERNAL, "the training process ended with exit code " + code + why
                + "; nothing was registered; its log is " + builder.redirectError().file());
    }

    /** Closing its standard input ends it at once; one that does not listen any more is killed. When this returns it writes nothing more. */
    private static void stop(Process process) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // it is gone
        }
        try {
            process.onExit().orTimeout(STOP_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }
}
