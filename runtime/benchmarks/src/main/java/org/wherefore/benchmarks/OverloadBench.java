package org.wherefore.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * What a server does with five times the load that it can answer: predictions in an open loop at five times what a closed loop
 * reached, and, beside a moderate load of predictions, five times the explanations. Those it can't take must be told to come again,
 * and those it takes must not be late.
 */
final class OverloadBench {
    private static final int TIMES = 5;
    private static final double MODERATE = 0.5;
    private static final int HISTORY = 50;
    private static final int HISTORIES = 50;

    private OverloadBench() {}

    static void run(Options o, Report report) throws IOException, InterruptedException {
        int items = o.number("items", 12_000);
        if (o.has("port")) {
            measure(o, report, new InetSocketAddress(InetAddress.getByName(o.text("host", "127.0.0.1")), o.number("port", 8080)), () -> 0, o.text("key", ""),
                    o.text("user-format", "c%04d"), o.number("users", 2_500), items);
            return;
        }
        try (SampleHome home = new SampleHome(o.has("home") ? Path.of(o.text("home", "")) : null, items, o.number("seed", 42))) {
            home.train(o.number("dim", 64), report);
            InetSocketAddress server = home.start(o.has("jfr") ? Path.of(o.text("jfr", "")) : null);
            measure(o, report, server, home::cpuNanos, home.key(), "u%d", o.number("users", SampleHome.users(items)), items);
        }
    }

    private static void measure(Options o, Report report, InetSocketAddress server, LongSupplier cpu, String key, String format, int users, int items)
            throws InterruptedException {
        double seconds = o.decimal("seconds", 10);
        int connections = o.number("connections", 128);
        String path = "/api/v1/domains/" + o.text("domain", "ecommerce") + "/predictions";
        byte[][] plain = new byte[users][];
        for (int u = 0; u < users; u++) {
            plain[u] = Load.post(server, path, key, "{\"user\":\"" + String.format(Locale.ROOT, format, u * 7919L % users) + "\",\"k\":10}");
        }
        SplittableRandom random = new SplittableRandom(o.number("seed", 42));
        byte[][] explained = new byte[HISTORIES][];
        for (int i = 0; i < HISTORIES; i++) {
            explained[i] = Load.post(server, path, key, "{\"history\":[" + SampleHome.history(random, items, HISTORY).stream().map(p -> '"' + p + '"')
                    .collect(Collectors.joining(",")) + "],\"k\":10,\"explain\":{}}");
        }
        List<List<String>> rows = new ArrayList<>();
        report.doing("warming up");
        new Load(server, plain, 16, cpu).run(0, o.decimal("warmup", 10));
        new Load(server, explained, 2, cpu).run(0, o.decimal("warmup", 10));
        Load.Result most = show(report, rows, "closed", "predictions, closed loop of 4", new Load(server, plain, 4, cpu).run(0, seconds));
        int capacity = (int) Math.max(1, most.perSecond());
        int moderate = (int) Math.max(1, MODERATE * capacity);
        Load.Result normal = show(report, rows, "normal", "predictions, " + moderate + "/s", new Load(server, plain, 16, cpu).run(moderate, seconds));
        report.doing("%d predictions a second, five times what it can", TIMES * capacity);
        Load.Result over = show(report, rows, "overload", "predictions, " + TIMES * capacity + "/s", new Load(server, plain, connections, cpu).run(TIMES * capacity, seconds));
        show(report, rows, "after", "predictions afterwards, " + moderate + "/s", new Load(server, plain, 16, cpu).run(moderate, seconds));
        Load.Result explanations = show(report, rows, "explained", "explanations, closed loop of 2", new Load(server, explained, 2, cpu).run(0, seconds));
        int flood = (int) Math.max(TIMES, TIMES * explanations.perSecond());
        int beside = Math.max(1, moderate / 2);
        Load.Result alone = show(report, rows, "beside nothing", "predictions, " + beside + "/s", new Load(server, plain, 16, cpu).run(beside, seconds));
        report.doing("%d explanations a second, five times what it can, beside %d predictions", flood, beside);
        CompletableFuture<Load.Result> flooding = CompletableFuture.supplyAsync(() -> new Load(server, explained, connections, cpu).run(flood, seconds));
        Load.Result meanwhile = show(report, rows, "beside explanations", "predictions, " + beside + "/s, beside …", new Load(server, plain, 16, cpu).run(beside, seconds));
        show(report, rows, "explanation overload", "… explanations, " + flood + "/s", flooding.join());
        report.table(List.of("load", "accepted/s", "p50 ms", "p99 ms", "most ms", "accepted", "429/503 with Retry-After", "other errors"), rows);
        report.figure("overload", "p99 of accepted / normal p99", over.percentileMs(0.99) / normal.percentileMs(0.99));
        report.line("%nat five times capacity, p99 of what is accepted is %.1f times the normal one; %d answers were errors of another kind", over.percentileMs(0.99)
                / normal.percentileMs(0.99), over.errors() - over.refused());
        report.line("beside five times too many explanations, %.0f of %d predictions a second are answered, p99 %.1f times that without", meanwhile.perSecond(), beside,
                meanwhile.percentileMs(0.99) / alone.percentileMs(0.99));
    }

    private static Load.Result show(Report report, List<List<String>> rows, String name, String what, Load.Result r) {
        HttpBench.figures(report, name, r);
        report.figure(name, "refused", r.refused());
        rows.add(List.of(what, number("%.0f", r.perSecond()), number("%.2f", r.percentileMs(0.5)), number("%.2f", r.percentileMs(0.99)), number("%.1f", r.percentileMs(1)),
                String.valueOf(r.latencies().length), String.valueOf(r.refused()), String.valueOf(r.errors() - r.refused())));
        return r;
    }

    private static String number(String format, double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
