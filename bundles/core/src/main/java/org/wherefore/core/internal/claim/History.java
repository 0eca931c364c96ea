package org.wherefore.core.internal.claim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

import org.wherefore.api.explain.Contribution;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;

/** What claims say and remove of a history: items, where they stand, and what the person did to them. Immutable. */
record History(FeatureSchema schema, SequenceInstance instance) {
    /** Most events one sentence cites. */
    static final int MAX_CITED = 4;

    /**
     * What the person did to <em>every</em> cited item, so that the verb is true of each; the rarest such kind, as it says
     * most. Empty when there is none: the sentence is then neutral.
     */
    String kind(int... cited) {
        BitSet common = new BitSet();
        common.set(0, schema.kinds().size());
        for (int position : cited) {
            BitSet done = new BitSet();
            for (int p = 0; p < instance.length(); p++) {
                if (instance.item(p) == instance.item(position)) {
                    done.set(instance.kind(p));
                }
            }
            common.and(done);
        }
        return common.isEmpty() ? "" : schema.kinds().get(common.length() - 1);
    }

    String kind(List<Contribution> cited) {
        return kind(positions(cited));
    }

    /** Ids of the items at these positions. */
    List<String> items(int... cited) {
        return IntStream.of(cited).mapToObj(p -> schema.targets().get(instance.item(p))).toList();
    }

    List<String> items(List<Contribution> cited) {
        return items(positions(cited));
    }

    private static int[] positions(List<Contribution> cited) {
        return cited.stream().mapToInt(Contribution::position).toArray();
    }

    /** The strongest contribution of each item, order kept. */
    List<Contribution> distinctItems(List<Contribution> contributions) {
        Set<Integer> seen = new LinkedHashSet<>();
        return contributions.stream().filter(x -> seen.add(instance.item(x.position()))).toList();
    }

    /** Every position of the cited items: an item looked at twice is removed twice. */
    int[] allPositions(int... cited) {
        BitSet items = new BitSet();
        IntStream.of(cited).forEach(p -> items.set(instance.item(p)));
        return IntStream.range(0, instance.length()).filter(p -> items.get(instance.item(p))).toArray();
    }

    int[] allPositions(List<Contribution> cited) {
        return allPositions(positions(cited));
    }

    /** Growing sets of what speaks for the output, strongest first; none takes more than half of the history away. */
    List<List<Contribution>> growing(List<Contribution> contributions) {
        List<Contribution> positive = distinctItems(contributions.stream().filter(x -> x.value() > 0).toList());
        List<List<Contribution>> sets = new ArrayList<>();
        for (int n = 1; n <= Math.min(MAX_CITED, positive.size()); n++) {
            List<Contribution> set = positive.subList(0, n);
            if (allPositions(set).length * 2 > instance.length()) {
                break;
            }
            sets.add(set);
        }
        return sets;
    }
}
