package org.wherefore.core.internal.quality;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * Deletion and insertion curves (Petsiuk, Das, Saenko, RISE, BMVC 2018) and infidelity of the attributions of one request. All
 * inputs of all targets are scored in one batch; random sets of events are drawn once and serve every target, as the
 * reference of the curves and as the removals of infidelity. Deterministic by seed. Stateless but for its settings.
 */
public final class QualityMeter {
    /** Coarse, for every explanation. */
    public static final QualityMeter BASIC = new QualityMeter(6, 0.1, 0.25, 0.5);
    /** Fine, when asked for. */
    public static final QualityMeter FULL = new QualityMeter(20, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5);
    /** Spread of scores, relative to their size, below which a model does not look at the events at all. */
    private static final double FLAT = 1e-9;
    private final int orders;
    private final double[] shares;

    /**
     * @param orders how many random orders
     * @param shares of events at which curves are asked, above 0 and up to a half; what remains to 1 is asked, too, so that removing at
     *        random and putting in at random are the same curve
     */
    QualityMeter(int orders, double... shares) {
        this.orders = orders;
        this.shares = shares;
    }

    /** Numbers of events from 0 to n, ascending; with each c also n - c. */
    private int[] counts(int n) {
        return IntStream.concat(IntStream.of(0, n), Arrays.stream(shares).mapToInt(s -> (int) Math.ceil(s * n)).flatMap(c -> IntStream.of(c, n - c)))
                .sorted().distinct().toArray();
    }

    /** The histories to score, and where each is in the batch. */
    private static final class Batch {
        final List<Instance> histories = new ArrayList<>();
        RankedScore[][] scores;

        int add(Instance history) {
            histories.add(history);
            return histories.size() - 1;
        }

        double score(int history, int target) {
            return scores[history][target].score();
        }
    }

    /**
     * One result per attribution, in order. An attribution that leaves positions out is not measured, nor is anything on a model that
     * refuses a history without events.
     *
     * @param attributions of the targets, in this order
     */
    public List<Measures> measure(Model model, Ablation ablation, int[] targets, List<Attribution> attributions, long seed) {
        int[] positions = ablation.positions();
        int n = positions.length;
        int[] counts = counts(n);
        Batch batch = new Batch();
        int full = batch.add(ablation.without());
        int empty = batch.add(ablation.without(positions));
        int[][] random = new int[orders][];
        int[][] randomOrder = new int[orders][];
        SplittableRandom draws = new SplittableRandom(seed);
        for (int r = 0; r < orders; r++) {
            randomOrder[r] = shuffled(positions, draws);
            random[r] = removals(batch, ablation, randomOrder[r], counts, full, empty);
        }
        int[][] deletion = new int[targets.length][];
        int[][] insertion = new int[targets.length][];
        for (int t = 0; t < targets.length; t++) {
            int[] order = attributions.get(t).contributions().stream().mapToInt(Contribution::position).toArray();
            if (order.length == n) {
                deletion[t] = removals(batch, ablation, order, counts, full, empty);
                // what is put in first is removed last
                int[] last = new int[n];
                Arrays.setAll(last, i -> order[n - 1 - i]);
                insertion[t] = reversed(removals(batch, ablation, last, counts, full, empty));
            }
        }
        if (n == 0 || !score(model, batch, targets)) {
            return Collections.nCopies(targets.length, Measures.NONE);
        }
        double[] at = Arrays.stream(counts).mapToDouble(c -> (double) c / n).toArray();
        List<Measures> out = new ArrayList<>();
        for (int t = 0; t < targets.length; t++) {
            int target = t;
            double none = batch.score(empty, t);
            double spread = spread(batch, t, full, empty, random);
            if (deletion[t] == null || spread <= FLAT * (1 + Math.abs(none))) {
                out.add(Measures.NONE);
                continue;
            }
            double[] chance = new double[counts.length];
            for (int[] order : random) {
                for (int i = 0; i < chance.length; i++) {
                    chance[i] += (batch.score(order[i], t) - none) / spread / orders;
                }
            }
            out.add(new Measures(at, curve(batch, deletion[t], target, none, spread), curve(batch, insertion[t], target, none, spread),
                    chance, infidelity(batch, attributions.get(t), ablation.width(), t, full, random, randomOrder, counts)));
        }
        return out;
    }

    private static boolean score(Model model, Batch batch, int[] targets) {
        try {
            batch.scores = model.score(batch.histories, targets, new BitSet(), false);
            return true;
        } catch (WhereforeException e) {
            if (e.code() == ErrorCode.UNSUPPORTED || e.code() == ErrorCode.INVALID_INPUT) {
                return false;
            }
            throw e;
        }
    }

    /** Histories without the first so many of the order, for each count. @return their places in the batch */
    private static int[] removals(Batch batch, Ablation ablation, int[] order, int[] counts, int full, int empty) {
        int[] out = new int[counts.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = counts[i] == 0 ? full : counts[i] == order.length ? empty : batch.add(ablation.without(Arrays.copyOf(order, counts[i])));
        }
        return out;
    }

    private static int[] reversed(int[] a) {
        int[] out = new int[a.length];
        Arrays.setAll(out, i -> a[a.length - 1 - i]);
        return out;
    }

    private static double spread(Batch batch, int target, int full, int empty, int[][] random) {
        double high = Math.max(batch.score(full, target), batch.score(empty, target));
        double low = Math.min(batch.score(full, target), batch.score(empty, target));
        for (int[] order : random) {
            for (int history : order) {
                high = Math.max(high, batch.score(history, target));
                low = Math.min(low, batch.score(history, target));
            }
        }
        return high - low;
    }

    private static double[] curve(Batch batch, int[] histories, int target, double none, double spread) {
        return Arrays.stream(histories).mapToDouble(h -> (batch.score(h, target) - none) / spread).toArray();
    }

    private static double infidelity(Batch batch, Attribution a, int width, int target, int full, int[][] random, int[][] order, int[] counts) {
        double[] value = new double[width];
        a.contributions().forEach(c -> value[c.position()] = c.value());
        double error = 0;
        double size = 0;
        for (int r = 0; r < random.length; r++) {
            double forecast = 0;
            int removed = 0;
            for (int i = 0; i < counts.length; i++) {
                for (; removed < counts[i]; removed++) {
                    forecast += value[order[r][removed]];
                }
                double fall = batch.score(full, target) - batch.score(random[r][i], target);
                error += (forecast - fall) * (forecast - fall);
                size += fall * fall;
            }
        }
        return size == 0 ? Double.NaN : error / size;
    }

    private static int[] shuffled(int[] positions, SplittableRandom random) {
        int[] order = new int[positions.length];
        for (int i = 0; i < order.length; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = positions[i];
        }
        return order;
    }
}
