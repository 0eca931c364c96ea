package org.wherefore.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Plain predictions for known users: the highest rate that a server keeps up with p99 under a limit. Either of a running
 * server ({@code --port}) or of one that is started for it. The rate is searched by halving between an eighth of what a closed
 * loop reaches and all of it, then shown once more for longer; {@code --rate} measures one rate only.
 */
final class HttpBench {
    private static final double FINE = 0.04;
    private static final int AGAIN = 4;
    private static final double KEPT_UP = 0.98;

    private HttpBench() {}

    static void run(Options o, Report report) throws IOException, InterruptedException {
        if (o.has("port")) {
            measure(o, report, new InetSocketAddress(InetAddress.getByName(o.text("host", "127.0.0.1")), o.number("port", 8080)),
                    () -> 0, o.text("key", ""), o.text("user-format", "c%04d"), 1, o.number("users", 2_500));
            return;
        }
        int items = o.number("items", 12_000);
        int dim = o.number("dim", 64);
        try (SampleHome home = new SampleHome(o.has("home") ? Path.of(o.text("home", "")) : null, items, o.number("seed", 42))) {
            home.train(dim, report);
            report.line("server   a model of %,d items, d=%d, users with histories of 54 events", items, dim);
            InetSocketAddress server = home.start(o.has("jfr") ? Path.of(o.text("jfr", "")) : null);
            measure(o, report, server, home::cpuNanos, home.key(), "u%d", 0, o.number("users", SampleHome.users(items)));
        }
    }

    private static void measure(Options o, Report report, InetSocketAddress server, LongSupplier cpu, String key, String format,
            int first, int users) {
        double seconds = o.decimal("seconds", 10);
        double limit = o.decimal("limit", 20);
        int connections = o.number("connections", 16);
        String path = "/api/v1/domains/" + o.text("domain", "ecommerce") + "/predictions";
        byte[][] requests = new byte[users][];
        for (int u = 0; u < users; u++) {
            String user = String.format(Locale.ROOT, format, first + u * 7919L % users);
            requests[u] = Load.post(server, path, key, "{\"user\":\"" + user + "\",\"k\":" + o.number("k", 10) + "}");
        }
        Load load = new Load(server, requests, connections, cpu);
        report.doing("warming up");
        load.run(0, o.decimal("warmup", 10));
        List<List<String>> rows = new ArrayList<>();
        Load.Result best;
        String name;
        if (o.has("rate")) {
            int rate = o.number("rate", 0);
            name = "open loop at " + rate + "/s";
            best = trial(report, load, rate, seconds, rows);
        } else {
            Load.Result closed = load.run(0, seconds / 2);
            rows.add(row("closed loop", closed));
            int rate = search(report, load, (int) closed.perSecond(), seconds / 2, limit, rows);
            best = trial(report, load, rate, seconds, rows);
            for (int again = 0; !passes(best, rate, limit) && again < AGAIN && rate > 1; again++) {
                rate = (int) Math.max(1, rate * (1 - FINE));
                best = trial(report, load, rate, seconds, rows);
            }
            boolean within = passes(best, rate, limit);
            report.figure("plain", "within the limit", within ? 1 : 0);
            name = String.format(Locale.ROOT, within ? "highest rate with p99 under %.0f ms"
                    : "no rate had p99 under %.0f ms; the lowest tried", limit);
        }
        report.line("%nplain top %d over %d connections", o.number("k", 10), connections);
        report.table(List.of("load", "predictions/s", "p50 ms", "p99 ms", "most ms", "server cpu ms", "requests", "errors"), rows);
        report.line("%n%s: %.0f predictions/s, p50 %.2f ms, p99 %.2f ms, %d errors", name, best.perSecond(), best.percentileMs(0.5),
                best.percentileMs(0.99), best.errors());
        figures(report, "plain", best);
    }

    static void figures(Report report, String name, Load.Result r) {
        report.figure(name, "predictions/s", r.perSecond());
        report.figure(name, "p50 ms", r.percentileMs(0.5));
        report.figure(name, "p90 ms", r.percentileMs(0.9));
        report.figure(name, "p99 ms", r.percentileMs(0.99));
        report.figure(name, "server cpu ms", r.serverCpuMs());
        report.figure(name, "requests", r.latencies().length);
        report.figure(name, "errors", r.errors());
    }

    private static int search(Report report, Load load, int closed, double seconds, double limit, List<List<String>> rows) {
        int low = Math.max(1, closed / 8);
        int high = Math.max(low + 1, closed);
        int rate = Math.max(1, (int) (0.8 * closed));
        while (high - low > FINE * high) {
            if (passes(trial(report, load, rate, seconds, rows), rate, limit)) {
                low = rate;
            } else {
                high = rate;
            }
            rate = (low + high) / 2;
        }
        return low;
    }

    private static Load.Result trial(Report report, Load load, int rate, double seconds, List<List<String>> rows) {
        report.doing("%d predictions a second", rate);
        Load.Result r = load.run(rate, seconds);
        rows.add(row("open, " + rate + "/s", r));
        return r;
    }

    private static boolean passes(Load.Result r, int rate, double limit) {
        return r.errors() == 0 && r.percentileMs(0.99) < limit && r.perSecond() >= KEPT_UP * rate;
    }

    private static List<String> row(String name, Load.Result r) {
        return List.of(name, number("%.0f", r.perSecond()), number("%.2f", r.percentileMs(0.5)), number("%.2f", r.percentileMs(0.99)),
                number("%.1f", r.percentileMs(1)), number("%.2f", r.serverCpuMs()), String.valueOf(r.latencies().length),
                String.valueOf(r.errors()));
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
