package org.wherefore.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * {@code bench NAME [--json]}: {@code train}, {@code score} or {@code http}. Exit codes: 0 done, 2 wrong usage, 4 the server
 * refused, 1 anything else.
 */
public final class Main {
    private static final Set<String> OPTIONS = Set.of("json", "full", "dim", "length", "items", "batch", "rounds", "steps",
            "warmup", "threads", "negatives", "only", "port", "host", "domain", "users", "user-format", "connections", "seconds",
            "rate", "k", "explain-seconds", "strategy");
    /** Ours comes first; a contender that isn't on the class path is left out. */
    private static final List<String> CONTENDERS = List.of("org.wherefore.benchmarks.WhereforeContender",
            "org.wherefore.benchmarks.DjlContender");

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments, System.out, System.err));
    }

    static int run(String[] arguments, PrintStream out, PrintStream err) {
        try {
            Options options = new Options(arguments, OPTIONS);
            Report report = new Report(out, "bench " + String.join(" ", arguments));
            switch (options.name) {
                case "train" -> train(options, report);
                case "score" -> score(options, report);
                case "http" -> HttpBench.run(options, report);
                default -> throw new IllegalArgumentException("unknown benchmark '" + options.name + "': train, score or http");
            }
            if (options.flag("json")) {
                out.println(report.json());
            }
            return 0;
        } catch (IllegalArgumentException e) {
            err.println(e.getMessage());
            return 2;
        } catch (HttpBench.Refused e) {
            err.println(e.getMessage());
            return 4;
        } catch (ReflectiveOperationException | RuntimeException | java.io.IOException | InterruptedException e) {
            e.printStackTrace(err);
            return 1;
        }
    }

    private static void train(Options o, Report report) throws ReflectiveOperationException {
        int size = o.number("batch", 128);
        int steps = o.number("steps", 20);
        for (int dim : o.numbers("dim", "64,128,256")) {
            for (int length : o.numbers("length", "50,200")) {
                Shape shape = shape(o, dim, length);
                report.line("%nmodel    %s, batch %d, %s sequences", shape, size, o.flag("full") ? "full" : "1/4 to full length");
                SplittableRandom random = new SplittableRandom(42);
                List<Batch> batches = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    batches.add(Batch.random(random, shape, size, o.flag("full")));
                }
                List<Contender> contenders = contenders(o);
                try {
                    for (Contender c : contenders) {
                        double[] losses = losses(c, shape, batches);
                        report.line("loss     %-20s step 1 %.5f, step 10 %.5f (full softmax, same weights, same data)", c.name(),
                                losses[0], losses[9]);
                        report.figure(c.name(), "loss at step 1 d=" + dim + " L=" + length, losses[0]);
                        report.figure(c.name(), "loss at step 10 d=" + dim + " L=" + length, losses[9]);
                        c.init(shape, shape.weights(7));
                        for (int i = 0; i < o.number("warmup", 30); i++) {
                            c.trainStep(batches.get(i % batches.size()));
                        }
                    }
                    report.figures("train d=" + dim + " L=" + length, "sequences/s",
                            Rounds.run(contenders, Contender::name, o.number("rounds", 6), c -> {
                                long start = System.nanoTime();
                                for (int i = 0; i < steps; i++) {
                                    c.trainStep(batches.get(i % batches.size()));
                                }
                                return steps * size * 1e9 / (System.nanoTime() - start);
                            }));
                } finally {
                    contenders.forEach(Contender::close);
                }
            }
        }
    }

    /** Ten small steps with a loss that leaves nothing to chance, so that all contenders must agree. */
    private static double[] losses(Contender c, Shape s, List<Batch> batches) {
        Shape full = new Shape(s.items(), s.length(), s.dim(), s.blocks(), s.hidden(), 0, s.learningRate(), s.threads());
        c.init(full, full.weights(7));
        double[] losses = new double[10];
        for (int i = 0; i < losses.length; i++) {
            int[][] all = batches.get(i % batches.size()).sequences();
            losses[i] = c.trainStep(new Batch(Arrays.copyOf(all, Math.min(16, all.length)), new int[0]));
        }
        return losses;
    }

    private static void score(Options o, Report report) throws ReflectiveOperationException {
        int steps = o.number("steps", 200);
        for (int dim : o.numbers("dim", "64,128,256")) {
            for (int length : o.numbers("length", "50,200")) {
                Shape shape = shape(o, dim, length);
                report.line("%nmodel    %s, one user, full history", shape);
                int[][] histories = new SplittableRandom(42).ints((long) 16 * length, 0, shape.items()).boxed()
                        .collect(java.util.stream.Collectors.collectingAndThen(java.util.stream.Collectors.toList(), all -> {
                            int[][] h = new int[16][length];
                            for (int i = 0; i < all.size(); i++) {
                                h[i / length][i % length] = all.get(i);
                            }
                            return h;
                        }));
                List<Contender> contenders = contenders(o);
                try {
                    float[] reference = null;
                    for (Contender c : contenders) {
                        c.init(shape, shape.weights(7));
                        float[] scores = c.score(histories[0]);
                        reference = reference == null ? scores : reference;
                        report.line("differs  %-20s by %.2g at most from the first contender", c.name(), difference(reference, scores));
                        for (int i = 0; i < o.number("warmup", 300); i++) {
                            c.score(histories[i % histories.length]);
                        }
                    }
                    report.figures("score d=" + dim + " L=" + length, "users/s",
                            Rounds.run(contenders, Contender::name, o.number("rounds", 6), c -> {
                                long start = System.nanoTime();
                                for (int i = 0; i < steps; i++) {
                                    c.score(histories[i % histories.length]);
                                }
                                return steps * 1e9 / (System.nanoTime() - start);
                            }));
                } finally {
                    contenders.forEach(Contender::close);
                }
            }
        }
    }

    private static double difference(float[] a, float[] b) {
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            most = Math.max(most, Math.abs(a[i] - b[i]));
        }
        return most;
    }

    private static Shape shape(Options o, int dim, int length) {
        return new Shape(o.number("items", 12_000), length, dim, 2, 4 * dim, o.number("negatives", 256), 1e-3f,
                o.number("threads", Runtime.getRuntime().availableProcessors()));
    }

    private static List<Contender> contenders(Options o) throws ReflectiveOperationException {
        // The peer's library neither downloads nor reports anything; read once, when it loads.
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.pytorch.num_threads", o.text("threads",
                String.valueOf(Runtime.getRuntime().availableProcessors())));
        List<Contender> found = new ArrayList<>();
        for (String type : CONTENDERS) {
            Contender contender;
            try {
                contender = (Contender) Class.forName(type).getConstructor().newInstance();
            } catch (ClassNotFoundException e) {
                continue;
            }
            if (o.text("only", contender.name()).equals(contender.name())) {
                found.add(contender);
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no contender is on the class path; build with 'mvn -Pbench package'");
        }
        return found;
    }
}
