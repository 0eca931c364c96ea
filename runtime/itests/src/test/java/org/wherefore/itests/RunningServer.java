package org.wherefore.itests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The distribution as a process of its own, spoken to over HTTP. */
final class RunningServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final int port;
    private final Path home;
    private final List<String> output = new ArrayList<>();

    private RunningServer(Process process, int port, Path home) {
        this.home = home;
        this.process = process;
        this.port = port;
    }

    /** Starts a command that serves and waits for the line that says it does. @param more arguments after the usual ones */
    static RunningServer start(String command, Path home, String line, String... more) throws IOException {
        int port;
        try (ServerSocket s = new ServerSocket(0)) {
            port = s.getLocalPort();
        }
        List<String> arguments = new ArrayList<>(List.of("bash", Path.of(System.getProperty("wherefore.dist")).resolve("bin/wherefore").toString(),
                command, "--home", home.toString(), "--port", Integer.toString(port)));
        arguments.addAll(List.of(more));
        Process p = new ProcessBuilder(arguments).redirectErrorStream(true).start();
        RunningServer server = new RunningServer(p, port, home);
        BufferedReader in = new BufferedReader(new InputStreamReader(p.getInputStream()));
        for (String l = in.readLine(); l != null; l = in.readLine()) {
            server.output.add(l);
            if (l.contains(line)) {
                return server;
            }
        }
        throw new IllegalStateException("the server ended: " + String.join("\n", server.output));
    }

    /** With the home's first key. */
    private HttpRequest.Builder request(String path) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        if (!path.equals("/api/v1/events")) {
            request.timeout(Duration.ofSeconds(30));
        }
        return request.header("X-API-Key", Files.readString(home.resolve("admin.key")).strip());
    }

    int port() {
        return port;
    }

    List<String> output() {
        return output;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return http.send(request(path)
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Sends a file's bytes as a jar. */
    HttpResponse<String> postJar(String path, Path jar) throws IOException, InterruptedException {
        return http.send(request(path)
                .header("Content-Type", "application/java-archive").POST(HttpRequest.BodyPublishers.ofFile(jar)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> postZip(String path, byte[] zip) throws IOException, InterruptedException {
        return http.send(request(path)
                .header("Content-Type", "application/zip").POST(HttpRequest.BodyPublishers.ofByteArray(zip)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** @param tag sent as {@code If-Match}; null for none */
    HttpResponse<String> put(String path, String body, String tag) throws IOException, InterruptedException {
        HttpRequest.Builder request = request(path).header("Content-Type", "application/json").PUT(HttpRequest.BodyPublishers.ofString(body));
        return http.send((tag == null ? request : request.header("If-Match", tag)).build(), HttpResponse.BodyHandlers.ofString());
    }

    byte[] getBytes(String path) throws IOException, InterruptedException {
        return http.send(request(path).build(), HttpResponse.BodyHandlers.ofByteArray()).body();
    }

    HttpResponse<String> delete(String path) throws IOException, InterruptedException {
        return http.send(request(path).DELETE()
                .build(), HttpResponse.BodyHandlers.ofString());
    }

    /** The data of server-sent events of one kind, as they come; ends with the server. */
    BlockingQueue<JsonNode> events(String kind) throws IOException, InterruptedException {
        HttpResponse<Stream<String>> stream = http.send(request("/api/v1/events").build(),
                HttpResponse.BodyHandlers.ofLines());
        BlockingQueue<JsonNode> out = new LinkedBlockingQueue<>();
        Thread reader = new Thread(() -> {
            String[] event = {""};
            try {
                stream.body().forEach(l -> {
                    if (l.startsWith("event: ")) {
                        event[0] = l.substring(7);
                    } else if (l.startsWith("data: ") && event[0].equals(kind)) {
                        try {
                            out.add(JSON.readTree(l.substring(6)));
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    }
                });
            } catch (UncheckedIOException e) {
                // the server ended
            }
        });
        reader.setDaemon(true);
        reader.start();
        return out;
    }

    /** The process that trains for the server now, if one does. */
    Optional<ProcessHandle> trainingProcess() {
        return trainingProcess(process);
    }

    static Optional<ProcessHandle> trainingProcess(Process of) {
        return of.descendants().filter(p -> p.info().commandLine().orElse("").contains("training-process")).findFirst();
    }

    static JsonNode json(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body());
    }

    /** Most memory that the process has had resident, in MiB; 0 where the system does not tell. */
    long peakMegabytes() throws IOException {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        return !Files.exists(status) ? 0 : Files.readAllLines(status).stream().filter(l -> l.startsWith("VmHWM:"))
                .mapToLong(l -> Long.parseLong(l.replaceAll("[^0-9]", "")) >> 10).findFirst().orElse(0);
    }

    /** As {@code kill -9} does; what it started is left to itself. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
