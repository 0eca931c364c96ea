package org.wherefore.explainer.counterfactual.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.RankedScore;

/** Asks the model about changed inputs, in chunks between which cancellation is asked. Not thread-safe: of one call. */
final class Asked {
    /** Inputs per call of the model. */
    static final int CHUNK = 32;
    private final ExplanationContext context;
    private final Changes changes;
    private final BitSet excluded;
    private final BooleanSupplier cancelled;
    private boolean stopped;

    Asked(ExplanationContext context, Changes changes) {
        this.context = context;
        this.changes = changes;
        excluded = context.excluded();
        cancelled = context.cancelled();
    }

    /** Whether the call was cancelled; no model is asked after it was. */
    boolean stopped() {
        stopped = stopped || cancelled.getAsBoolean();
        return stopped;
    }

    /** {@code [set][target]}; shorter than asked when the call was cancelled. */
    List<RankedScore[]> score(List<BitSet> sets, int... targets) {
        List<RankedScore[]> out = new ArrayList<>(sets.size());
        for (int from = 0; from < sets.size() && !stopped(); from += CHUNK) {
            List<Instance> inputs = sets.subList(from, Math.min(sets.size(), from + CHUNK)).stream().map(changes::with).toList();
            out.addAll(rank(inputs, targets));
        }
        return out;
    }

    /** Not asking whether the call was cancelled: what every answer needs. */
    List<RankedScore[]> rank(List<? extends Instance> inputs, int... targets) {
        RankedScore[][] scores = context.model().score(inputs, targets.clone(), (BitSet) excluded.clone(), true);
        if (scores.length != inputs.size()) {
            throw new WhereforeException(ErrorCode.INTERNAL, "model " + context.model().info().name() + ":" + context.model().info().version()
                    + " scored " + scores.length + " of " + inputs.size() + " inputs");
        }
        return List.of(scores);
    }
}
