package org.wherefore.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Plugins and features that come, are updated and go, in a server that answers an open-loop load of plain and explained predictions: how
 * many requests failed, whether the bundles whose state changed were those of the plan, and what is left in the server's process.
 */
final class PluginsBench {
    private static final String PLUGIN = "com.example.probe.explainer";
    private static final int SETTLE_SECONDS = 120;
    /** After a load, until threads that nobody needs any more have ended. */
    private static final long POLL_MILLIS = 500;

    private final InetSocketAddress server;
    private final String key;
    private final Path home;
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();
    private final AtomicInteger changes = new AtomicInteger();
    private final AtomicInteger unplanned = new AtomicInteger();
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicReference<String> failure = new AtomicReference<>();

    private PluginsBench(InetSocketAddress server, String key, Path home) {
        this.server = server;
        this.key = key;
        this.home = home;
    }

    /** What a process holds. @param metaspaceKib used, after a collection; classes loaded now */
    private record Left(int bundles, int wirings, int threads, int files, double metaspaceKib, int classes) {}

    static void run(Options o, Report report) throws IOException, InterruptedException {
        int cycles = o.number("cycles", 300);
        int warm = o.number("warmup", 20);
        int rate = o.number("rate", 100);
        int items = o.number("items", 300);
        try (SampleHome sample = new SampleHome(o.has("home") ? Path.of(o.text("home", "")) : null, items, o.number("seed", 42))) {
            sample.train(o.number("dim", 16), report);
            InetSocketAddress server = sample.start(null);
            PluginsBench bench = new PluginsBench(server, sample.key(), sample.home());
            report.line("server   a model of %,d items; an open loop of %d requests/s, every second one explained", items, rate);
            AtomicBoolean over = new AtomicBoolean();
            List<Load.Result> results = new ArrayList<>();
            Thread load = new Thread(() -> bench.load(items, rate, sample, over, results), "load");
            report.doing("%d cycles to warm up, then %d", warm, cycles);
            load.start();
            try {
                bench.cycles(warm, report);
                pause(over, load);
                Left before = bench.settled(sample.pid(), null);
                bench.changes.set(0);
                bench.unplanned.set(0);
                bench.asked.set(0);
                results.clear();
                over.set(false);
                Thread again = new Thread(() -> bench.load(items, rate, sample, over, results), "load");
                again.start();
                long start = System.nanoTime();
                bench.cycles(cycles, report);
                double seconds = (System.nanoTime() - start) / 1e9;
                pause(over, again);
                Left after = bench.settled(sample.pid(), before);
                bench.tell(report, cycles, seconds, results, before, after);
            } finally {
                over.set(true);
            }
        }
    }

    private static void pause(AtomicBoolean over, Thread load) throws InterruptedException {
        over.set(true);
        load.join();
    }

    private void load(int items, int rate, SampleHome sample, AtomicBoolean over, List<Load.Result> results) {
        int users = SampleHome.users(items);
        byte[][] requests = new byte[Math.min(users, 1_000)][];
        for (int u = 0; u < requests.length; u++) {
            requests[u] = Load.post(server, "/api/v1/domains/ecommerce/predictions", key, "{\"user\":\"u" + u + "\",\"k\":3"
                    + (u % 2 == 0 ? "" : ",\"explain\":{\"deadlineMs\":20000}") + "}");
        }
        Load load = new Load(server, requests, 16, sample::cpuNanos);
        while (!over.get()) {
            results.add(load.run(rate, 2));
        }
    }

    private void cycles(int cycles, Report report) throws IOException, InterruptedException {
        for (int i = 1; i <= cycles; i++) {
            plugin();
            feature();
            if (i % 25 == 0) {
                report.doing("cycle %d of %d", i, cycles);
            }
        }
    }

    /** Install, update while it is asked, remove. */
    private void plugin() throws IOException, InterruptedException {
        touched(send("POST", "bundles", "application/java-archive", ProbeBundles.explainer(PLUGIN, "probe", "1.0.0"), null), PLUGIN);
        AtomicBoolean over = new AtomicBoolean();
        Thread asking = new Thread(() -> ask(over), "asking");
        asking.start();
        try {
            touched(send("POST", "bundles", "application/java-archive", ProbeBundles.explainer(PLUGIN, "probe", "1.1.0"), null), PLUGIN);
        } finally {
            over.set(true);
            asking.join();
        }
        touched(send("DELETE", "bundles/" + PLUGIN, null, null, null), PLUGIN);
    }

    /** Explanations by the plugin that is being replaced: every one complete, by the old version or the new. */
    private void ask(AtomicBoolean over) {
        try {
            do {
                HttpResponse<String> answer = answer("POST", "domains/ecommerce/predictions", "application/json",
                        "{\"user\":\"u1\",\"k\":2,\"explain\":{\"strategy\":\"probe\",\"deadlineMs\":20000}}".getBytes(), null);
                asked.incrementAndGet();
                if (answer.statusCode() != 200 || answer.body().contains("\"status\":\"failed\"")) {
                    failure.compareAndSet(null, "while a plugin was replaced: " + answer.statusCode() + " " + answer.body());
                }
            } while (!over.get());
        } catch (IOException | InterruptedException e) {
            failure.compareAndSet(null, e.toString());
        }
    }

    private void feature() throws IOException, InterruptedException {
        String etag = null;
        for (String version : List.of("1.0.0", "1.1.0")) {
            Map<String, byte[]> bundles = new LinkedHashMap<>();
            bundles.put("pack", ProbeBundles.pack("com.example.probe.pack", version));
            bundles.put("feature-explainer", ProbeBundles.explainer("com.example.probe.feature.explainer", "probe-feature", version));
            String archive = field(send("POST", "features/archives", "application/zip", ProbeBundles.feature("probe", version, bundles, "explainers"), null).body(),
                    "archive");
            byte[] order = ("{\"install\":[\"" + archive + "\"]}").getBytes();
            etag = send("POST", "features:plan", "application/json", order, null).headers().firstValue("ETag").orElseThrow();
            HttpResponse<String> report = send("POST", "features", "application/json", order, etag);
            planned(report);
            etag = report.headers().firstValue("ETag").orElseThrow();
        }
        planned(send("DELETE", "features/probe", null, null, etag));
    }

    private void planned(HttpResponse<String> report) {
        changes.incrementAndGet();
        if (!report.body().contains("\"asPlanned\":true") || !report.body().contains("\"problems\":[]")) {
            unplanned.incrementAndGet();
            failure.compareAndSet(null, "not as planned: " + report.body());
        }
    }

    private void touched(HttpResponse<String> change, String name) {
        changes.incrementAndGet();
        if (!change.body().contains("\"touched\":[\"" + name + "\"]")) {
            unplanned.incrementAndGet();
            failure.compareAndSet(null, "touched others: " + change.body());
        }
    }

    private HttpResponse<String> send(String method, String path, String type, byte[] body, String match) throws IOException, InterruptedException {
        HttpResponse<String> answer = answer(method, path, type, body, match);
        if (answer.statusCode() / 100 != 2) {
            throw new Refused(method + " " + path + " was answered " + answer.statusCode() + " " + answer.body(), null);
        }
        return answer;
    }

    private HttpResponse<String> answer(String method, String path, String type, byte[] body, String match) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getPort() + "/api/v1/" + path))
                .timeout(Duration.ofSeconds(120)).header("Authorization", "Bearer " + key)
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
        if (type != null) {
            request.header("Content-Type", type);
        }
        if (match != null) {
            request.header("If-Match", match);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String field(String json, String name) {
        Matcher m = Pattern.compile("\"" + name + "\":\"?([^\",}]*)").matcher(json);
        if (!m.find()) {
            throw new Refused("no '" + name + "' in " + json, null);
        }
        return m.group(1);
    }

    /** @param like what it is to come down to; waits for that until a deadline. Null to take it as it is once two looks agree */
    private Left settled(long pid, Left like) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
        Left last = left(pid);
        while (System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
            Left now = left(pid);
            boolean done = like == null ? now.threads() >= last.threads() && now.files() >= last.files()
                    : now.threads() <= like.threads() && now.files() <= like.files() && now.wirings() <= like.wirings();
            last = now;
            if (done) {
                break;
            }
        }
        return last;
    }

    private Left left(long pid) throws IOException, InterruptedException {
        tool("jcmd", String.valueOf(pid), "GC.run");
        String framework = send("GET", "features?limit=1", null, null, null).body();
        String[] gc = tool("jstat", "-gc", String.valueOf(pid)).split("\n");
        String[] classes = tool("jstat", "-class", String.valueOf(pid)).split("\n");
        int threads = Integer.parseInt(Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream().filter(l -> l.startsWith("Threads:")).findFirst()
                .orElseThrow().replaceAll("\\D", ""));
        int files;
        try (Stream<Path> all = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            files = (int) all.count();
        }
        return new Left(Integer.parseInt(number(framework, "bundles")),
                Integer.parseInt(number(framework, "wirings")), threads, files, column(gc, "MU"),
                (int) (column(classes, "Loaded") - column(classes, "Unloaded")));
    }

    private static String number(String json, String name) {
        Matcher m = Pattern.compile("\"" + name + "\":([0-9]+)").matcher(json);
        if (!m.find()) {
            throw new Refused("no '" + name + "' in " + json, null);
        }
        return m.group(1);
    }

    private static double column(String[] lines, String name) {
        List<String> head = Arrays.asList(lines[0].strip().split("\\s+"));
        return Double.parseDouble(lines[1].strip().split("\\s+")[head.indexOf(name)].replace(',', '.'));
    }

    private static String tool(String... line) throws IOException, InterruptedException {
        line[0] = Path.of(System.getProperty("java.home"), "bin", line[0]).toString();
        Process p = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(p.getInputStream().readAllBytes());
        if (p.waitFor() != 0) {
            throw new Refused(String.join(" ", line) + " failed: " + said, null);
        }
        return said;
    }

    private void tell(Report report, int cycles, double seconds, List<Load.Result> results, Left before, Left after) throws IOException {
        long[] latencies = results.stream().flatMapToLong(r -> Arrays.stream(r.latencies())).sorted().toArray();
        int errors = results.stream().mapToInt(Load.Result::errors).sum();
        Load.Result all = new Load.Result(latencies, errors, seconds, 0);
        List<String> files;
        try (Stream<Path> left = Stream.of("plugins", "features/kept", "features/staged").map(home::resolve).filter(Files::isDirectory).flatMap(PluginsBench::list)) {
            files = left.map(f -> home.relativize(f).toString()).toList();
        }
        report.line("%n%d cycles (a plugin and a feature of a pack and a strategy: installed, updated, removed) in %.0f s: %d changes", cycles, seconds, changes.get());
        report.line("requests meanwhile: %,d, failed %d; p50 %.1f ms, p99 %.1f ms, most %.0f ms; by the plugin while it was replaced: %,d", latencies.length, errors,
                all.percentileMs(0.5), all.percentileMs(0.99), all.percentileMs(1), asked.get());
        report.line("changes whose bundles were not those of the plan: %d; files left behind: %s", unplanned.get(), files.isEmpty() ? "none" : files);
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("bundles", before.bundles(), after.bundles()));
        rows.add(row("bundle wirings", before.wirings(), after.wirings()));
        rows.add(row("threads", before.threads(), after.threads()));
        rows.add(row("open files", before.files(), after.files()));
        rows.add(row("metaspace KiB", before.metaspaceKib(), after.metaspaceKib()));
        rows.add(row("classes", before.classes(), after.classes()));
        report.line("");
        report.table(List.of("in the server", "before", "after", "growth %"), rows);
        report.figure("plugins", "changes", changes.get());
        report.figure("plugins", "requests", latencies.length);
        report.figure("plugins", "failed", errors + (failure.get() == null ? 0 : 1));
        report.figure("plugins", "unplanned", unplanned.get());
        report.figure("plugins", "files left", files.size());
        report.figure("plugins", "p99 ms", all.percentileMs(0.99));
        report.figure("plugins", "wirings growth", after.wirings() - before.wirings());
        report.figure("plugins", "threads growth", after.threads() - before.threads());
        report.figure("plugins", "open files growth", after.files() - before.files());
        report.figure("plugins", "metaspace growth %", 100 * (after.metaspaceKib() / before.metaspaceKib() - 1));
        if (failure.get() != null) {
            throw new Refused(failure.get(), null);
        }
    }

    private static Stream<Path> list(Path folder) {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList().stream();
        } catch (IOException e) {
            return Stream.of(folder);
        }
    }

    private static List<String> row(String name, double before, double after) {
        return List.of(name, String.format(Locale.ROOT, "%,.0f", before), String.format(Locale.ROOT, "%,.0f", after),
                String.format(Locale.ROOT, "%.1f", 100 * (after / before - 1)));
    }
}
