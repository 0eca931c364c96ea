package org.wherefore.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;

/**
 * {@code bench NAME [--json]}: {@code train}, {@code score}, {@code http}, {@code explain}, {@code fraud}, {@code swap} or {@code plugins}. Exit codes: 0 done, 2 wrong
 * usage, 4 the server refused, 1 anything else.
 */
public final class Main {
    static final List<String> BENCHMARKS = List.of("train", "score", "http", "explain", "fraud", "swap", "plugins");
    private static final Set<String> OPTIONS = Set.of("json", "markdown", "seed", "full", "dim", "length", "items", "batch", "rounds",
            "warmup", "threads", "negatives", "backend", "peer", "peer-threads", "port", "host", "key", "domain", "users", "user-format",
            "connections", "seconds", "rate", "limit", "k", "strategy", "home", "jfr", "data", "inputs", "engine", "from", "folds", "members", "set",
            "promotions", "versions", "explained", "steady", "cycles");

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    static int run(String[] arguments, PrintStream out, PrintStream err) {
        try {
            Options options = new Options(arguments, OPTIONS);
            if (!BENCHMARKS.contains(options.name)) {
                throw new IllegalArgumentException("unknown benchmark '" + options.name + "'; known: "
                        + String.join(", ", BENCHMARKS));
            }
            Report report = new Report(out, err, "./wherefore bench " + String.join(" ", arguments), options.flag("markdown"));
            switch (options.name) {
                case "train" -> TrainBench.run(options, report);
                case "score" -> ScoreBench.run(options, report);
                case "http" -> HttpBench.run(options, report);
                case "fraud" -> FraudBench.run(options, report);
                case "swap" -> SwapBench.run(options, report);
                case "plugins" -> PluginsBench.run(options, report);
                default -> ExplainBench.run(options, report);
            }
            report.end();
            if (options.flag("json")) {
                out.println(report.json());
            }
            return report.hasFailed() ? 1 : 0;
        } catch (IllegalArgumentException e) {
            err.println("wherefore bench: " + e.getMessage());
            return 2;
        } catch (Refused e) {
            err.println("wherefore bench: " + e.getMessage());
            return 4;
        } catch (RuntimeException | IOException | InterruptedException e) {
            e.printStackTrace(err);
            return 1;
        }
    }
}
