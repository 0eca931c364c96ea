package org.wherefore.explainer.counterfactual.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.wherefore.api.explain.Counterfactual.Change;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;

/**
 * A history's events, each of which may be taken away. Events on one item stand in for each other, so taking all of them away
 * is a step, too.
 */
final class EventRemovals implements Changes {
    private final SequenceInstance history;
    private final FeatureSchema schema;

    EventRemovals(SequenceInstance history, FeatureSchema schema) {
        this.history = history;
        this.schema = schema;
    }

    @Override
    public int size() {
        return history.length();
    }

    /** One event stays: somebody without a history is answered by another branch than this model. */
    @Override
    public int most() {
        return history.length() - 1;
    }

    /** Newest events first, then items with several events, by item. */
    @Override
    public List<int[]> moves() {
        List<int[]> moves = new ArrayList<>();
        Map<Integer, BitSet> byItem = new TreeMap<>();
        for (int p = history.length() - 1; p >= 0; p--) {
            moves.add(new int[] {p});
            byItem.computeIfAbsent(history.item(p), i -> new BitSet()).set(p);
        }
        byItem.values().stream().filter(b -> b.cardinality() > 1).forEach(b -> moves.add(b.stream().toArray()));
        return moves;
    }

    @Override
    public SequenceInstance with(BitSet chosen) {
        return history.without(chosen.stream().toArray());
    }

    @Override
    public Change describe(int change) {
        String item = schema.targets().get(history.item(change));
        return new Change("history:" + item, change, item, "");
    }
}
