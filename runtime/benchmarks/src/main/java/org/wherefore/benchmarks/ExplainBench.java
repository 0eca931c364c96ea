package org.wherefore.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

/**
 * Explained and audited top ten for one client that asks one after another, by the length of the history and by the size of
 * the catalogue; a server with a model of its own for each size.
 */
final class ExplainBench {
    private static final int HISTORIES = 50;
    private static final int MAIN_ITEMS = 12_000;

    private ExplainBench() {}

    static void run(Options o, Report report) throws IOException, InterruptedException {
        List<List<String>> rows = new ArrayList<>();
        if (o.has("port")) {
            int items = o.number("items", MAIN_ITEMS);
            lengths(o, report, new InetSocketAddress(InetAddress.getByName(o.text("host", "127.0.0.1")), o.number("port", 8080)),
                    () -> 0, o.text("key", ""), items, "of a running server", o.numbers("length", "50"), rows);
        } else {
            int dim = o.number("dim", 64);
            int[] sizes = o.numbers("items", "12000,1000,3000,50000");
            if (o.has("home") && sizes.length > 1) {
                throw new IllegalArgumentException("--home keeps one model: name one size with --items");
            }
            for (int items : sizes) {
                try (SampleHome home = new SampleHome(o.has("home") ? Path.of(o.text("home", "")) : null, items, o.number("seed", 42))) {
                    home.train(dim, report);
                    InetSocketAddress server = home.start(o.has("jfr") ? Path.of(o.text("jfr", "")) : null);
                    boolean all = items == sizes[0];
                    lengths(o, report, server, home::cpuNanos, home.key(), items, "d=" + dim,
                            o.numbers("length", all ? "5,10,20,50,100,200" : "50"), rows);
                }
            }
        }
        report.line("%nexplained and audited top %d, one client", o.number("k", 10));
        report.table(List.of("model", "items", "history", "p50 ms", "p90 ms", "p99 ms", "server cpu ms", "explained/s", "requests"), rows);
    }

    private static void lengths(Options o, Report report, InetSocketAddress server, LongSupplier cpu, String key, int items,
            String model, int[] lengths, List<List<String>> rows) {
        boolean warm = false;
        for (int length : lengths) {
            report.doing("explaining histories of %d events", length);
            Load load = new Load(server, requests(o, server, key, items, length), 1, cpu);
            load.run(0, o.decimal("warmup", warm ? 2 : 15));
            warm = true;
            Load.Result r = load.run(0, o.decimal("seconds", 6));
            HttpBench.figures(report, "explained " + model + " items=" + items + " history=" + length, r);
            rows.add(List.of(model, String.format(Locale.ROOT, "%,d", items), String.valueOf(length), number(r.percentileMs(0.5)),
                    number(r.percentileMs(0.9)), number(r.percentileMs(0.99)), number(r.serverCpuMs()), number(r.perSecond()),
                    String.valueOf(r.latencies().length)));
        }
    }

    private static byte[][] requests(Options o, InetSocketAddress server, String key, int items, int length) {
        SplittableRandom random = new SplittableRandom(o.number("seed", 42) + length);
        String path = "/api/v1/domains/" + o.text("domain", "ecommerce") + "/predictions";
        String strategy = o.has("strategy") ? "\"strategy\":\"" + o.text("strategy", "") + "\"" : "";
        byte[][] requests = new byte[HISTORIES][];
        for (int i = 0; i < requests.length; i++) {
            String history = SampleHome.history(random, items, length).stream().map(p -> '"' + p + '"').collect(Collectors.joining(","));
            requests[i] = Load.post(server, path, key,
                    "{\"history\":[" + history + "],\"k\":" + o.number("k", 10) + ",\"explain\":{" + strategy + "}}");
        }
        return requests;
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }
}
