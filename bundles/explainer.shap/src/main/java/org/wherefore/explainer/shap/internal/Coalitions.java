package org.wherefore.explainer.shap.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Which sets of parts to ask for, and in which order. A layer is all sets of {@code size} parts and of {@code n - size}; the outer
 * ones weigh most in the regression and hold the fewest sets. Layers that fit are asked whole, from the outside in; of the others as
 * many sets are drawn as they weigh. Every set comes with its complement, next to it.
 */
final class Coalitions {
    private Coalitions() {}

    /** Weight of a layer in the regression: that of all its sets together. */
    static double weight(int n, int size) {
        return (n - 1.0) / ((double) size * (n - size)) * (2 * size == n ? 1 : 2);
    }

    /** How many pairs of complementary sets a layer holds. */
    static double pairs(int n, int size) {
        double sets = 1;
        for (int i = 1; i <= size; i++) {
            sets = sets * (n - size + i) / i;
        }
        return Math.rint(2 * size == n ? sets / 2 : sets);
    }

    /**
     * Neither the empty nor the whole set. The first {@code 2 n} are each part alone and all but it, in order.
     *
     * @param n parts, at least 2
     * @param most sets, at least {@code 2 n}, or {@code 2^n - 2} if that is less
     */
    static List<BitSet> plan(int n, int most, long seed) {
        Random random = new Random(seed);
        List<BitSet> plan = new ArrayList<>();
        int left = most / 2;
        int size = 1;
        double weights = 0;
        for (int s = 1; s <= n / 2; s++) {
            weights += weight(n, s);
        }
        for (; size <= n / 2 && (size == 1 || left * weight(n, size) / weights >= pairs(n, size) * (1 - 1e-9)); size++) {
            List<BitSet> layer = whole(n, size);
            if (size > 1) {
                Collections.shuffle(layer, random);
            }
            layer.forEach(s -> add(plan, s, n));
            left -= layer.size();
            weights -= weight(n, size);
        }
        List<BitSet> drawn = new ArrayList<>();
        int[] shares = shares(n, size, left);
        for (int s = size; s <= n / 2; s++) {
            draw(drawn, n, s, shares[s - size], random);
        }
        Collections.shuffle(drawn, random);
        drawn.forEach(s -> add(plan, s, n));
        return plan;
    }

    private static void add(List<BitSet> plan, BitSet set, int n) {
        plan.add(set);
        BitSet complement = (BitSet) set.clone();
        complement.flip(0, n);
        plan.add(complement);
    }

    /** All sets of a size, one of each pair. */
    private static List<BitSet> whole(int n, int size) {
        List<BitSet> out = new ArrayList<>();
        int[] chosen = new int[size];
        for (int i = 0; i < size; i++) {
            chosen[i] = i;
        }
        while (true) {
            if (2 * size == n && chosen[0] != 0) {
                return out;
            }
            BitSet set = new BitSet(n);
            for (int c : chosen) {
                set.set(c);
            }
            out.add(set);
            int at = size - 1;
            while (at >= 0 && chosen[at] == n - size + at) {
                at--;
            }
            if (at < 0) {
                return out;
            }
            chosen[at]++;
            for (int i = at + 1; i < size; i++) {
                chosen[i] = chosen[i - 1] + 1;
            }
        }
    }

    /** Pairs of each layer from {@code first} on, by weight: whole parts first, then the largest remainders; no more than a layer holds. */
    private static int[] shares(int n, int first, int left) {
        int layers = Math.max(0, n / 2 - first + 1);
        int[] shares = new int[layers];
        double weights = 0;
        for (int i = 0; i < layers; i++) {
            weights += weight(n, first + i);
        }
        int given = 0;
        for (int i = 0; i < layers; i++) {
            shares[i] = (int) Math.min(pairs(n, first + i), Math.floor(left * weight(n, first + i) / weights));
            given += shares[i];
        }
        while (given < left) {
            int best = -1;
            double most = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < layers; i++) {
                double remainder = left * weight(n, first + i) / weights - shares[i];
                if (shares[i] < pairs(n, first + i) && remainder > most) {
                    best = i;
                    most = remainder;
                }
            }
            if (best < 0) {
                break;
            }
            shares[best]++;
            given++;
        }
        return shares;
    }

    /** Different sets, and none the complement of another. */
    private static void draw(List<BitSet> drawn, int n, int size, int count, Random random) {
        if (count > pairs(n, size) / 2) {
            List<BitSet> all = whole(n, size);
            Collections.shuffle(all, random);
            drawn.addAll(all.subList(0, count));
            return;
        }
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        Set<BitSet> seen = new HashSet<>();
        while (seen.size() < count) {
            BitSet set = new BitSet(n);
            for (int i = 0; i < size; i++) {
                int j = i + random.nextInt(n - i);
                int swap = order[i];
                order[i] = order[j];
                order[j] = swap;
                set.set(order[i]);
            }
            if (2 * size == n && !set.get(0)) {
                set.flip(0, n);
            }
            if (seen.add(set)) {
                drawn.add(set);
            }
        }
    }
}
