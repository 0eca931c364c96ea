package org.wherefore.itests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** The distribution as a process of its own, spoken to over HTTP. */
final class RunningServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Process process;
    private final int port;
    private final List<String> output = new ArrayList<>();

    private RunningServer(Process process, int port) {
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
        RunningServer server = new RunningServer(p, port);
        BufferedReader in = new BufferedReader(new InputStreamReader(p.getInputStream()));
        for (String l = in.readLine(); l != null; l = in.readLine()) {
            server.output.add(l);
            if (l.contains(line)) {
                return server;
            }
        }
        throw new IllegalStateException("the server ended: " + String.join("\n", server.output));
    }

    List<String> output() {
        return output;
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(Duration.ofSeconds(30)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return http.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    static JsonNode json(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body());
    }

    /** As {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
