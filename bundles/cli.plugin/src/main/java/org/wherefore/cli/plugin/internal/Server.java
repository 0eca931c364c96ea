package org.wherefore.cli.plugin.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/** The running server of a home, over HTTP. One thread. */
final class Server {
    private static final int DEFAULT_PORT = 8080;
    private static final Duration PATIENCE = Duration.ofSeconds(180);
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Path home;
    private final int port;

    /** @param port when it is not the default one, the caller means a server there; otherwise the home says where its server is */
    Server(Path home, int port) {
        this.home = home;
        this.port = port == DEFAULT_PORT ? portOf(home) : port;
    }

    private static int portOf(Path home) {
        Path file = home.resolve("server.json");
        try {
            return new ObjectMapper().readTree(Files.readAllBytes(file)).path("port").asInt(DEFAULT_PORT);
        } catch (IOException e) {
            if (Files.exists(file)) {
                throw new WhereforeException(ErrorCode.STORAGE, "can't read " + file + ": " + e, e);
            }
            return DEFAULT_PORT;
        }
    }

    /** Whether the home's server answers for it now. */
    static boolean runsOn(Path home) {
        try {
            return Files.exists(home.resolve("server.json")) && ProcessHandle.of(new ObjectMapper().readTree(Files.readAllBytes(home.resolve("server.json")))
                    .path("pid").asLong()).filter(ProcessHandle::isAlive).isPresent();
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't read " + home.resolve("server.json") + ": " + e, e);
        }
    }

    String address() {
        return "http://127.0.0.1:" + port + "/";
    }

    JsonNode get(String path) {
        return send(request(path).GET());
    }

    JsonNode post(String path, String body, String ifMatch) {
        HttpRequest.Builder request = request(path).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body));
        return send(ifMatch == null ? request : request.header("If-Match", "\"" + ifMatch + "\""));
    }

    /** Sends a file's bytes. */
    JsonNode send(String path, String type, Path file) {
        try {
            return send(request(path).header("Content-Type", type).POST(HttpRequest.BodyPublishers.ofFile(file)));
        } catch (FileNotFoundException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "can't read " + file, e);
        }
    }

    void install(Path jar) {
        JsonNode change = send("bundles", "application/java-archive", jar);
        System.out.println(change.path("change").asText() + " on " + address());
        print(change.path("bundle"));
        List<String> touched = new ArrayList<>();
        change.path("touched").forEach(t -> touched.add(t.asText()));
        System.out.println("bundles whose state changed: " + String.join(", ", touched));
    }

    void list() {
        JsonNode items = send(request("bundles?limit=500").GET()).path("items");
        if (items.isEmpty()) {
            System.out.println("no plugins on " + address());
        }
        items.forEach(Server::print);
    }

    void remove(String symbolicName) {
        JsonNode bundle = send(request("bundles/" + URLEncoder.encode(symbolicName, StandardCharsets.UTF_8)).DELETE()).path("bundle");
        System.out.println("removed " + bundle.path("symbolicName").asText() + " " + bundle.path("version").asText());
    }

    private static void print(JsonNode bundle) {
        String signer = bundle.at("/signature/signer").asText();
        System.out.println(bundle.path("symbolicName").asText() + " " + bundle.path("version").asText() + "  " + bundle.path("state").asText() + "  "
                + bundle.at("/signature/state").asText() + (signer.isEmpty() ? "" : " (" + signer + ")"));
        bundle.path("services").forEach(s -> {
            String type = s.path("type").asText();
            System.out.println("  " + type.substring(type.lastIndexOf('.') + 1) + " " + s.path("name").asText());
        });
        bundle.path("problems").forEach(p -> System.out.println("  " + p.asText()));
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/" + path)).timeout(PATIENCE);
        Path key = home.resolve("admin.key");
        try {
            if (Files.exists(key)) {
                request.header("Authorization", "Bearer " + Files.readString(key).strip());
            }
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't read " + key + ": " + e, e);
        }
        return request;
    }

    /** @throws WhereforeException what the server says, or that there is none */
    private JsonNode send(HttpRequest.Builder request) {
        try {
            HttpResponse<byte[]> answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            JsonNode json = new ObjectMapper().readTree(answer.body());
            if (answer.statusCode() >= 400) {
                throw new WhereforeException(ErrorCode.CONFLICT, json.path("detail").asText("the server answered " + answer.statusCode()));
            }
            return json;
        } catch (ConnectException e) {
            throw new WhereforeException(ErrorCode.MODEL_UNAVAILABLE, "no server runs on " + home + " (nobody listens on port " + port
                    + "); start one with: wherefore start --home " + home + ", or name another with --home or --port", e);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "the server on port " + port + " did not answer as expected: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new WhereforeException(ErrorCode.CANCELLED, "interrupted", e);
        }
    }
}
