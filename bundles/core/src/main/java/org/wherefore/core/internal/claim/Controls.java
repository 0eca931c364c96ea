package org.wherefore.core.internal.claim;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

import org.wherefore.api.feature.SequenceInstance;

/**
 * Removals of events that a cited set is compared with: sets of the same size that touch none of the cited events. Sets are
 * shared by all outputs of a prediction; where there are few, all of them are taken, otherwise random ones. The newest others are
 * always among them: a model that reads histories in order may lose its bearings without them, each alone being dispensable, and
 * then what is cited is not the reason. One thread.
 */
final class Controls {
    /** Most sets of one size that are taken all; also a bound on what one size costs. */
    static final int ALL = 128;
    /** Random sets of one size where there are more. */
    static final int DRAWN = 64;
    /** Fewest sets one output is compared with where that many exist, after those that touch its cited events fell away. */
    static final int FEWEST = 20;

    private record Removal(int[] positions, int variant) {}

    private final SequenceInstance instance;
    private final SplittableRandom random;
    private final List<SequenceInstance> variants;
    private final Map<Integer, List<Removal>> pools = new HashMap<>();
    /** The variant of each set of events that was removed. */
    private final Map<BitSet, Integer> removed = new HashMap<>();

    /** @param variants where the shortened histories are added */
    Controls(SequenceInstance instance, long seed, List<SequenceInstance> variants) {
        this.instance = instance;
        this.random = new SplittableRandom(seed);
        this.variants = variants;
    }

    /** Indices of variants with as many events removed as are cited, none of them cited. */
    int[] without(int[] cited) {
        int size = cited.length;
        BitSet not = new BitSet();
        IntStream.of(cited).forEach(not::set);
        int[] free = IntStream.range(0, instance.length()).filter(p -> !not.get(p)).toArray();
        List<Removal> usable = new ArrayList<>(pools.computeIfAbsent(size, this::pool).stream()
                .filter(x -> IntStream.of(x.positions()).noneMatch(not::get)).toList());
        if (usable.size() < FEWEST && combinations(instance.length(), size) > ALL) {
            if (combinations(free.length, size) <= FEWEST) {
                usable.clear();
                enumerate(free, size, usable);
            } else {
                while (usable.size() < FEWEST) {
                    usable.add(removal(draw(free, size)));
                }
            }
        }
        if (free.length >= size) {
            usable.add(removal(Arrays.copyOfRange(free, free.length - size, free.length)));
        }
        return usable.stream().mapToInt(Removal::variant).distinct().toArray();
    }

    private List<Removal> pool(int size) {
        List<Removal> out = new ArrayList<>();
        int[] all = IntStream.range(0, instance.length()).toArray();
        if (combinations(all.length, size) <= ALL) {
            enumerate(all, size, out);
        } else {
            for (int i = 0; i < DRAWN; i++) {
                out.add(removal(draw(all, size)));
            }
        }
        return out;
    }

    private Removal removal(int[] positions) {
        BitSet events = new BitSet();
        IntStream.of(positions).forEach(events::set);
        return new Removal(positions, removed.computeIfAbsent(events, e -> {
            variants.add(instance.without(positions));
            return variants.size() - 1;
        }));
    }

    private int[] draw(int[] from, int size) {
        int[] p = from.clone();
        for (int i = 0; i < size; i++) {
            int j = i + random.nextInt(p.length - i);
            int x = p[i];
            p[i] = p[j];
            p[j] = x;
        }
        return Arrays.copyOf(p, size);
    }

    /** Every set of {@code size} of {@code from}, in lexicographic order. */
    private void enumerate(int[] from, int size, List<Removal> out) {
        if (size > from.length) {
            return;
        }
        int[] at = IntStream.range(0, size).toArray();
        while (true) {
            out.add(removal(IntStream.of(at).map(i -> from[i]).toArray()));
            int i = size - 1;
            while (i >= 0 && at[i] == from.length - size + i) {
                i--;
            }
            if (i < 0) {
                return;
            }
            at[i]++;
            for (int j = i + 1; j < size; j++) {
                at[j] = at[j - 1] + 1;
            }
        }
    }

    /** n over k; more than {@link #ALL} is only known to be more. */
    static long combinations(int n, int k) {
        long out = 1;
        for (int i = 1; i <= Math.min(k, n - k); i++) {
            out = out * (n - i + 1) / i;
            if (out > ALL) {
                return out;
            }
        }
        return k > n ? 0 : out;
    }
}
