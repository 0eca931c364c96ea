package org.wherefore.itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.File;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a stranger does: {@code plugin new}, {@code mvn verify}, {@code plugin install}, a request, {@code plugin remove}; for each kind of plugin,
 * on a server that goes on predicting meanwhile.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PluginIT {
    private static final Path ROOT = Path.of(System.getProperty("wherefore.root"));
    private static final Path DIST = Path.of(System.getProperty("wherefore.dist"));
    private static final String PREDICTIONS = "/api/v1/domains/ecommerce/predictions";
    /** Kind to the address that lists such plugins. */
    private static final Map<String, String> KINDS = new TreeMap<>(Map.of("explainer", "strategies", "connector", "connectors", "extractor", "extractors",
            "domain", "domains"));
    @TempDir
    static Path folder;
    private static Path home;
    private static RunningServer server;

    /** @param output standard output and error, in their order */
    private record Run(int code, String output) {}

    @BeforeAll
    static void start() throws Exception {
        home = folder.resolve("home");
        server = RunningServer.start("demo", home, "serving;");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    @Test
    @Order(1)
    void theCommandAndMavensArchetypeWriteTheSameProject() throws Exception {
        for (String kind : KINDS.keySet()) {
            Run made = wherefore("plugin", "new", kind, "sample", "--dir", project(kind).toString());
            assertThat(made.code()).as(made.output()).isZero();
            Path archetype = ROOT.resolve("plugins-sdk/archetype-" + kind + "/target/test-classes/projects/sample/project").resolve(symbolicName(kind));
            Map<String, String> ours = files(project(kind));
            ours.computeIfPresent("pom.xml", (f, text) -> text.replaceFirst("<wherefore.sdk>[^<]*", "<wherefore.sdk>file:/sdk/repository"));
            assertThat(ours).isEqualTo(files(archetype)).containsKeys("pom.xml", "README.md");
            assertThat(ours.values()).as("names are filled in").noneMatch(t -> t.contains("${pluginName}") || t.contains("${className}"));
        }
    }

    @Test
    @Order(2)
    void eachProjectBuildsAndKeepsItsContract() throws Exception {
        for (String kind : KINDS.keySet()) {
            Run built = mvn(project(kind));
            assertThat(built.code()).as(built.output()).isZero();
            assertThat(built.output()).as(kind).containsPattern("Tests run: [0-9]{1,2}, Failures: 0, Errors: 0, .*ContractTest");
            assertThat(jar(kind)).exists();
        }
    }

    @Test
    @Order(3)
    void eachComesAndGoesByOneCommandAndTouchesNothingElse() throws Exception {
        BlockingQueue<JsonNode> events = server.events("plugin");
        Map<String, List<String>> before = listed();
        List<JsonNode> bundlesBefore = items("bundles");
        AtomicInteger answered = new AtomicInteger();
        AtomicReference<String> failure = new AtomicReference<>();
        Thread requests = requests(answered, failure);
        for (String kind : KINDS.keySet()) {
            Run installed = wherefore("plugin", "install", jar(kind).toString());
            assertThat(installed.code()).as(installed.output()).isZero();
            assertThat(installed.output()).contains("verified: it fits this platform", "installed on http://127.0.0.1:");
            JsonNode event = events.poll(30, TimeUnit.SECONDS);
            assertThat(event.path("touched")).as("bundles whose state changed").hasSize(1);
            assertThat(event.path("touched").path(0).asText()).isEqualTo(symbolicName(kind));
            assertThat(names(KINDS.get(kind))).contains("sample");
        }
        assertThat(wherefore("plugin", "list").output()).contains("com.example.domain.sample 1.0.0  active", "Explainer sample", "DataConnector sample");
        JsonNode answer = RunningServer.json(server.post(PREDICTIONS, "{\"user\":\"c0002\",\"k\":3,\"explain\":{\"strategy\":\"sample\"}}"));
        for (JsonNode output : answer.path("outputs")) {
            assertThat(output.at("/explanation/strategy/name").asText()).isEqualTo("sample");
            JsonNode attribution = output.at("/explanation/attribution");
            double sum = attribution.path("baseValue").asDouble() + attribution.path("completenessGap").asDouble();
            for (JsonNode c : attribution.path("contributions")) {
                sum += c.path("value").asDouble();
            }
            assertThat(sum).isCloseTo(output.path("score").asDouble(), within(1e-6));
            assertThat(attribution.path("contributions")).isNotEmpty();
        }
        Run updated = wherefore("plugin", "install", jar("explainer").toString());
        assertThat(updated.output()).contains("updated on http://127.0.0.1:");
        assertThat(events.poll(30, TimeUnit.SECONDS).path("touched")).hasSize(1);
        for (String kind : KINDS.keySet()) {
            Run removed = wherefore("plugin", "remove", symbolicName(kind));
            assertThat(removed.code()).as(removed.output()).isZero();
            JsonNode event = events.poll(30, TimeUnit.SECONDS);
            assertThat(event.path("change").asText()).isEqualTo("removed");
            assertThat(event.path("touched")).hasSize(1);
        }
        requests.interrupt();
        requests.join();
        assertThat(failure.get()).as("requests while plugins came and went").isNull();
        assertThat(answered.get()).isPositive();
        assertThat(listed()).isEqualTo(before);
        assertThat(items("bundles")).isEqualTo(bundlesBefore);
        assertThat(server.post(PREDICTIONS, "{\"user\":\"c0002\",\"k\":1,\"explain\":{\"strategy\":\"sample\"}}").statusCode()).isEqualTo(404);
    }

    @Test
    @Order(4)
    void anInstalledPluginSurvivesAKill() throws Exception {
        assertThat(server.postJar("/api/v1/bundles", jar("explainer")).statusCode()).isEqualTo(201);
        JsonNode installed = items("bundles").get(0);
        server.kill();
        server = RunningServer.start("start", home, "ready in");
        assertThat(items("bundles")).containsExactly(installed);
        assertThat(names("strategies")).contains("sample");
        assertThat(server.delete("/api/v1/bundles/" + symbolicName("explainer")).statusCode()).isEqualTo(200);
        assertThat(home.resolve("plugins")).isEmptyDirectory();
    }

    @Test
    @Order(5)
    void refusalsAreProblemsAndLeaveNothing() throws Exception {
        Path text = Files.writeString(folder.resolve("text.jar"), "hello");
        refused(server.postJar("/api/v1/bundles", text), 400, "this is not a jar");
        Path api;
        try (Stream<Path> all = Files.walk(DIST.resolve("repository/org/wherefore/org.wherefore.api"))) {
            api = all.filter(f -> f.toString().endsWith(".jar")).findFirst().orElseThrow();
        }
        refused(server.postJar("/api/v1/bundles", api), 409, "is the name of a bundle of the platform");
        refused(server.delete("/api/v1/bundles/org.wherefore.core"), 409, "is a bundle of the platform");
        refused(server.delete("/api/v1/bundles/nobody"), 404, "installed: none");
        Run verified = wherefore("plugin", "verify", text.toString());
        assertThat(verified.code()).isEqualTo(3);
        assertThat(home.resolve("plugins")).isEmptyDirectory();
    }

    @Test
    @Order(6)
    void aBrokenPluginIsToldWhatToChange() throws Exception {
        Path source = project("explainer").resolve("src/main/java/com/example/explainer/sample/SampleExplainer.java");
        String good = Files.readString(source);
        Files.writeString(source, good.replace("gap -= value;", ""));
        Run built = mvn(project("explainer"));
        assertThat(built.code()).isNotZero();
        assertThat(built.output()).contains("report what is left as the gap");
        Files.writeString(source, good.replace("@Component(service = Explainer.class)\n", ""));
        Run quiet = mvn(project("explainer"));
        assertThat(quiet.code()).as(quiet.output()).isZero();
        Run verified = wherefore("plugin", "install", jar("explainer").toString());
        assertThat(verified.code()).isEqualTo(3);
        assertThat(verified.output()).contains("it has no service component of a plugin kind");
    }

    private static void refused(HttpResponse<String> response, int status, String words) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type")).hasValueSatisfying(t -> assertThat(t).startsWith("application/problem+json"));
        assertThat(response.body()).contains(words);
    }

    /** Explained predictions by the default strategy, one after the other, until interrupted. */
    private static Thread requests(AtomicInteger answered, AtomicReference<String> failure) {
        Thread t = new Thread(() -> {
            try {
                while (!Thread.currentThread().isInterrupted()) {
                    HttpResponse<String> response = server.post(PREDICTIONS, "{\"user\":\"c0005\",\"k\":3,\"explain\":{}}");
                    if (response.statusCode() / 100 != 2) {
                        failure.compareAndSet(null, response.statusCode() + " " + response.body());
                    }
                    answered.incrementAndGet();
                }
            } catch (InterruptedException e) {
                // the end
            } catch (IOException e) {
                failure.compareAndSet(null, e.toString());
            }
        });
        t.start();
        return t;
    }

    private static Map<String, List<String>> listed() throws Exception {
        Map<String, List<String>> out = new TreeMap<>();
        for (String path : KINDS.values()) {
            out.put(path, names(path));
        }
        return out;
    }

    private static List<String> names(String path) throws Exception {
        return items(path).stream().map(i -> i.has("name") ? i.path("name").asText() : i.path("id").asText()).toList();
    }

    private static List<JsonNode> items(String path) throws Exception {
        List<JsonNode> out = new ArrayList<>();
        RunningServer.json(server.get("/api/v1/" + path)).path("items").forEach(out::add);
        return out;
    }

    private static Path project(String kind) {
        return folder.resolve("sample-" + kind);
    }

    private static String symbolicName(String kind) {
        return "com.example." + kind + ".sample";
    }

    private static Path jar(String kind) {
        return project(kind).resolve("target").resolve(symbolicName(kind) + "-1.0.0.jar");
    }

    private static Map<String, String> files(Path project) throws IOException {
        Map<String, String> out = new TreeMap<>();
        try (Stream<Path> all = Files.walk(project)) {
            for (Path f : all.filter(Files::isRegularFile).toList()) {
                out.put(project.relativize(f).toString(), Files.readString(f).replace("\r\n", "\n"));
            }
        }
        return out;
    }

    private static Run wherefore(String... arguments) throws Exception {
        List<String> line = new ArrayList<>(List.of("bash", DIST.resolve("bin/wherefore").toString()));
        line.addAll(List.of(arguments));
        line.addAll(List.of("--home", home.toString()));
        return run(folder, line);
    }

    /** Offline but for the SDK's own repository, which is a folder; with a network the first time, when something is missing. */
    private static Run mvn(Path project) throws Exception {
        String maven = Path.of(System.getProperty("maven.home"), "bin", File.separatorChar == '/' ? "mvn" : "mvn.cmd").toString();
        List<String> online = List.of(maven, "-B", "-ntp", "clean", "verify");
        List<String> offline = new ArrayList<>(online);
        offline.addAll(List.of("-o", "-Daether.offline.protocols=file"));
        Run run = run(project, offline);
        return run.code() != 0 && run.output().matches("(?s).*(offline mode|PluginResolutionException|DependencyResolutionException).*") ? run(project, online) : run;
    }

    private static Run run(Path where, List<String> line) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(line).directory(where.toFile()).redirectErrorStream(true);
        builder.environment().remove("MAVEN_ARGS");
        Process p = builder.start();
        p.getOutputStream().close();
        String output = new String(p.getInputStream().readAllBytes());
        return new Run(p.waitFor(), output);
    }
}
