package org.wherefore.testkit.model;

import java.util.BitSet;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.wherefore.api.explain.spi.Parts;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.TableInstance;

/**
 * A model of rows of a table with closed-form answers. Score of target {@code t} for a row {@code x}:
 *
 * <pre>bias[t] + sum over features of weight[t][f] x[f] + sum over pairs of gain x[a] x[b]</pre>
 *
 * <p>and the logistic function of that after {@link #logistic}. A missing value counts as 0. {@link #shapley} gives the exact values of
 * its features against a background, in closed form without the logistic; {@link #byDefinition} gives those of any function, slowly.
 * Immutable and thread-safe until closed.
 */
public final class ToyTableModel extends ToyFunction<TableInstance> {
    private final double[] bias;
    private final double[][] weight;
    private final List<Pair> pairs;
    private final boolean logistic;

    private record Pair(int a, int b, double gain) {}

    private ToyTableModel(FeatureSchema schema, double[] bias, double[][] weight, List<Pair> pairs, boolean logistic) {
        super(schema, TableInstance.class);
        this.bias = bias;
        this.weight = weight;
        this.pairs = pairs;
        this.logistic = logistic;
    }

    /**
     * A linear model.
     *
     * @param bias one per target
     * @param weight {@code [target][feature]}
     * @throws IllegalArgumentException when the sizes differ from the schema's
     */
    public static ToyTableModel linear(FeatureSchema schema, double[] bias, double[][] weight) {
        int n = schema.targets().size();
        int features = schema.features().size();
        if (bias.length != n || weight.length != n || IntStream.range(0, n).anyMatch(t -> weight[t].length != features)) {
            throw new IllegalArgumentException("bias needs " + n + " numbers and weight " + n + " rows of " + features);
        }
        return new ToyTableModel(schema, bias.clone(), IntStream.range(0, n).mapToObj(t -> weight[t].clone()).toArray(double[][]::new),
                List.of(), false);
    }

    /** The same with a further {@code gain} times the product of two different features, for every target. */
    public ToyTableModel withPair(int feature, int other, double gain) {
        if (feature == other) {
            throw new IllegalArgumentException("a pair is two different features");
        }
        return new ToyTableModel(schema(), bias, weight, Stream.concat(pairs.stream(),
                Stream.of(new Pair(feature, other, gain))).toList(), logistic);
    }

    /** The same with the logistic function of the score as score: a probability. */
    public ToyTableModel logistic() {
        return new ToyTableModel(schema(), bias, weight, pairs, true);
    }

    @Override
    public double scoreOf(TableInstance row, int target) {
        double score = bias[target];
        for (int f = 0; f < weight[target].length; f++) {
            score += weight[target][f] * at(row, f);
        }
        for (Pair p : pairs) {
            score += p.gain * at(row, p.a) * at(row, p.b);
        }
        return logistic ? 1 / (1 + Math.exp(-score)) : score;
    }

    /** Weighted mean of the scores of the background rows: what is left when every feature is absent. */
    public double baseValue(List<TableInstance> background, double[] weights, int target) {
        return IntStream.range(0, weights.length).mapToDouble(r -> weights[r] * scoreOf(background.get(r), target)).sum();
    }

    /**
     * Exact Shapley values of the features, each alone, against a background whose values stand for absent ones.
     *
     * @throws IllegalStateException for a {@link #logistic} model, which has no closed form
     */
    public double[] shapley(TableInstance row, List<TableInstance> background, double[] weights, int target) {
        if (logistic) {
            throw new IllegalStateException("no closed form with the logistic function; ask byDefinition");
        }
        double[] out = new double[row.length()];
        for (int r = 0; r < weights.length; r++) {
            TableInstance b = background.get(r);
            for (int f = 0; f < out.length; f++) {
                out[f] += weights[r] * weight[target][f] * (at(row, f) - at(b, f));
            }
            for (Pair p : pairs) {
                // Half of it joins first and meets the other's old value, half of it last and meets the new one.
                out[p.a] += weights[r] * p.gain * (at(row, p.a) - at(b, p.a)) * (at(row, p.b) + at(b, p.b)) / 2;
                out[p.b] += weights[r] * p.gain * (at(row, p.b) - at(b, p.b)) * (at(row, p.a) + at(b, p.a)) / 2;
            }
        }
        return out;
    }

    /**
     * Shapley values of any score by their definition: the mean over all orders of what each part adds, over all subsets.
     *
     * @param parts up to 20
     * @param score of what {@link Parts#keeping} gives
     */
    public static double[] byDefinition(Parts parts, ToDoubleFunction<TableInstance> score) {
        int n = parts.count();
        double[] weights = parts.weights();
        double[] worth = new double[1 << n];
        for (int set = 0; set < worth.length; set++) {
            List<Instance> rows = parts.keeping(BitSet.valueOf(new long[] {set}));
            for (int r = 0; r < weights.length; r++) {
                worth[set] += weights[r] * score.applyAsDouble((TableInstance) rows.get(r));
            }
        }
        double[] out = new double[n];
        for (int set = 0; set < worth.length; set++) {
            int size = Integer.bitCount(set);
            for (int p = 0; p < n; p++) {
                if ((set >> p & 1) == 0) {
                    // |S|! (n - |S| - 1)! / n!
                    double share = 1.0 / n;
                    for (int i = 1; i <= size; i++) {
                        share *= (double) i / (n - i);
                    }
                    out[p] += share * (worth[set | 1 << p] - worth[set]);
                }
            }
        }
        return out;
    }

    private static double at(TableInstance row, int feature) {
        return row.missing(feature) ? 0 : row.value(feature);
    }
}
