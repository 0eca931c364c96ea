package org.wherefore.explainer.counterfactual.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.wherefore.api.model.RankedScore;

/**
 * Looks for the smallest set of changes that brings one target below rank {@code k}: first every move alone, then the moves that
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

    /** @param left evaluations that may be spent */
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
     * @param moves each move alone, with what the model says of the target
     * @return null when nothing was found that is known to be minimal
     */
    Found run(List<Found> moves) {
        List<Found> ordered = moves.stream().sorted(NEAREST).toList();
        Found best = choose(ordered);
        if (best == null || best.set().cardinality() > 1) {
            best = smaller(best, together(ordered));
            int below = best == null ? maxChanges : best.set().cardinality() - 1;
            best = smaller(best, beam(ordered, below));
        }
        return best == null ? null : minimal(best);
    }

    private static Found smaller(Found a, Found b) {
        return a == null || b != null && b.set().cardinality() < a.set().cardinality() ? b : a;
    }

    /** The smallest number of leading moves that, made together, do it. */
    private Found together(List<Found> ordered) {
        List<BitSet> sets = new ArrayList<>();
        BitSet all = new BitSet();
        for (Found f : ordered) {
            BitSet more = union(all, f.set());
            if (more.cardinality() <= maxChanges && more.cardinality() > all.cardinality()) {
                all = more;
                sets.add(all);
            }
        }
        return choose(ask(sets.subList(Math.min(1, sets.size()), sets.size()), maxChanges));
    }

    /** Grows the sets that came nearest by one move at a time; where the budget is too small for all of them, the nearest alone. */
    private Found beam(List<Found> ordered, int most) {
        List<Found> states = ordered.subList(0, Math.min(beam, ordered.size()));
        Set<BitSet> seen = new HashSet<>();
        for (int size = 2; size <= most; size++) {
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

    /** Scores as many sets as the budget allows with enough left to reduce one of this size. */
    private List<Found> ask(List<BitSet> sets, int size) {
        List<BitSet> affordable = sets.subList(0, Math.max(0, Math.min(sets.size(), left - reserve(size))));
        List<RankedScore[]> scores = asked.score(affordable, target);
        left -= scores.size();
        List<Found> out = new ArrayList<>();
        for (int i = 0; i < scores.size(); i++) {
            out.add(new Found(affordable.get(i), scores.get(i)[0]));
        }
        return out;
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
        while (now.set().cardinality() > 1) {
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
            Found out = choose(reduced);
            if (out == null) {
                return now;
            }
            now = out;
        }
        return now;
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
