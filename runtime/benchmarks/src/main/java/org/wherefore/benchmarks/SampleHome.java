package org.wherefore.benchmarks;

import java.io.BufferedWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A server on a home of its own with a model of a made-up catalogue: writes seeded data with their description, trains one
 * epoch with the distribution's own command and starts its server. One thread.
 *
 * <p>Customers follow chains inside groups of {@value #GROUP} products, so that their histories say something of what comes
 * next; every product is bought at least once, so that all of them are the model's targets.
 */
final class SampleHome implements AutoCloseable {
    private static final int GROUP = 50;
    private static final int EVENTS = 54;
    private static final int READY_SECONDS = 120;
    /** Longest history that the model looks at. */
    static final int LENGTH = 200;

    private final Path dist;
    private final Path home;
    private final boolean temporary;
    private final int items;
    private final long seed;
    private Process server;

    /**
     * @param keep a home to use and keep, or null for a temporary one; one with models in it is taken as it is
     * @throws Refused when there is no distribution to run
     */
    SampleHome(Path keep, int items, long seed) throws IOException {
        String folder = System.getProperty("wherefore.dist");
        if (folder == null || !Files.isRegularFile(Path.of(folder, "bin", "wherefore"))) {
            throw new Refused("no distribution to run: name a running server with --port, or start this with './wherefore bench'",
                    null);
        }
        dist = Path.of(folder);
        temporary = keep == null;
        home = keep == null ? Files.createTempDirectory("wherefore-bench") : keep.toAbsolutePath();
        this.items = items;
        this.seed = seed;
    }

    static int users(int items) {
        return Math.max(2_500, 3 * items / EVENTS + 1);
    }

    /** A history such as the customers have, of {@code length} products. */
    static List<String> history(SplittableRandom random, int items, int length) {
        List<String> out = new ArrayList<>(length);
        int[] groups = random.ints(4, 0, Math.max(1, items / GROUP)).toArray();
        int at = groups[0] * GROUP;
        for (int i = 0; i < length; i++) {
            int first = at / GROUP * GROUP;
            if (random.nextInt(10) < 7) {
                at = first + (at - first + 1 + random.nextInt(3)) % GROUP;
            } else {
                at = groups[random.nextInt(groups.length)] * GROUP + random.nextInt(GROUP);
            }
            at = Math.min(at, items - 1);
            out.add("p" + at);
        }
        return out;
    }

    /** Trains, unless the home already has a model. */
    void train(int dim, Report report) throws IOException, InterruptedException {
        if (Files.isDirectory(home.resolve("models"))) {
            return;
        }
        report.doing("training a model of %,d items, d=%d", items, dim);
        Path description = write(home.resolve("sample"));
        run("train", "ecommerce", "--data", description.toString(), "--home", home.toString(), "--seed", String.valueOf(seed),
                "--set", "dim=" + dim, "--set", "hidden=" + 4 * dim);
    }

    private Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        SplittableRandom random = new SplittableRandom(seed);
        try (BufferedWriter out = Files.newBufferedWriter(folder.resolve("events.csv"))) {
            out.write("user,item,time\n");
            int once = 0;
            for (int u = 0; u < users(items); u++) {
                List<String> history = history(random, items, EVENTS);
                for (int i = 0; i < EVENTS; i++) {
                    // Among the first: the last events are held out of training.
                    String item = i % 2 == 0 && i < EVENTS - 4 && once < items ? "p" + once++ : history.get(i);
                    out.write("u" + u + "," + item + "," + (1_700_000_000L + 3_600L * i) + "\n");
                }
            }
        }
        try (BufferedWriter out = Files.newBufferedWriter(folder.resolve("items.csv"))) {
            out.write("id,title,category\n");
            for (int i = 0; i < items; i++) {
                out.write("p" + i + ",Product " + i + ",Group " + i / GROUP + "\n");
            }
        }
        Path description = folder.resolve("sample.json");
        Files.writeString(description, """
                {"name": "bench-sample", "domain": "ecommerce",
                 "sources": [
                  {"connector": "csv", "role": "events", "path": "events.csv", "options": {"separator": ",", "header": "true",
                   "timeUnit": "seconds", "kind": "purchase"}, "columns": {"user": "user", "item": "item", "time": "time"}},
                  {"connector": "csv", "role": "items", "path": "items.csv", "options": {"separator": ",", "header": "true"},
                   "columns": {"id": "id", "title": "title", "category": "category"}}],
                 "cleaning": {"dedupe": "false"},
                 "parameters": {"maxLength": "%d", "blocks": "2", "heads": "1", "dropout": "0.1", "learningRate": "0.002",
                  "batchSize": "64", "epochs": "1", "loss": "sampled-softmax", "negatives": "256"}}
                """.formatted(LENGTH));
        return description;
    }

    private void run(String... arguments) throws IOException, InterruptedException {
        Path log = home.resolve("train.log");
        Process p = wherefore(log, List.of(), arguments);
        try {
            if (p.waitFor() != 0) {
                throw new Refused("'wherefore " + String.join(" ", arguments) + "' failed:\n" + Files.readString(log), null);
            }
        } finally {
            p.destroy();
        }
    }

    private Process wherefore(Path log, List<String> javaOptions, String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of("bash", dist.resolve("bin").resolve("wherefore").toString()));
        line.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(log.toFile());
        if (!javaOptions.isEmpty()) {
            builder.environment().merge("WHEREFORE_JAVA_OPTS", String.join(" ", javaOptions), (a, b) -> a + " " + b);
        }
        return builder.start();
    }

    /**
     * @param recording where a flight recording of the server goes when it stops, or null for none
     * @return where the server listens, once it answers
     */
    InetSocketAddress start(Path recording) throws IOException, InterruptedException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path log = home.resolve("start.log");
        server = wherefore(log, recording == null ? List.of()
                : List.of("-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + recording.toAbsolutePath()),
                "start", "--home", home.toString(), "--port", String.valueOf(port));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(READY_SECONDS);
        while (!Files.exists(home.resolve("server.json"))) {
            if (!server.isAlive() || System.nanoTime() > deadline) {
                throw new Refused("the server did not start:\n" + Files.readString(log), null);
            }
            server.waitFor(100, TimeUnit.MILLISECONDS);
        }
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        new Socket(address.getAddress(), port).close();
        return address;
    }

    /** The server's admin key. */
    String key() throws IOException {
        return Files.readString(home.resolve("admin.key")).strip();
    }

    Path home() {
        return home;
    }

    /** Of the server. */
    long pid() {
        return server.pid();
    }

    /** Processor time of the server so far in nanoseconds, 0 where the system does not tell. */
    long cpuNanos() {
        return server.toHandle().info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
    }

    @Override
    public void close() throws IOException {
        if (server != null) {
            server.destroy();
            try {
                if (!server.waitFor(40, TimeUnit.SECONDS)) {
                    server.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                server.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
        if (temporary) {
            try (Stream<Path> all = Files.walk(home)) {
                for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(p);
                }
            }
        }
    }
}
