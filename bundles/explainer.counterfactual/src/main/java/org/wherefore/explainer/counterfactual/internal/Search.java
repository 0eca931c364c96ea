package org.wherefore.explainer.counterfactual.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.wherefore.api.model.RankedScore;

/**
 * Looks for the smallest set of changes that brings one target below rank {@code k}: among what was asked already, every move alone
 * and what other targets led to, then the moves that
 * did most together, in growing numbers; then a beam for a smaller set than those. Whatever is found is reduced until no change
 * can be left out. Deterministic. One thread.
 */
final class Search {
    /** A set of changes and what the model says with them. */
    record Found(BitSet set, RankedScore after) {}

    /** Moves that a set of the beam is extended by, for each set that the beam keeps. */
    private static final int EXTENSIONS = 2;
    /** Sets of one size whose plausibility is compared. */
    private static final int COMPARED = 8;
    /** Lowest rank first, then lowest score, then order of making: what comes first is nearest to leaving. */
    private static final Comparator<Found> NEAREST = Comparator.comparingInt((Found f) -> -f.after().rank())
            .thenComparingDouble(f -> f.after().score());
    private final Asked asked;
    private final Changes changes;
    private final Typicality typicality;
    private final int target;
    private final int k;
    private final int maxChanges;
    private final int beam;
    private int left;
    private int spent;

    /** @param target its place among the targets of the call @param left evaluations that may be spent */
    Search(Asked asked, Changes changes, Typicality typicality, int target, int k, int maxChanges, int beam, int left) {
        this.asked = asked;
        this.changes = changes;
        this.typicality = typicality;
        this.target = target;
        this.k = k;
        this.maxChanges = maxChanges;
        this.beam = beam;
        this.left = left;
    }

    /**
     * @param moves those that were asked alone
     * @return null when nothing was found that is known to be minimal
     */
    Found run(List<BitSet> moves) {
        List<Found> ordered = moves.stream().map(this::found).sorted(NEAREST).toList();
        Found best = minimal(choose(asked.known().keySet().stream().map(this::found).toList()));
        if (best == null || best.set().cardinality() > 1) {
            best = smaller(best, minimal(together(ordered)));
            if (best != null) {
                left /= 4; // the targets to come need it more
            }
            best = smaller(best, minimal(beam(ordered, best == null ? maxChanges : best.set().cardinality() - 1)));
        }
        return best;
    }

    /** Evaluations so far. */
    int spent() {
        return spent;
    }

    private static Found smaller(Found a, Found b) {
        return a == null || b != null && b.set().cardinality() < a.set().cardinality() ? b : a;
    }

    /** The smallest number of leading moves that, made together, do it; the numbers grow by about a quarter. */
    private Found together(List<Found> ordered) {
        BitSet all = new BitSet();
        int next = 2;
        for (Found f : ordered) {
            BitSet more = union(all, f.set());
            if (more.cardinality() > maxChanges || more.cardinality() == all.cardinality()) {
                continue;
            }
            all = more;
            if (all.cardinality() >= next) {
                Found out = choose(ask(List.of(all), all.cardinality()));
                if (out != null) {
                    return out;
                }
                next = Math.max(next + 1, next * 5 / 4);
            }
        }
        return null;
    }

    /** Grows the sets that came nearest by one move at a time; where the budget is too small for all of them, the nearest alone. */
    private Found beam(List<Found> ordered, int most) {
        List<Found> states = asked.known().keySet().stream().filter(s -> s.cardinality() < most).map(this::found).sorted(NEAREST).limit(beam).toList();
        Set<BitSet> seen = new HashSet<>();
        for (int step = 2; step <= most && !states.isEmpty(); step++) {
            int size = Math.min(most, states.stream().mapToInt(f -> f.set().cardinality()).max().getAsInt() + 1);
            List<BitSet> sets = grown(states, ordered, most, seen);
            if (sets.size() > left - reserve(size)) {
                sets = grown(states.subList(0, 1), ordered, most, new HashSet<>());
            }
            seen.addAll(sets);
            List<Found> found = ask(sets, size);
            Found out = choose(found);
            if (out != null || found.isEmpty()) {
                return out;
            }
            states = found.stream().sorted(NEAREST).limit(beam).toList();
        }
        return null;
    }

    private List<BitSet> grown(List<Found> states, List<Found> ordered, int most, Set<BitSet> seen) {
        Set<BitSet> sets = new LinkedHashSet<>();
        for (Found state : states) {
            int extended = 0;
            for (Found move : ordered) {
                BitSet more = union(state.set(), move.set());
                if (extended < EXTENSIONS * beam && more.cardinality() > state.set().cardinality() && more.cardinality() <= most) {
                    extended++;
                    if (!seen.contains(more)) {
                        sets.add(more);
                    }
                }
            }
        }
        return List.copyOf(sets);
    }

    /** Evaluations that reducing a set of this size usually takes at most; where more are needed, nothing is found. */
    private static int reserve(int size) {
        return Math.min(3, size) * size;
    }

    /** Sets that are known, and as many others as the budget allows with enough left to reduce one of this size. */
    private List<Found> ask(List<BitSet> sets, int size) {
        List<BitSet> open = sets.stream().filter(s -> !asked.known().containsKey(s)).toList();
        int done = asked.ask(open.subList(0, Math.max(0, Math.min(open.size(), left - reserve(size)))));
        left -= done;
        spent += done;
        return sets.stream().filter(asked.known()::containsKey).map(this::found).toList();
    }

    private Found found(BitSet set) {
        return new Found(set, asked.known().get(set)[target]);
    }

    /** Of those that do it the ones with fewest changes, and of these the most plausible; null when none does. */
    private Found choose(List<Found> found) {
        int fewest = found.stream().filter(this::does).mapToInt(f -> f.set().cardinality()).min().orElse(0);
        List<Found> best = found.stream().filter(f -> does(f) && f.set().cardinality() == fewest).sorted(NEAREST).limit(COMPARED).toList();
        Found chosen = null;
        double most = Double.NEGATIVE_INFINITY;
        for (Found f : best) {
            double plausible = best.size() == 1 ? 0 : typicality.of(changes.with(f.set()));
            if (chosen == null || plausible > most) {
                chosen = f;
                most = plausible;
            }
        }
        return chosen;
    }

    /** Leaves changes out until none can be left out any more; null when that could not be checked to the end. */
    private Found minimal(Found found) {
        Found now = found;
        while (now != null && now.set().cardinality() > 1) {
            List<BitSet> less = new ArrayList<>();
            for (int change = now.set().nextSetBit(0); change >= 0; change = now.set().nextSetBit(change + 1)) {
                BitSet without = (BitSet) now.set().clone();
                without.clear(change);
                less.add(without);
            }
            List<Found> reduced = ask(less, 0);
            if (reduced.size() < less.size()) {
                return null;
            }
            List<Found> enough = reduced.stream().filter(this::does).sorted(NEAREST).toList();
            if (enough.isEmpty()) {
                return now;
            }
            now = choose(Stream.concat(ask(halves(now.set(), enough), 0).stream(), enough.stream()).toList());
        }
        return now;
    }

    /** The set less all that can be left out alone, less the half of it that is needed least, less a quarter, … */
    private static List<BitSet> halves(BitSet set, List<Found> enough) {
        List<BitSet> out = new ArrayList<>();
        for (int n = enough.size(); n > 1; n /= 2) {
            BitSet less = (BitSet) set.clone();
            enough.subList(0, n).forEach(f -> less.and(f.set()));
            if (!less.isEmpty()) {
                out.add(less);
            }
        }
        return out;
    }

    private boolean does(Found f) {
        return f.after().rank() > k;
    }

    private static BitSet union(BitSet a, BitSet b) {
        BitSet out = (BitSet) a.clone();
        out.or(b);
        return out;
    }
}
