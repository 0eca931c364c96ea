package org.wherefore.explainer.shap.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.Trees;
import org.wherefore.testkit.model.ToyFunction;

/** A small model of trees that were not learned: all that is promised of {@link Trees}, and what the definition of Shapley values gives for them. */
final class TreesModel implements Model, Trees {
    private final FeatureSchema schema;
    private final double base;
    private final List<List<Tree>> trees;
    private final DoubleUnaryOperator scale;
    private final ToyFunction<TableInstance> scores;

    /** @param trees of each target @param scale the score of a sum */
    TreesModel(FeatureSchema schema, double base, List<List<Tree>> trees, DoubleUnaryOperator scale) {
        this.schema = schema;
        this.base = base;
        this.trees = trees;
        this.scale = scale;
        this.scores = ToyFunction.of(schema, TableInstance.class, (row, target) -> score(target, sum(row, target)));
    }

    double sum(TableInstance row, int target) {
        double sum = base;
        for (Tree t : trees.get(target)) {
            sum += t.value(t.leafOf(row.values()));
        }
        return sum;
    }

    @Override
    public double[] values(Instance instance) {
        return ((TableInstance) instance).values();
    }

    @Override
    public double base(int target) {
        return base;
    }

    @Override
    public List<Tree> trees(int target) {
        return trees.get(target);
    }

    @Override
    public double score(int target, double sum) {
        return scale.applyAsDouble(sum);
    }

    @Override
    public ModelInfo info() {
        return scores.info();
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        return scores.predict(instance, k, excluded);
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
        return scores.score(instances, targets, excluded, ranks);
    }

    @Override
    public <T> Optional<T> adapt(Class<T> ability) {
        return ability == Trees.class ? Optional.of(ability.cast(this)) : Optional.empty();
    }

    @Override
    public void close() {
        scores.close();
    }

    /** The same with another score of the sum. */
    TreesModel scaled(DoubleUnaryOperator other) {
        return new TreesModel(schema, base, trees, other);
    }

    /** Random trees for a schema, the same ones for a seed. Each adds what its questions are, so features interact; one is asked twice on a way. */
    static TreesModel random(FeatureSchema schema, int count, int depth, long seed) {
        Random random = new Random(seed);
        List<List<Tree>> trees = new ArrayList<>();
        for (int t = 0; t < schema.targets().size(); t++) {
            List<Tree> own = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                own.add(tree(schema, depth, random));
            }
            trees.add(own);
        }
        return new TreesModel(schema, random.nextGaussian(), trees, s -> s);
    }

    private static Tree tree(FeatureSchema schema, int depth, Random random) {
        int most = (2 << depth) - 1;
        int[] feature = new int[most];
        double[] threshold = new double[most];
        BitSet[] categories = new BitSet[most];
        boolean[] missingLeft = new boolean[most];
        int[] left = new int[most];
        int[] right = new int[most];
        double[] value = new double[most];
        double[] cover = new double[most];
        int nodes = 1;
        int[] level = new int[most];
        for (int i = 0; i < nodes; i++) {
            boolean leaf = level[i] == depth || level[i] > 0 && random.nextInt(5) == 0;
            left[i] = leaf ? -1 : nodes;
            right[i] = leaf ? -1 : nodes + 1;
            value[i] = random.nextGaussian();
            cover[i] = leaf ? random.nextInt(9) : 0;
            if (!leaf) {
                feature[i] = random.nextInt(schema.features().size());
                int names = schema.features().get(feature[i]).categories().size();
                threshold[i] = feature[i] % 3 + random.nextGaussian();
                missingLeft[i] = random.nextBoolean();
                if (names > 0) {
                    categories[i] = BitSet.valueOf(new long[] {1 + random.nextInt((1 << names) - 2)});
                }
                level[nodes] = level[i] + 1;
                level[nodes + 1] = level[i] + 1;
                nodes += 2;
            }
        }
        for (int i = nodes - 1; i >= 0; i--) {
            cover[i] = left[i] < 0 ? cover[i] : cover[left[i]] + cover[right[i]];
        }
        return new Tree(java.util.Arrays.copyOf(feature, nodes), java.util.Arrays.copyOf(threshold, nodes), java.util.Arrays.copyOf(categories, nodes),
                java.util.Arrays.copyOf(missingLeft, nodes), java.util.Arrays.copyOf(left, nodes), java.util.Arrays.copyOf(right, nodes),
                java.util.Arrays.copyOf(value, nodes), java.util.Arrays.copyOf(cover, nodes));
    }

    /** By the definition: all sets of players, those that are not in it going both ways by cover. @param players of each feature */
    double[] definition(TableInstance row, int target, int[] players, int count) {
        double[] worth = new double[1 << count];
        for (int set = 0; set < worth.length; set++) {
            for (Tree t : trees.get(target)) {
                worth[set] += worth(t, 0, row, players, set);
            }
        }
        double[] factorial = new double[count + 1];
        factorial[0] = 1;
        for (int i = 1; i <= count; i++) {
            factorial[i] = i * factorial[i - 1];
        }
        double[] out = new double[count];
        for (int set = 0; set < worth.length; set++) {
            for (int p = 0; p < count; p++) {
                if ((set >> p & 1) == 0) {
                    int size = Integer.bitCount(set);
                    out[p] += factorial[size] * factorial[count - size - 1] / factorial[count] * (worth[set | 1 << p] - worth[set]);
                }
            }
        }
        return out;
    }

    private static double worth(Tree tree, int node, TableInstance row, int[] players, int set) {
        if (tree.leaf(node)) {
            return tree.value(node);
        }
        if ((set >> players[tree.feature(node)] & 1) == 1) {
            return worth(tree, tree.next(node, row.value(tree.feature(node))), row, players, set);
        }
        double left = tree.cover(tree.left(node));
        double both = left + tree.cover(tree.right(node));
        double share = both == 0 ? 0.5 : left / both;
        return share * worth(tree, tree.left(node), row, players, set) + (1 - share) * worth(tree, tree.right(node), row, players, set);
    }
}
