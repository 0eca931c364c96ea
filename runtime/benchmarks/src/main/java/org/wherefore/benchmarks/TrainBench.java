package org.wherefore.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Training steps of our engine and of the peer: the same losses first, then sequences per second, taking turns. */
final class TrainBench {
    private static final int COMPARED_STEPS = 10;
    private static final int COMPARED_BATCH = 16;

    private TrainBench() {}

    static void run(Options o, Report report) {
        if (o.has("dim") || o.has("length")) {
            for (int dim : o.numbers("dim", "64,128,256")) {
                for (int length : o.numbers("length", "50")) {
                    one(o, report, dim, length);
                }
            }
            return;
        }
        for (int dim : new int[] {64, 128, 256}) {
            one(o, report, dim, 50);
        }
        for (int dim : new int[] {64, 128}) {
            one(o, report, dim, 200);
        }
    }

    private static void one(Options o, Report report, int dim, int length) {
        int size = o.number("batch", 128);
        double seconds = o.decimal("seconds", 1.5);
        long seed = o.number("seed", 42);
        Shape shape = Shape.of(o, dim, length);
        String where = "d=" + dim + " L=" + length;
        report.line("%nmodel    %s, batch %d, %s sequences", shape, size, o.flag("full") ? "full" : "1/4 to full length");
        SplittableRandom random = new SplittableRandom(seed);
        List<Batch> batches = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            batches.add(Batch.random(random, shape, size, o.flag("full")));
        }
        int processors = Runtime.getRuntime().availableProcessors();
        List<Contender> contenders = Contenders.all(o, "vector,nd4j", processors > 1 ? processors + ",1" : "1");
        try {
            List<String> names = contenders.stream().map(Contender::name).toList();
            double[][] losses = new double[contenders.size()][];
            for (int c = 0; c < losses.length; c++) {
                report.doing("comparing the losses of %s", names.get(c));
                losses[c] = losses(contenders.get(c), shape, batches, seed);
            }
            compare(report, where, names, losses);
            for (Contender c : contenders) {
                c.init(shape, shape.weights(seed));
                steps(c, batches, o.decimal("warmup", 3));
            }
            report.figures("train " + where, "sequences/s", Rounds.run(contenders, Contender::name, o.number("rounds", 4),
                    c -> size * steps(c, batches, seconds)));
        } finally {
            contenders.forEach(Contender::close);
        }
    }

    /** @return steps per second, over at least {@code seconds} and two steps */
    private static double steps(Contender c, List<Batch> batches, double seconds) {
        long start = System.nanoTime();
        int steps = 0;
        double took;
        do {
            c.trainStep(batches.get(steps++ % batches.size()));
            took = (System.nanoTime() - start) / 1e9;
        } while (took < seconds || steps < 2);
        return steps / took;
    }

    /** Small steps with a loss that leaves nothing to chance, so that all contenders must agree. */
    private static double[] losses(Contender c, Shape s, List<Batch> batches, long seed) {
        Shape full = s.withoutNegatives();
        c.init(full, full.weights(seed));
        double[] losses = new double[COMPARED_STEPS];
        for (int i = 0; i < losses.length; i++) {
            int[][] all = batches.get(i % batches.size()).sequences();
            losses[i] = c.trainStep(new Batch(Arrays.copyOf(all, Math.min(COMPARED_BATCH, all.length)), new int[0]));
        }
        return losses;
    }

    private static void compare(Report report, String where, List<String> names, double[][] losses) {
        List<String> columns = new ArrayList<>(List.of("loss, " + where));
        columns.addAll(names);
        List<List<String>> rows = new ArrayList<>();
        for (int step = 0; step < COMPARED_STEPS; step++) {
            List<String> row = new ArrayList<>(List.of("step " + (step + 1)));
            for (int c = 0; c < losses.length; c++) {
                row.add(String.format(Locale.ROOT, "%.5f", losses[c][step]));
                report.figure(names.get(c), "loss at step " + (step + 1) + " " + where, losses[c][step]);
            }
            rows.add(row);
        }
        report.line("%nfull softmax, the same weights and batches of %d:", COMPARED_BATCH);
        report.table(columns, rows);
    }
}
