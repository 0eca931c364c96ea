package org.wherefore.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** Top ten of all items for users with full histories, ours and the peer taking turns. */
final class ScoreBench {
    private static final int HISTORIES = 64;

    private ScoreBench() {}

    static void run(Options o, Report report) {
        double seconds = o.decimal("seconds", 1);
        long seed = o.number("seed", 42);
        int k = o.number("k", 10);
        for (int dim : o.numbers("dim", "64,128")) {
            for (int length : o.numbers("length", "50")) {
                Shape shape = Shape.of(o, dim, length);
                report.line("%nmodel    %s, full histories, top %d", shape, k);
                SplittableRandom random = new SplittableRandom(seed);
                int[][] histories = new int[HISTORIES][];
                for (int i = 0; i < HISTORIES; i++) {
                    histories[i] = random.ints(length, 0, shape.items()).toArray();
                }
                List<Contender> contenders = Contenders.all(o, "vector", "1");
                try {
                    agreement(report, contenders, shape, seed, histories[0]);
                    for (int batch : o.numbers("batch", "1,32")) {
                        String where = "d=" + dim + " L=" + length + " batch=" + batch;
                        for (Contender c : contenders) {
                            calls(c, histories, batch, k, o.decimal("warmup", 2));
                        }
                        report.figures("score " + where, "users/s", Rounds.run(contenders, Contender::name,
                                o.number("rounds", 6), c -> batch * calls(c, histories, batch, k, seconds)));
                    }
                } finally {
                    contenders.forEach(Contender::close);
                }
            }
        }
    }

    private static void agreement(Report report, List<Contender> contenders, Shape shape, long seed, int[] history) {
        float[] reference = null;
        List<List<String>> rows = new ArrayList<>();
        for (Contender c : contenders) {
            c.init(shape, shape.weights(seed));
            float[] scores = c.scores(history);
            reference = reference == null ? scores : reference;
            rows.add(List.of(c.name(), String.format(Locale.ROOT, "%.2g", difference(reference, scores))));
        }
        report.table(List.of("scores", "differ from the first contender's by at most"), rows);
    }

    /** @return calls per second, over at least {@code seconds} */
    private static double calls(Contender c, int[][] histories, int batch, int k, double seconds) {
        int[][] users = new int[batch][];
        long start = System.nanoTime();
        int calls = 0;
        double took;
        do {
            for (int i = 0; i < batch; i++) {
                users[i] = histories[(calls * batch + i) % histories.length];
            }
            if (c.top(users, k)[0].length != k) {
                throw new IllegalStateException(c.name() + " answered fewer than " + k + " items");
            }
            calls++;
            took = (System.nanoTime() - start) / 1e9;
        } while (took < seconds);
        return calls / took;
    }

    private static double difference(float[] a, float[] b) {
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            most = Math.max(most, Math.abs(a[i] - b[i]));
        }
        return most;
    }
}
