package org.wherefore.testkit.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.data.FeatureSchemas;

/**
 * A sequence model with closed-form answers. Score of target {@code t} for a history:
 *
 * <pre>bias[t] + sum over events of weight[item][t] + (the pair's gain, when both items of the pair are in the history)</pre>
 *
 * <p>Without a pair it is additive: every sound attribution gives the event on item {@code i} exactly {@code weight[i][t]},
 * and the base value is {@code bias[t]}. With a pair, {@link #leaveOneOut} and {@link #shapley} are the two right answers.
 * Order and kinds of events don't matter.
 *
 * <p>It has the ability {@link Gradients}: the content of an event is the one number 1, its presence, and in between the score
 * is the multilinear extension (Owen, Multilinear Extensions of Games, 1972), so that exact Integrated Gradients are the values
 * of {@link #shapley}. It has {@link Attention}: one layer with one head, where each event looks at itself and all before it
 * alike, and an event is there as far as the last one looks at it times their number, so that weight times gradient is the value of
 * {@link #leaveOneOut}. And it has {@link Embeddings}: of a history how often each item is there and whether the pair is, of a target
 * the weight of each item and the gain. Immutable and thread-safe until {@link #close}; afterwards every call fails with
 * {@link IllegalStateException}.
 */
public final class ToyModel implements Model {
    private final ModelInfo info;
    private final List<String> targets;
    private final double[] bias;
    private final double[][] weight;
    private final int first;
    private final int second;
    private final double gain;
    private volatile boolean closed;

    private ToyModel(ModelInfo info, List<String> targets, double[] bias, double[][] weight, int first, int second, double gain) {
        this.info = info;
        this.targets = targets;
        this.bias = bias;
        this.weight = weight;
        this.first = first;
        this.second = second;
        this.gain = gain;
    }

    /**
     * The standard additive model over {@link FeatureSchemas#items} targets: {@code bias[t] = t / 2} and
     * {@code weight[i][t] = (i % 5 - 1) (t + 1) / 8}. Every sum is exact in a double; events on items 1, 6, 11 … change nothing
     * and those on items 0, 5, 10 … lower the score.
     */
    public static ToyModel additive(FeatureSchema schema) {
        int n = schema.targets().size();
        double[] bias = new double[n];
        double[][] weight = new double[n][n];
        for (int t = 0; t < n; t++) {
            bias[t] = t / 2.0;
            for (int i = 0; i < n; i++) {
                weight[i][t] = (i % 5 - 1) * (t + 1) / 8.0;
            }
        }
        return additive(new ModelInfo("toy", 1, "toy", "sha256:0"), schema, bias, weight);
    }

    /**
     * An additive model of your own numbers.
     *
     * @param bias one per target
     * @param weight {@code [item][target]}
     * @throws IllegalArgumentException when the sizes differ from the schema's number of targets
     */
    public static ToyModel additive(ModelInfo info, FeatureSchema schema, double[] bias, double[][] weight) {
        int n = schema.targets().size();
        if (bias.length != n || weight.length != n || IntStream.range(0, n).anyMatch(i -> weight[i].length != n)) {
            throw new IllegalArgumentException("bias needs " + n + " numbers and weight " + n + " rows of " + n);
        }
        double[][] copy = new double[n][];
        for (int i = 0; i < n; i++) {
            copy[i] = weight[i].clone();
        }
        return new ToyModel(info, schema.targets(), bias.clone(), copy, -1, -1, 0);
    }

    /** The same model with a further {@code gain} for every target when both items are in the history. */
    public ToyModel withPair(int item, int other, double pairGain) {
        if (item == other || item < 0 || other < 0 || item >= targets.size() || other >= targets.size()) {
            throw new IllegalArgumentException("a pair is two different items of 0 to " + (targets.size() - 1));
        }
        return new ToyModel(info, targets, bias, weight, item, other, pairGain);
    }

    /** Score with no events. */
    public double baseValue(int target) {
        return bias[target];
    }

    /** What each event adds, by position, when it is the last to go: score of the whole less the score without it. */
    public double[] leaveOneOut(SequenceInstance history, int target) {
        int a = count(history, first);
        int b = count(history, second);
        double[] out = new double[history.length()];
        for (int p = 0; p < out.length; p++) {
            int item = history.item(p);
            boolean breaks = a > 0 && b > 0 && (item == first && a == 1 || item == second && b == 1);
            out[p] = weight[item][target] + (breaks ? gain : 0);
        }
        return out;
    }

    /** Exact Shapley values (Shapley, A Value for n-Person Games, 1953) of the events, by position. They sum to score less base. */
    public double[] shapley(SequenceInstance history, int target) {
        int a = count(history, first);
        int b = count(history, second);
        double[] out = new double[history.length()];
        for (int p = 0; p < out.length; p++) {
            int item = history.item(p);
            // [a and b] = 1 - [no a] - [no b] + [neither]; each term is shared evenly by the events that can switch it.
            double share = a == 0 || b == 0 ? 0 : item == first ? 1.0 / a - 1.0 / (a + b) : item == second ? 1.0 / b - 1.0 / (a + b) : 0;
            out[p] = weight[item][target] + share * gain;
        }
        return out;
    }

    /** The score that the model gives, for expectations. */
    public double scoreOf(SequenceInstance history, int target) {
        double score = bias[target];
        boolean a = false;
        boolean b = false;
        for (int p = 0; p < history.length(); p++) {
            int item = history.item(p);
            score += weight[item][target];
            a |= item == first;
            b |= item == second;
        }
        return a && b ? score + gain : score;
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        SequenceInstance history = open(instance);
        List<Integer> order = new ArrayList<>();
        double[] scores = new double[targets.size()];
        for (int t = 0; t < scores.length; t++) {
            scores[t] = scoreOf(history, t);
            if (!excluded.get(t)) {
                order.add(t);
            }
        }
        order.sort(Comparator.comparingDouble((Integer t) -> -scores[t]).thenComparing(t -> t));
        return IntStream.range(0, Math.min(k, order.size()))
                .mapToObj(r -> new Output(order.get(r), targets.get(order.get(r)), r + 1, scores[order.get(r)])).toList();
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] asked, BitSet excluded, boolean ranks) {
        known(asked);
        RankedScore[][] out = new RankedScore[instances.size()][asked.length];
        for (int i = 0; i < out.length; i++) {
            SequenceInstance history = open(instances.get(i));
            for (int n = 0; n < asked.length; n++) {
                int t = asked[n];
                double score = scoreOf(history, t);
                int rank = ranks ? 1 + (int) IntStream.range(0, targets.size()).filter(o -> o != t && !excluded.get(o))
                        .filter(o -> scoreOf(history, o) > score || scoreOf(history, o) == score && o < t).count() : 0;
                out[i][n] = new RankedScore(score, rank);
            }
        }
        return out;
    }

    @Override
    public <T> Optional<T> adapt(Class<T> ability) {
        Object given = ability == Gradients.class ? (Gradients) this::slopes : ability == Attention.class ? (Attention) this::attention
                : ability == Embeddings.class ? new Vectors() : null;
        return Optional.ofNullable(given).map(ability::cast);
    }

    private Attention.Maps attention(Instance instance, int[] asked) {
        SequenceInstance history = open(instance);
        known(asked);
        int n = history.length();
        double[][] weights = new double[n][n];
        for (int q = 0; q < n; q++) {
            Arrays.fill(weights[q], 0, q + 1, 1.0 / (q + 1));
        }
        double[][][][][] gradients = new double[asked.length][1][1][n][n];
        double[] present = new double[n];
        Arrays.fill(present, 1);
        for (int t = 0; t < asked.length && n > 0; t++) {
            double[] products = slope(history, present, asked[t]).products();
            for (int k = 0; k < n; k++) {
                gradients[t][0][0][n - 1][k] = n * products[k];
            }
        }
        return new Attention.Maps(IntStream.range(0, n).toArray(), n - 1, new double[][][][] {{weights}}, gradients);
    }

    private final class Vectors implements Embeddings {
        @Override
        public int dimensions() {
            return targets.size() + 1;
        }

        @Override
        public boolean innerProduct() {
            return true;
        }

        @Override
        public double[] instance(Instance instance) {
            SequenceInstance history = open(instance);
            double[] vector = new double[dimensions()];
            for (int p = 0; p < history.length(); p++) {
                vector[history.item(p)]++;
            }
            vector[targets.size()] = count(history, first) > 0 && count(history, second) > 0 ? 1 : 0;
            return vector;
        }

        @Override
        public double[] target(int target) {
            known(new int[] {target});
            double[] vector = new double[dimensions()];
            for (int i = 0; i < targets.size(); i++) {
                vector[i] = weight[i][target];
            }
            vector[targets.size()] = gain;
            return vector;
        }

        @Override
        public double bias(int target) {
            known(new int[] {target});
            return bias[target];
        }
    }

    private Gradients.Slope[][] slopes(Instance instance, int[] asked, List<Gradients.Point> points) {
        SequenceInstance history = open(instance);
        known(asked);
        Gradients.Slope[][] out = new Gradients.Slope[points.size()][asked.length];
        for (int i = 0; i < out.length; i++) {
            Gradients.Point point = points.get(i);
            Random random = new Random(point.seed());
            double[] presence = new double[history.length()];
            for (int p = 0; p < presence.length; p++) {
                presence[p] = point.alpha() + (point.noise() > 0 ? point.noise() * random.nextGaussian() : 0);
            }
            for (int n = 0; n < asked.length; n++) {
                out[i][n] = slope(history, presence, asked[n]);
            }
        }
        return out;
    }

    private Gradients.Slope slope(SequenceInstance history, double[] presence, int target) {
        double score = bias[target];
        double[] products = new double[presence.length];
        for (int p = 0; p < presence.length; p++) {
            int item = history.item(p);
            score += presence[p] * weight[item][target];
            products[p] = weight[item][target];
            if (item == first || item == second) {
                products[p] += gain * absent(history, presence, item, p) * (1 - absent(history, presence, item == first ? second : first, -1));
            }
        }
        score += gain * (1 - absent(history, presence, first, -1)) * (1 - absent(history, presence, second, -1));
        return new Gradients.Slope(score, products);
    }

    /** How far no event on the item is there, the one at {@code but} aside. */
    private static double absent(SequenceInstance history, double[] presence, int item, int but) {
        double product = 1;
        for (int p = 0; p < presence.length; p++) {
            product *= p != but && history.item(p) == item ? 1 - presence[p] : 1;
        }
        return product;
    }

    @Override
    public void close() {
        closed = true;
    }

    public boolean isClosed() {
        return closed;
    }

    private void known(int[] asked) {
        for (int t : asked) {
            if (t < 0 || t >= targets.size()) {
                throw WhereforeException.invalid("target", "target " + t + " is not 0 to " + (targets.size() - 1));
            }
        }
    }

    private SequenceInstance open(Instance instance) {
        if (closed) {
            throw new IllegalStateException("model " + info.name() + ":" + info.version() + " is closed");
        }
        if (!(instance instanceof SequenceInstance history)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "the toy model reads behaviour histories only");
        }
        for (int p = 0; p < history.length(); p++) {
            if (history.item(p) < 0 || history.item(p) >= targets.size()) {
                throw WhereforeException.invalid("history", "event " + p + " is on item " + history.item(p) + ", the model has "
                        + targets.size());
            }
        }
        return history;
    }

    private static int count(SequenceInstance history, int item) {
        return (int) IntStream.of(history.items()).filter(i -> i == item).count();
    }
}
