package org.wherefore.launcher.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The commands that start, stop and look at a server. What runs where is in {@code <home>/server.json}. */
final class Server {
    private static final Duration READY = Duration.ofSeconds(60);
    private final Options options;
    private final Path file;

    Server(Options options) {
        this.options = options;
        this.file = options.home().resolve("server.json");
    }

    int serve(boolean demo) {
        running().ifPresent(s -> {
            throw new LaunchException("a server already runs on " + options.home() + ": pid " + s.path("pid").asLong()
                    + ", " + s.path("url").asText("http://127.0.0.1:" + s.path("port").asInt() + "/") + "; stop it with: wherefore stop --home " + options.home());
        });
        prepareHome();
        Listening at = listening();
        at.refuseBusy();
        long start = ProcessHandle.current().info().startInstant().map(i -> i.toEpochMilli()).orElse(System.currentTimeMillis());
        Platform platform = Platform.start(options, Mode.SERVE);
        CountDownLatch end = new CountDownLatch(1);
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            end.countDown();
            try {
                ended.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "wherefore-shutdown"));
        try (platform) {
            awaitReady(platform, at);
            System.out.printf(java.util.Locale.ROOT, "ready in %.1f s: %s%n", (System.currentTimeMillis() - start) / 1000.0, at.url());
            System.out.flush();
            write(Map.of("pid", ProcessHandle.current().pid(), "port", options.port(), "url", at.url(), "started", Instant.now().toString()));
            if (demo) {
                int code = platform.run("demo", options.rest());
                if (code != 0) {
                    return code;
                }
                System.out.printf("%nconsole: %s%nadmin key: %s%nserving; stop with Ctrl-C or: wherefore stop --home %s%n",
                        at.url(), Files.readString(options.home().resolve("admin.key")).strip(), options.home());
            }
            System.out.flush();
            end.await();
            return 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        } catch (IOException e) {
            throw new LaunchException(e.getMessage(), e);
        } finally {
            try {
                Files.deleteIfExists(file);
            } catch (IOException e) {
                System.err.println("wherefore: can't remove " + file + ": " + e.getMessage());
            }
            ended.countDown();
        }
    }

    /** Starts the same command in a process of its own and comes back once it is ready. */
    int serveInBackground(String[] args) {
        Path out = options.home().resolve("logs").resolve("start.out");
        try {
            Files.createDirectories(out.getParent());
            List<String> line = new ArrayList<>();
            line.add(ProcessHandle.current().info().command().orElse("java"));
            line.addAll(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
            line.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
            Stream.of(args).filter(a -> !a.equals(Options.BACKGROUND)).forEach(line::add);
            Process server = new ProcessBuilder(line).redirectErrorStream(true).redirectOutput(out.toFile()).start();
            server.getOutputStream().close();
            while (server.isAlive() && running().filter(s -> s.path("pid").asLong() == server.pid()).isEmpty()) {
                server.waitFor(50, TimeUnit.MILLISECONDS);
            }
            Files.readAllLines(out).stream().filter(l -> !l.startsWith("WARNING: Using incubator")).forEach(System.out::println);
            if (!server.isAlive()) {
                return server.exitValue() == 0 ? 1 : server.exitValue();
            }
            System.out.println("pid " + server.pid() + "; stop it with: wherefore stop --home " + options.home());
            return 0;
        } catch (IOException e) {
            throw new LaunchException("can't start a process: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 1;
        }
    }

    int stop() {
        Optional<JsonNode> server = running();
        if (server.isEmpty()) {
            System.out.println("no server runs on " + options.home());
            return 0;
        }
        ProcessHandle process = ProcessHandle.of(server.get().path("pid").asLong()).orElseThrow();
        process.destroy();
        try {
            process.onExit().get(30, TimeUnit.SECONDS);
        } catch (java.util.concurrent.TimeoutException e) {
            throw new LaunchException("pid " + process.pid() + " did not stop within 30 s; its log is in "
                    + options.home().resolve("logs"), e);
        } catch (InterruptedException | java.util.concurrent.ExecutionException e) {
            throw new LaunchException("waiting for pid " + process.pid() + " failed", e);
        }
        System.out.println("stopped pid " + process.pid());
        return 0;
    }

    int status() {
        Optional<JsonNode> server = running();
        if (server.isEmpty()) {
            System.out.println("no server runs on " + options.home());
            return 1;
        }
        Listening at = Listening.of(HomeSettings.read(options.home(), System::getenv), options.home(), server.get().path("port").asInt());
        System.out.printf("pid %d on %s, since %s, %s%n", server.get().path("pid").asLong(), at.url(), server.get().path("started").asText(),
                at.ready() ? "ready" : "not ready");
        return 0;
    }

    /** Whether a server runs on the home. */
    boolean runs() {
        return running().isPresent();
    }

    private Optional<JsonNode> running() {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode s = new ObjectMapper().readTree(Files.readAllBytes(file));
            boolean alive = ProcessHandle.of(s.path("pid").asLong()).filter(ProcessHandle::isAlive)
                    .flatMap(p -> p.info().command()).filter(c -> c.endsWith("java")).isPresent();
            return alive ? Optional.of(s) : Optional.empty();
        } catch (IOException e) {
            throw new LaunchException("can't read " + file + ": " + e.getMessage(), e);
        }
    }

    private Listening listening() {
        return Listening.of(HomeSettings.read(options.home(), System::getenv), options.home(), options.port());
    }

    private void prepareHome() {
        Path key = options.home().resolve("admin.key");
        try {
            Files.createDirectories(options.home());
            if (!Files.exists(key)) {
                byte[] random = new byte[32];
                new SecureRandom().nextBytes(random);
                Files.createFile(key, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(key, Base64.getUrlEncoder().withoutPadding().encodeToString(random) + "\n");
            }
        } catch (IOException e) {
            throw new LaunchException("the home " + options.home() + " can't be written: " + e.getMessage(), e);
        }
    }

    private void write(Map<String, Object> content) throws IOException {
        Path temp = Files.createTempFile(options.home(), "server", ".tmp");
        Files.write(temp, new ObjectMapper().writeValueAsBytes(content));
        Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private void awaitReady(Platform platform, Listening at) throws InterruptedException {
        long deadline = System.nanoTime() + READY.toNanos();
        while (!at.ready()) {
            if (System.nanoTime() > deadline) {
                throw new LaunchException("the server did not get ready within " + READY.toSeconds() + " s; see "
                        + options.home().resolve("logs") + platform.unsatisfied());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }
}
