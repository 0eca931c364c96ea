package org.wherefore.api.model.spi;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.feature.Instance;

/**
 * Optional ability of a model that is a sum of decision trees, by {@code model.adapt(Trees.class)}: what it takes to explain it exactly and
 * without asking it anything (Lundberg et al., From Local Explanations to Global Understanding with Explainable AI for Trees, Nature Machine
 * Intelligence 2020).
 *
 * <p>A target's sum is {@link #base} and, of each of its {@link #trees}, the value of the leaf that an instance's {@link #values} lead to.
 * {@link #score} makes the model's score of it.
 *
 * <p>Thread-safe, and usable until the model is closed.
 */
@ConsumerType
public interface Trees {
    /** One tree. Node 0 is the root, and children come after their parents. Immutable: what a strategy gets is what the model answers by. */
    final class Tree {
        private final int[] feature;
        private final double[] threshold;
        private final BitSet[] categories;
        private final boolean[] missingLeft;
        private final int[] left;
        private final int[] right;
        private final double[] value;
        private final double[] cover;

        /**
         * Arrays have one entry a node. They are not copied and belong to the tree from then on.
         *
         * @param feature which of {@link Trees#values} a node asks for; of a leaf anything
         * @param threshold what is less goes left; of a leaf, and where there are categories, anything
         * @param categories at a node that asks for a category: those that go right, the others left; null elsewhere
         * @param missingLeft whether a missing value goes left
         * @param left child, -1 of a leaf @param right likewise
         * @param value what a leaf adds to the sum; of other nodes anything
         * @param cover weight of the training cases that came to a node, not negative; a node's is its children's together, but for rounding
         * @throws IllegalArgumentException when the arrays don't make a tree, or a number is none
         */
        public Tree(int[] feature, double[] threshold, BitSet[] categories, boolean[] missingLeft, int[] left, int[] right, double[] value,
                double[] cover) {
            int n = left.length;
            if (n == 0 || feature.length != n || threshold.length != n || categories.length != n || missingLeft.length != n || right.length != n
                    || value.length != n || cover.length != n) {
                throw new IllegalArgumentException("a tree has a node, and each array one entry a node");
            }
            int[] parents = new int[n];
            for (int i = 0; i < n; i++) {
                boolean leaf = left[i] == -1 && right[i] == -1;
                if (!leaf && (left[i] <= i || right[i] <= i || left[i] >= n || right[i] >= n || left[i] == right[i] || feature[i] < 0)) {
                    throw new IllegalArgumentException("node " + i + " of " + n + " asks for feature " + feature[i] + " and has the children " + left[i]
                            + " and " + right[i] + "; children come after their parent");
                }
                if (!(cover[i] >= 0 && cover[i] < Double.POSITIVE_INFINITY) || leaf && !Double.isFinite(value[i])
                        || !leaf && categories[i] == null && !Double.isFinite(threshold[i])) {
                    throw new IllegalArgumentException("node " + i + " has the value " + value[i] + ", the threshold " + threshold[i] + " and the cover "
                            + cover[i] + "; they are finite, and a cover is not negative");
                }
                if (!leaf) {
                    parents[left[i]]++;
                    parents[right[i]]++;
                }
            }
            for (int i = 1; i < n; i++) {
                if (parents[i] != 1) {
                    throw new IllegalArgumentException("node " + i + " has " + parents[i] + " parents");
                }
            }
            this.feature = feature;
            this.threshold = threshold;
            this.categories = categories;
            this.missingLeft = missingLeft;
            this.left = left;
            this.right = right;
            this.value = value;
            this.cover = cover;
        }

        public int nodes() {
            return left.length;
        }

        public boolean leaf(int node) {
            return left[node] < 0;
        }

        /** Which of {@link Trees#values} a node asks for that is no leaf. */
        public int feature(int node) {
            return feature[node];
        }

        /** What is less goes left, from a node that is no leaf and has no {@link #categories}. */
        public double threshold(int node) {
            return threshold[node];
        }

        /** A copy of the categories that go right; empty where a node asks for a number. */
        public Optional<BitSet> categories(int node) {
            return Optional.ofNullable(categories[node]).map(c -> (BitSet) c.clone());
        }

        public boolean missingLeft(int node) {
            return missingLeft[node];
        }

        /** -1 of a leaf. */
        public int left(int node) {
            return left[node];
        }

        /** -1 of a leaf. */
        public int right(int node) {
            return right[node];
        }

        /** What a leaf adds to the sum. */
        public double value(int node) {
            return value[node];
        }

        /** Weight of the training cases that came to a node. */
        public double cover(int node) {
            return cover[node];
        }

        /** Where a value leads from a node that is no leaf. @param v NaN when missing */
        public int next(int node, double v) {
            boolean goesLeft = Double.isNaN(v) ? missingLeft[node] : categories[node] != null ? !(v >= 0 && categories[node].get((int) v))
                    : v < threshold[node];
            return goesLeft ? left[node] : right[node];
        }

        /** The leaf that values lead to. */
        public int leafOf(double[] values) {
            int node = 0;
            while (left[node] >= 0) {
                node = next(node, values[feature[node]]);
            }
            return node;
        }
    }

    /**
     * What the trees ask for: the values of a {@link org.wherefore.api.feature.TableInstance}, in its order. Whoever asked owns it.
     *
     * @throws org.wherefore.api.WhereforeException {@code UNSUPPORTED} for a kind of instance that the model can't read, {@code INVALID_INPUT}
     *         for one that does not fit
     */
    double[] values(Instance instance);

    /** What a target's sum begins with. @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} for a target that the model does not have */
    double base(int target);

    /** At least one. @throws org.wherefore.api.WhereforeException {@code INVALID_INPUT} for a target that the model does not have */
    List<Tree> trees(int target);

    /** The score that a sum stands for; the sum itself where the trees add up to the score. Rises with the sum. */
    double score(int target, double sum);
}
