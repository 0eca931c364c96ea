package org.wherefore.explainer.lime.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.wherefore.api.explain.spi.Parts;
import org.wherefore.api.feature.Instance;

/**
 * Histories without some events, images without some regions: how many are taken away is drawn evenly from one to all but one, and
 * then which. Nearness is that of the cosine between what is there and the whole, in a kernel of width {@value #WIDTH}. The simple model sees
 * whether a part is there, and of the parts that it does not see singly which share is there.
 */
final class Masks implements Neighbourhood {
    /** As in the authors' code for texts and images. */
    static final double WIDTH = 0.25;
    private static final int DRAWS_AN_INPUT = 8;
    private final Parts parts;
    private final List<BitSet> kept;
    private final double[] drawn;
    private final double[] weight;
    private final boolean whole;

    /** @param most inputs, at least 2 */
    Masks(Parts parts, int most, double width, long seed) {
        this.parts = parts;
        int n = parts.count();
        Random random = new Random(seed);
        Map<BitSet, Double> counts = new LinkedHashMap<>();
        BitSet all = new BitSet(n);
        all.set(0, n);
        whole = n <= 20 && (1 << n) <= most;
        if (whole) {
            everything(counts, n, random);
        } else {
            draw(counts, n, most - 1, random);
        }
        kept = new ArrayList<>(List.of(all));
        kept.addAll(counts.keySet());
        drawn = new double[kept.size()];
        weight = new double[kept.size()];
        for (int s = 0; s < drawn.length; s++) {
            drawn[s] = s == 0 ? 1 : counts.get(kept.get(s));
            double distance = n == 0 ? 0 : 1 - Math.sqrt((double) kept.get(s).cardinality() / n);
            weight[s] = drawn[s] * Math.exp(-distance * distance / (width * width) / 2);
        }
    }

    /** Every set but the whole and, of more than one part, the empty one: as often as it would be drawn on average. */
    private static void everything(Map<BitSet, Double> counts, int n, Random random) {
        List<BitSet> sets = new ArrayList<>();
        for (long set = n == 1 ? 0 : 1; set < (1L << n) - 1; set++) {
            sets.add(BitSet.valueOf(new long[] {set}));
        }
        Collections.shuffle(sets, random);
        for (BitSet set : sets) {
            double ofSize = 1;
            for (int i = 1; i <= set.cardinality(); i++) {
                ofSize *= (double) (n - i + 1) / i;
            }
            counts.put(set, sets.size() / (Math.max(1, n - 1) * ofSize));
        }
    }

    private static void draw(Map<BitSet, Double> counts, int n, int most, Random random) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        for (int draws = 0; counts.size() < most && draws < DRAWS_AN_INPUT * most; draws++) {
            int gone = 1 + random.nextInt(n - 1);
            BitSet set = new BitSet(n);
            set.set(0, n);
            for (int i = 0; i < gone; i++) {
                int j = i + random.nextInt(n - i);
                int swap = order[i];
                order[i] = order[j];
                order[j] = swap;
                set.clear(order[i]);
            }
            counts.merge(set, 1.0, Double::sum);
        }
    }

    @Override
    public int parts() {
        return parts.count();
    }

    @Override
    public String feature(int part) {
        return parts.feature(part);
    }

    @Override
    public int position(int part) {
        return parts.position(part);
    }

    @Override
    public int size() {
        return kept.size();
    }

    @Override
    public boolean whole() {
        return whole;
    }

    @Override
    public List<Instance> inputs(int from, int to) {
        List<Instance> out = new ArrayList<>(to - from);
        kept.subList(from, to).forEach(k -> out.addAll(parts.keeping(k)));
        return out;
    }

    @Override
    public double weight(int input) {
        return weight[input];
    }

    @Override
    public double drawn(int input) {
        return drawn[input];
    }

    @Override
    public double[] seen(int input, int named) {
        int n = parts.count();
        BitSet set = kept.get(input);
        double[] out = new double[named < n ? named + 1 : n];
        for (int p = 0; p < named; p++) {
            out[p] = set.get(p) ? 1 : 0;
        }
        if (named < n) {
            out[named] = (double) set.get(named, n).cardinality() / (n - named);
        }
        return out;
    }
}
