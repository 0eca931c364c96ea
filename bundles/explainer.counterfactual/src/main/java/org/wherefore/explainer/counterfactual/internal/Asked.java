package org.wherefore.explainer.counterfactual.internal;

import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private final Map<BitSet, RankedScore[]> known = new LinkedHashMap<>();
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

    /** Every set that was asked, in order, with what the model says of each target. */
    Map<BitSet, RankedScore[]> known() {
        return known;
    }

    /** Asks about sets that are not known yet, for all targets; fewer than given when the call was cancelled. @return how many */
    int ask(List<BitSet> sets) {
        int done = 0;
        for (int from = 0; from < sets.size() && !stopped(); from += CHUNK) {
            List<BitSet> chunk = sets.subList(from, Math.min(sets.size(), from + CHUNK));
            List<RankedScore[]> scores = rank(chunk.stream().map(changes::with).toList());
            for (int i = 0; i < chunk.size(); i++) {
                known.put(chunk.get(i), scores.get(i));
            }
            done += chunk.size();
        }
        return done;
    }

    /** Not asking whether the call was cancelled: what every answer needs. */
    List<RankedScore[]> rank(List<? extends Instance> inputs) {
        RankedScore[][] scores = context.model().score(inputs, context.targets(), (BitSet) excluded.clone(), true);
        if (scores.length != inputs.size()) {
            throw new WhereforeException(ErrorCode.INTERNAL, "model " + context.model().info().name() + ":" + context.model().info().version()
                    + " scored " + scores.length + " of " + inputs.size() + " inputs");
        }
        return List.of(scores);
    }
}
