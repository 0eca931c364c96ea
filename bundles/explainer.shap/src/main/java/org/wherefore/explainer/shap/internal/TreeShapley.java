package org.wherefore.explainer.shap.internal;

import java.util.List;
import org.wherefore.api.model.spi.Trees.Tree;

/**
 * Shapley values of a tree's answer, where a value that is not known follows both children by their cover (path-dependent TreeSHAP, algorithm
 * 2 of Lundberg et al., 2020). Exact, in time {@code leaves * depth²}.
 *
 * <p>A path holds the different players asked on the way from the root, a nameless one first. For each it knows which share of the training cases
 * would come this way ({@code zero}), whether the row does ({@code one}, 1 or 0), and in {@code weight[i]} the sum over all sets of {@code i} of them of
 * the share of orders in which just those come first.
 */
final class TreeShapley {
    private final int[] players;
    private final double[] values;
    private final double[] row;

    /** @param players of each value, from 0 @param count of players @param row the values explained */
    private TreeShapley(int[] players, int count, double[] row) {
        this.players = players;
        this.values = new double[count];
        this.row = row;
    }

    /**
     * The sum over all trees.
     *
     * @return for each player its value, and one more: the mean answer by cover, without any base
     */
    static double[] of(List<Tree> trees, int[] players, int count, double[] row) {
        TreeShapley all = new TreeShapley(players, count, row);
        double mean = 0;
        for (Tree tree : trees) {
            mean += mean(tree, 0);
            all.walk(tree, 0, new Path(0), 1, 1, -1);
        }
        double[] out = java.util.Arrays.copyOf(all.values, count + 1);
        out[count] = mean;
        return out;
    }

    /** Mean answer from a node on, each child weighing as its cover; children without any cover weigh the same. */
    static double mean(Tree tree, int node) {
        if (tree.leaf(node)) {
            return tree.value(node);
        }
        double share = share(tree, node, tree.left(node));
        return (share == 0 ? 0 : share * mean(tree, tree.left(node))) + (share == 1 ? 0 : (1 - share) * mean(tree, tree.right(node)));
    }

    private static double share(Tree tree, int node, int child) {
        double both = tree.cover(tree.left(node)) + tree.cover(tree.right(node));
        return both == 0 ? 0.5 : tree.cover(child) / both;
    }

    private void walk(Tree tree, int node, Path above, double zero, double one, int player) {
        Path path = above.with(player, zero, one);
        if (tree.leaf(node)) {
            for (int i = 1; i < path.length; i++) {
                values[path.player[i]] += path.without(i) * (path.one[i] - path.zero[i]) * tree.value(node);
            }
            return;
        }
        int asked = players[tree.feature(node)];
        double incomingZero = 1;
        double incomingOne = 1;
        int before = path.find(asked);
        if (before > 0) {
            incomingZero = path.zero[before];
            incomingOne = path.one[before];
            path = path.less(before);
        }
        int next = tree.next(node, row[tree.feature(node)]);
        for (int child : new int[] {tree.left(node), tree.right(node)}) {
            double share = share(tree, node, child);
            double follows = child == next ? incomingOne : 0;
            // A way that neither the row nor any training case takes adds nothing.
            if (share * incomingZero > 0 || follows > 0) {
                walk(tree, child, path, share * incomingZero, follows, asked);
            }
        }
    }

    private static final class Path {
        final int length;
        final int[] player;
        final double[] zero;
        final double[] one;
        final double[] weight;

        Path(int length) {
            this.length = length;
            player = new int[length];
            zero = new double[length];
            one = new double[length];
            weight = new double[length];
        }

        int find(int asked) {
            for (int i = 1; i < length; i++) {
                if (player[i] == asked) {
                    return i;
                }
            }
            return 0;
        }

        Path with(int newPlayer, double newZero, double newOne) {
            Path out = new Path(length + 1);
            System.arraycopy(player, 0, out.player, 0, length);
            System.arraycopy(zero, 0, out.zero, 0, length);
            System.arraycopy(one, 0, out.one, 0, length);
            System.arraycopy(weight, 0, out.weight, 0, length);
            out.player[length] = newPlayer;
            out.zero[length] = newZero;
            out.one[length] = newOne;
            out.weight[length] = length == 0 ? 1 : 0;
            for (int i = length - 1; i >= 0; i--) {
                out.weight[i + 1] += newOne * out.weight[i] * (i + 1) / (length + 1);
                out.weight[i] = newZero * out.weight[i] * (length - i) / (length + 1);
            }
            return out;
        }

        /** As it would be had a player never been asked. */
        Path less(int gone) {
            Path out = new Path(length - 1);
            double[] rest = unwound(gone);
            System.arraycopy(rest, 0, out.weight, 0, out.length);
            for (int i = 0; i < out.length; i++) {
                int from = i < gone ? i : i + 1;
                out.player[i] = player[from];
                out.zero[i] = zero[from];
                out.one[i] = one[from];
            }
            return out;
        }

        /** Sum of the weights without a player. */
        double without(int gone) {
            double sum = 0;
            for (double w : unwound(gone)) {
                sum += w;
            }
            return sum;
        }

        private double[] unwound(int gone) {
            int last = length - 1;
            double[] out = new double[last];
            if (one[gone] != 0) {
                double next = weight[last];
                for (int i = last - 1; i >= 0; i--) {
                    out[i] = next * length / ((i + 1) * one[gone]);
                    next = weight[i] - out[i] * zero[gone] * (last - i) / length;
                }
            } else {
                for (int i = last - 1; i >= 0; i--) {
                    out[i] = weight[i] * length / (zero[gone] * (last - i));
                }
            }
            return out;
        }
    }
}
