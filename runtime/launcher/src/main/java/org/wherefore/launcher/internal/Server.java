package org.wherefore.launcher.internal;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
    /** How long a server may lack nothing but a domain before it is taken to have none. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private final Options options;
    private final Path file;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    Server(Options options) {
        this.options = options;
        this.file = options.home().resolve("server.json");
    }

    int serve(boolean demo) {
        running().ifPresent(s -> {
            throw new LaunchException("a server already runs on " + options.home() + ": pid " + s.path("pid").asLong()
                    + ", http://127.0.0.1:" + s.path("port").asInt() + "/; stop it with: wherefore stop --home " + options.home());
        });
        refuseBusyPort();
        prepareHome();
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
            awaitReady(platform);
            System.out.printf(java.util.Locale.ROOT, "ready in %.1f s: http://127.0.0.1:%d/%n",
                    (System.currentTimeMillis() - start) / 1000.0, options.port());
            System.out.flush();
            write(Map.of("pid", ProcessHandle.current().pid(), "port", options.port(), "started", Instant.now().toString()));
            if (demo) {
                int code = platform.run("demo", options.rest());
                if (code != 0) {
                    return code;
                }
                System.out.printf("%nconsole: http://127.0.0.1:%d/%nadmin key: %s%nserving; stop with Ctrl-C or: wherefore stop --home %s%n",
                        options.port(), Files.readString(options.home().resolve("admin.key")).strip(), options.home());
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
        int port = server.get().path("port").asInt();
        System.out.printf("pid %d on http://127.0.0.1:%d/, since %s, %s%n", server.get().path("pid").asLong(), port,
                server.get().path("started").asText(), ready(port) ? "ready" : "not ready");
        return 0;
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

    private void refuseBusyPort() {
        try (ServerSocket s = new ServerSocket()) {
            s.setReuseAddress(true);
            s.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), options.port()));
        } catch (IOException e) {
            throw new LaunchException("port " + options.port() + " is in use; choose another with --port", e);
        }
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

    private void awaitReady(Platform platform) throws InterruptedException {
        long deadline = System.nanoTime() + READY.toNanos();
        long idle = 0;
        while (!ready(options.port())) {
            // An admin who removed every domain has to get one back: such a server serves, too.
            idle = onlyDomainsAreMissing() ? idle == 0 ? System.nanoTime() : idle : 0;
            if (idle != 0 && System.nanoTime() - idle > PATIENCE.toNanos()) {
                System.out.println("no domain is installed; see: wherefore feature list");
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new LaunchException("the server did not get ready within " + READY.toSeconds() + " s; see "
                        + options.home().resolve("logs") + platform.unsatisfied());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private boolean ready(int port) {
        HttpResponse<String> answer = readiness(port);
        return answer != null && answer.statusCode() == 200;
    }

    private boolean onlyDomainsAreMissing() {
        HttpResponse<String> answer = readiness(options.port());
        try {
            JsonNode checks = answer == null ? null : new ObjectMapper().readTree(answer.body()).path("checks");
            if (checks == null || checks.path("domains").asBoolean(true)) {
                return false;
            }
            for (var c = checks.fields(); c.hasNext();) {
                var check = c.next();
                if (!check.getKey().equals("domains") && !check.getValue().asBoolean()) {
                    return false;
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** @return null when nobody answers */
    private HttpResponse<String> readiness(int port) {
        try {
            return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/readyz")).timeout(Duration.ofSeconds(2)).build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
