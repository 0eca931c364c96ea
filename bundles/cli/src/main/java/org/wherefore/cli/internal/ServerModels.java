package org.wherefore.cli.internal;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.registry.Retention;
import org.wherefore.api.registry.Traffic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The models of a running server, over HTTP: it loads and tries what it is to serve, and keeps what it has leased. */
final class ServerModels implements Models {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DEFAULT_PORT = 8080;
    /** A large archive takes its time, and so does loading a large model. */
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
    private final Path home;
    private final int port;

    ServerModels(Path home, int port) {
        this.home = home;
        this.port = port;
    }

    /** @param port when it is not the default one, the caller means a server there; otherwise the home says where its server is */
    static ServerModels of(Path home, int port) {
        Path file = home.resolve("server.json");
        if (port != DEFAULT_PORT || !Files.exists(file)) {
            return new ServerModels(home, port);
        }
        try {
            return new ServerModels(home, JSON.readTree(Files.readAllBytes(file)).path("port").asInt(DEFAULT_PORT));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't read " + file + ": " + e, e);
        }
    }

    @Override
    public JsonNode list() {
        return json(request("?limit=500").GET()).path("items");
    }

    @Override
    public JsonNode show(String name) {
        return json(request("/" + name).GET());
    }

    @Override
    public JsonNode traffic(String name) {
        return json(request("/" + name + "/traffic").GET());
    }

    @Override
    public JsonNode promote(String name, int version, String alias, String why) {
        String address = "/" + name + "/aliases/" + alias;
        HttpRequest.Builder put = request(address).PUT(body(Json.object().put("version", version).put("why", why)));
        HttpResponse<byte[]> now = send(request(address).GET());
        if (now.statusCode() != 404) {
            put.header("If-Match", tag(now));
        }
        return json(put);
    }

    @Override
    public JsonNode rollback(String name, String alias, String why) {
        return json(request("/" + name + "/rollback").POST(body(Json.object().put("alias", alias).put("why", why))));
    }

    @Override
    public JsonNode split(String name, Traffic traffic, String why) {
        String address = "/" + name + "/traffic";
        ObjectNode split = Json.object().put("why", why);
        if (traffic.canary() != 0) {
            split.putObject("canary").put("version", traffic.canary()).put("percent", traffic.percent());
        }
        if (traffic.shadow() != 0) {
            split.putObject("shadow").put("version", traffic.shadow());
        }
        return json(request(address).header("If-Match", tag(send(request(address).GET()))).PUT(body(split)));
    }

    @Override
    public void export(ModelRef ref, Path file) {
        int version = ref.alias().isEmpty() ? ref.version()
                : json(request("/" + ref.name() + "/aliases/" + ref.alias()).GET()).path("version").asInt();
        HttpRequest.Builder request = request("/" + ref.name() + "/versions/" + version + "/archive").GET();
        exchange(request, info -> info.statusCode() == 200
                ? HttpResponse.BodySubscribers.mapping(HttpResponse.BodySubscribers.ofFile(file), f -> new byte[0])
                : HttpResponse.BodySubscribers.ofByteArray(), true);
    }

    @Override
    public JsonNode importArchive(String name, Path file, String why) {
        try {
            return json(request("/" + name + "/versions?why=" + URLEncoder.encode(why, StandardCharsets.UTF_8)).setHeader("Content-Type", "application/zip")
                    .POST(BodyPublishers.ofFile(file)));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "can't read " + file + ": " + e, e);
        }
    }

    @Override
    public JsonNode prune(String name, Retention retention, boolean dryRun, String why) {
        return json(request("/" + name + "/prune").POST(body(Json.object().put("keep", retention.keep())
                .put("rollbackTargets", retention.rollbackTargets()).put("dryRun", dryRun).put("why", why))));
    }

    private static HttpRequest.BodyPublisher body(ObjectNode json) {
        return BodyPublishers.ofString(json.toString());
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/models" + path)).timeout(PATIENCE)
                .header("Content-Type", "application/json");
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

    private static String tag(HttpResponse<byte[]> answer) {
        refuse(answer);
        return answer.headers().firstValue("ETag").orElse("*");
    }

    /** @throws WhereforeException what the server says, or that there is none */
    private JsonNode json(HttpRequest.Builder request) {
        HttpResponse<byte[]> answer = exchange(request, i -> HttpResponse.BodySubscribers.ofByteArray(), true);
        try {
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "the server on port " + port + " did not answer with JSON: " + e, e);
        }
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) {
        return exchange(request, i -> HttpResponse.BodySubscribers.ofByteArray(), false);
    }

    private HttpResponse<byte[]> exchange(HttpRequest.Builder request, HttpResponse.BodyHandler<byte[]> handler, boolean refusing) {
        try {
            HttpResponse<byte[]> answer = http.send(request.build(), handler);
            if (refusing) {
                refuse(answer);
            }
            return answer;
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

    private static void refuse(HttpResponse<byte[]> answer) {
        if (answer.statusCode() < 400) {
            return;
        }
        String detail = "the server answered " + answer.statusCode();
        ErrorCode code = ErrorCode.CONFLICT;
        try {
            JsonNode problem = JSON.readTree(answer.body());
            detail = problem.path("detail").asText(detail);
            String name = problem.path("type").asText().replaceFirst("^/problems/", "").replace('-', '_').toUpperCase(Locale.ROOT);
            code = Arrays.stream(ErrorCode.values()).filter(c -> c.name().equals(name)).findFirst().orElse(code);
        } catch (IOException noProblem) {
            // the status has to do
        }
        throw new WhereforeException(code, detail);
    }
}
