package org.wherefore.launcher.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Offered to bundles as {@code Supplier<ProcessBuilder>} with the service property {@code wherefore.process=training}: each builder
 * starts this distribution once, in a Java of its own, on the same home, to run the command {@value #COMMAND}. Its standard error
 * goes to a log of its own, {@code logs/training-TIME.log}; the newest {@value #LOGS} are kept. Thread-safe.
 */
final class TrainingProcess implements Supplier<ProcessBuilder> {
    static final String COMMAND = "training-process";
    /** System property: the heap of a training process, such as {@code 8g}; without it, as much as the starting process may have. */
    static final String HEAP = "wherefore.training.heap";
    private static final int LOGS = 20;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss-SSS").withZone(ZoneOffset.UTC);
    private static final List<String> NICE = List.of("/usr/bin/nice", "/bin/nice");
    /** Options of this process that a second one can't share: a debugger's port, an agent's output. */
    private static final List<String> OWN = List.of("-agentlib:", "-agentpath:", "-javaagent:", "-Xrunjdwp", "-XX:StartFlightRecording",
            "-Dcom.sun.management.jmxremote");

    private final Options options;
    private final boolean low;
    private final String heap;

    /** @param low whether it yields to this process. @throws LaunchException when {@value #HEAP} is no size */
    TrainingProcess(Options options, boolean low) {
        this.options = options;
        this.low = low;
        heap = System.getProperty(HEAP, "");
        if (!heap.isEmpty() && !heap.matches("[1-9][0-9]{0,11}[kKmMgG]?")) {
            throw new LaunchException("-D" + HEAP + " is a size such as 8g or 900m, got '" + heap + "'");
        }
    }

    @Override
    public ProcessBuilder get() {
        Path logs = options.home().resolve("logs");
        List<String> line = new ArrayList<>();
        if (low) {
            NICE.stream().filter(n -> Files.isExecutable(Path.of(n))).findFirst().ifPresent(n -> line.addAll(List.of(n, "-n", "5")));
        }
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(java(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments(), heap, logs));
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName(), COMMAND, "--home", options.home().toString(),
                "--with", String.join(",", options.with())));
        try {
            Files.createDirectories(logs);
            prune(logs);
        } catch (IOException e) {
            throw new UncheckedIOException("the log folder " + logs + " can't be written", e);
        }
        return new ProcessBuilder(line).redirectError(logs.resolve("training-" + TIME.format(Instant.now()) + ".log").toFile());
    }

    /** Options for the other Java. Running out of heap ends it at once, with exit code 3, instead of leaving it half alive. */
    static List<String> java(List<String> ours, String heap, Path logs) {
        List<String> out = new ArrayList<>(ours);
        out.removeIf(o -> OWN.stream().anyMatch(o::startsWith));
        if (!heap.isEmpty()) {
            out.add("-Xmx" + heap);
        }
        out.add("-XX:+ExitOnOutOfMemoryError");
        out.add("-XX:ErrorFile=" + logs.resolve("training-crash-%p.log"));
        return out;
    }

    private static void prune(Path logs) throws IOException {
        List<Path> old;
        try (Stream<Path> all = Files.list(logs)) {
            old = all.filter(f -> f.getFileName().toString().matches("training-[0-9-]+\\.log")).sorted().toList();
        }
        for (Path f : old.subList(0, Math.max(0, old.size() - LOGS + 1))) {
            Files.deleteIfExists(f);
        }
    }
}
