package org.wherefore.benchmarks;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Promotions while requests come at a fixed rate, whether or not the server keeps up. The same load runs before without promotions; every
 * answer is looked into.
 */
final class SwapBench {
    private static final String MODEL = "ecommerce";
    private static final Pattern VERSION = Pattern.compile("\"model\":\\{\"name\":\"([^\"]*)\",\"version\":([0-9]+)");
    private static final double MOST = 2;
    /** Fewer than the server takes in at once on two processors: what waits, waits here, and its time counts from when it was due. */
    private static final int CONNECTIONS = 10;

    private SwapBench() {}

    static void run(Options o, Report report) throws IOException, InterruptedException {
        int items = o.number("items", 12_000);
        int versions = o.number("versions", 8);
        if (versions < 2) {
            throw new IllegalArgumentException("--versions is 2 or more: there has to be another version to promote");
        }
        try (SampleHome home = new SampleHome(o.has("home") ? Path.of(o.text("home", "")) : null, items, o.number("seed", 42))) {
            home.train(o.number("dim", 64), report);
            InetSocketAddress server = home.start(o.has("jfr") ? Path.of(o.text("jfr", "")) : null);
            Registry registry = new Registry(server, home.key());
            report.doing("importing versions up to %d", versions);
            byte[] archive = registry.archive(1);
            for (int v = registry.latest() + 1; v <= versions; v++) {
                registry.importCopy(archive);
            }
            measure(o, report, home, server, registry, versions, items);
        }
    }

    private static void measure(Options o, Report report, SampleHome home, InetSocketAddress server, Registry registry, int versions, int items)
            throws IOException, InterruptedException {
        int rate = o.number("rate", 300);
        int promotions = o.number("promotions", 100);
        double seconds = o.decimal("seconds", 300);
        double explained = o.decimal("explained", 5);
        int connections = o.number("connections", CONNECTIONS);
        report.line("server   %,d items, d=%d, %d versions; %d requests/s of %d connections, %.1f %% of them explained", items, o.number("dim", 64), versions,
                rate, connections, explained);
        byte[][] requests = requests(o, server, home.key(), explained, SampleHome.users(items));
        Load load = new Load(server, requests, connections, home::cpuNanos);
        report.doing("warming up");
        new Load(server, requests, 1, home::cpuNanos).run(0, o.decimal("warmup", 20) / 4);
        load.run(rate, o.decimal("warmup", 20));

        report.doing("steady load");
        Watched steady = new Watched();
        load.tell(steady);
        Load.Result without = load.run(rate, o.decimal("steady", 60));

        report.doing("%d promotions in %.0f s", promotions, seconds);
        long before = registry.lastTransition();
        Watched swapping = new Watched();
        load.tell(swapping);
        Promoter promoter = new Promoter(registry, promotions, seconds, versions);
        promoter.start();
        Load.Result with;
        try {
            with = load.run(rate, seconds);
        } finally {
            promoter.join();
        }
        int takenBack = registry.takenBackSince(before);

        report.line("");
        report.table(List.of("load", "requests", "failed", "p50 ms", "p99 ms", "most ms", "plain p99", "explained p99", "server cpu ms"),
                List.of(row("steady", without, steady), row("while promoting", with, swapping)));
        double ratio = with.percentileMs(0.99) / without.percentileMs(0.99);
        report.line("%npromotions      %d of %d, %d refused, %d taken back by the watch; each %.0f ms (median), %.0f ms at most", promoter.done(), promotions,
                promoter.refused(), takenBack, promoter.percentileMs(0.5), promoter.percentileMs(1));
        promoter.reasons().forEach(r -> report.line("                %s", r));
        report.line("answers by      %s", swapping.versions);
        report.line("explained       %d answers with %d explanations, %d of them by another version than the answer's", swapping.explained,
                swapping.explanations, swapping.mixed);
        report.line("without version %d answers", swapping.nameless);
        report.line("failed requests %d of %d", with.errors(), with.errors() + with.latencies().length);
        report.line("p99             %.2f ms, %.2f times the steady %.2f ms (at most %.0f)", with.percentileMs(0.99), ratio, without.percentileMs(0.99), MOST);
        HttpBench.figures(report, "steady", without);
        HttpBench.figures(report, "promoting", with);
        report.figure("promoting", "promotions", promoter.done());
        report.figure("promoting", "refused", promoter.refused());
        report.figure("promoting", "taken back", takenBack);
        report.figure("promoting", "explanations", swapping.explanations);
        report.figure("promoting", "explanations of another version", swapping.mixed);
        report.figure("promoting", "p99 / steady p99", ratio);
        List<String> broken = new ArrayList<>();
        if (with.errors() > 0) {
            broken.add(with.errors() + " requests failed");
        }
        if (promoter.done() < promotions || takenBack > 0) {
            broken.add((promotions - promoter.done()) + " promotions were not made and " + takenBack + " taken back");
        }
        if (swapping.mixed + swapping.nameless > 0 || swapping.explanations == 0 && explained > 0) {
            broken.add("versions of answers and explanations differ, or there was nothing to compare");
        }
        if (!(ratio <= MOST)) {
            broken.add(String.format(Locale.ROOT, "the p99 is %.2f times the steady one", ratio));
        }
        report.line("%s", broken.isEmpty() ? "holds" : "does not hold: " + String.join("; ", broken));
        if (!broken.isEmpty()) {
            report.failed();
        }
    }

    private static List<String> row(String name, Load.Result r, Watched w) {
        return List.of(name, String.valueOf(r.latencies().length + r.errors()), String.valueOf(r.errors()), number(r.percentileMs(0.5)),
                number(r.percentileMs(0.99)), number(r.percentileMs(1)), number(w.plainMs(0.99)), number(w.explainedMs(0.99)), number(r.serverCpuMs()));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    private static byte[][] requests(Options o, InetSocketAddress server, String key, double explained, int users) {
        String path = "/api/v1/domains/" + MODEL + "/predictions";
        byte[][] requests = new byte[users][];
        for (int u = 0; u < users; u++) {
            boolean explain = Math.floor((u + 1) * explained / 100) > Math.floor(u * explained / 100);
            requests[u] = Load.post(server, path, key, "{\"user\":\"u" + u * 7919L % users + "\",\"k\":" + o.number("k", 10)
                    + (explain ? ",\"explain\":{}" : "") + "}");
        }
        return requests;
    }

    /** What answers say of themselves. The generator's thread. */
    private static final class Watched implements Load.Answers {
        final Map<Integer, Integer> versions = new TreeMap<>();
        private long[] plain = new long[1 << 12];
        private int plains;
        private final List<Long> explainedNanos = new ArrayList<>();
        int explained;
        int explanations;
        int mixed;
        int nameless;

        @Override
        public void answered(int request, int status, long nanos, String body) {
            if (status != 200) {
                return;
            }
            Matcher m = VERSION.matcher(body);
            if (!m.find() || !m.group(1).equals(MODEL)) {
                nameless++;
                return;
            }
            int version = Integer.parseInt(m.group(2));
            versions.merge(version, 1, Integer::sum);
            int found = 0;
            while (m.find()) {
                found++;
                if (!m.group(1).equals(MODEL) || Integer.parseInt(m.group(2)) != version) {
                    mixed++;
                }
            }
            explanations += found;
            if (found > 0) {
                explained++;
                explainedNanos.add(nanos);
            } else {
                if (plains == plain.length) {
                    plain = Arrays.copyOf(plain, 2 * plains);
                }
                plain[plains++] = nanos;
            }
        }

        double plainMs(double share) {
            return percentileMs(Arrays.stream(plain, 0, plains).sorted().toArray(), share);
        }

        double explainedMs(double share) {
            return percentileMs(explainedNanos.stream().mapToLong(n -> n).sorted().toArray(), share);
        }
    }

    private static double percentileMs(long[] sorted, double share) {
        return sorted.length == 0 ? Double.NaN : sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)] / 1e6;
    }

    /** Promotes the versions in turn, evenly over the time. */
    private static final class Promoter extends Thread {
        private final Registry registry;
        private final int promotions;
        private final long pause;
        private final int versions;
        private final List<Long> nanos = new ArrayList<>();
        private final List<String> refused = new ArrayList<>();

        Promoter(Registry registry, int promotions, double seconds, int versions) {
            super("bench-promoter");
            this.registry = registry;
            this.promotions = promotions;
            this.pause = (long) (seconds * 1e9 / promotions);
            this.versions = versions;
            setDaemon(true);
        }

        @Override
        public void run() {
            long start = System.nanoTime();
            for (int i = 0; i < promotions; i++) {
                long due = start + i * pause + pause / 2;
                try {
                    TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
                    long began = System.nanoTime();
                    String refusal = registry.promote(1 + (i + 1) % versions);
                    synchronized (this) {
                        if (refusal == null) {
                            nanos.add(System.nanoTime() - began);
                        } else {
                            refused.add(refusal);
                        }
                    }
                } catch (IOException e) {
                    synchronized (this) {
                        refused.add(e.toString());
                    }
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        synchronized int done() {
            return nanos.size();
        }

        synchronized int refused() {
            return refused.size();
        }

        synchronized List<String> reasons() {
            return refused.stream().distinct().limit(3).toList();
        }

        synchronized double percentileMs(double share) {
            return SwapBench.percentileMs(nanos.stream().mapToLong(n -> n).sorted().toArray(), share);
        }
    }

    /** What the benchmark asks of the server's models. */
    private static final class Registry {
        private static final Pattern SEQUENCE = Pattern.compile("\"sequence\":([0-9]+),.*?\"who\":\"([^\"]*)\"");
        private final HttpClient http = HttpClient.newHttpClient();
        private final String address;
        private final String key;

        Registry(InetSocketAddress server, String key) {
            this.address = "http://" + server.getHostString() + ":" + server.getPort() + "/api/v1/models/" + MODEL;
            this.key = key;
        }

        private HttpRequest.Builder request(String path) {
            return HttpRequest.newBuilder(URI.create(address + path)).timeout(Duration.ofMinutes(2)).header("X-API-Key", key);
        }

        private <T> T good(HttpResponse<T> answer, String what) {
            if (answer.statusCode() > 299) {
                throw new Refused(what + " was answered with " + answer.statusCode() + ": "
                        + (answer.body() instanceof byte[] b ? new String(b) : answer.body()), null);
            }
            return answer.body();
        }

        byte[] archive(int version) throws IOException, InterruptedException {
            return good(http.send(request("/versions/" + version + "/archive").build(), HttpResponse.BodyHandlers.ofByteArray()), "exporting version " + version);
        }

        void importCopy(byte[] archive) throws IOException, InterruptedException {
            good(http.send(request("/versions?why=bench").header("Content-Type", "application/zip").POST(HttpRequest.BodyPublishers.ofByteArray(archive)).build(),
                    HttpResponse.BodyHandlers.ofString()), "importing a copy");
        }

        private String model() throws IOException, InterruptedException {
            return good(http.send(request("").build(), HttpResponse.BodyHandlers.ofString()), "asking for the model");
        }

        int latest() throws IOException, InterruptedException {
            Matcher m = Pattern.compile("\"latest\":([0-9]+)").matcher(model());
            return m.find() ? Integer.parseInt(m.group(1)) : 0;
        }

        long lastTransition() throws IOException, InterruptedException {
            long last = 0;
            for (Matcher m = SEQUENCE.matcher(model()); m.find();) {
                last = Math.max(last, Long.parseLong(m.group(1)));
            }
            return last;
        }

        int takenBackSince(long sequence) throws IOException, InterruptedException {
            int n = 0;
            for (Matcher m = SEQUENCE.matcher(model()); m.find();) {
                n += Long.parseLong(m.group(1)) > sequence && m.group(2).equals("watch") ? 1 : 0;
            }
            return n;
        }

        /** @return null, or why not */
        String promote(int version) throws IOException, InterruptedException {
            HttpResponse<String> answer = http.send(request("/aliases/champion").header("Content-Type", "application/json").header("If-Match", "*")
                    .PUT(HttpRequest.BodyPublishers.ofString("{\"version\":" + version + ",\"why\":\"bench\"}")).build(), HttpResponse.BodyHandlers.ofString());
            return answer.statusCode() < 300 ? null : answer.statusCode() + " " + answer.body();
        }
    }
}
