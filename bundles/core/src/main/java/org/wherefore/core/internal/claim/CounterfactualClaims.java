package org.wherefore.core.internal.claim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;

import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.ClaimTest;
import org.wherefore.api.claim.Verdict;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Counterfactual.Change;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * Claims of kind {@code counterfactual}: without the cited items the output would not be among those shown. It holds when the model
 * says so of the history without <em>every</em> event on them, as a reader understands it, whichever of those events the strategy
 * took away. A change that takes nothing away, and a set too large for a sentence, has no words. Stateless, thread-safe.
 */
public final class CounterfactualClaims {
    /** Most items one sentence cites. */
    static final int MAX_CITED = 6;

    private CounterfactualClaims() {}

    /** @param shown outputs that the reader was shown @return one result per finding, in order */
    public static List<ClaimAudit.Audited> of(List<Counterfactual> findings, List<Output> outputs, Model model, FeatureSchema schema,
            SequenceInstance instance, BitSet excluded, int shown) {
        History history = new History(schema, instance);
        List<ClaimAudit.Audited> out = new ArrayList<>();
        for (int i = 0; i < findings.size(); i++) {
            int[] cited = cited(findings.get(i), history);
            Claim claim = cited.length == 0 ? null : test(cited, outputs.get(i), model, history, excluded, shown);
            boolean holds = claim != null && claim.verdict() == Verdict.SUPPORTED;
            out.add(new ClaimAudit.Audited(holds ? List.of(claim) : List.of(), claim == null || holds ? 0 : 1, Double.NaN));
        }
        return out;
    }

    /** A position of each item that is taken away, in the order of the changes; none where there is nothing to say. */
    private static int[] cited(Counterfactual finding, History history) {
        List<Integer> positions = new ArrayList<>();
        BitSet items = new BitSet();
        for (Change c : finding.changes()) {
            if (!c.to().isEmpty()) {
                return new int[0];
            }
            int item = history.instance().item(c.position());
            if (!items.get(item)) {
                items.set(item);
                positions.add(c.position());
            }
        }
        return positions.size() > MAX_CITED ? new int[0] : positions.stream().mapToInt(p -> p).toArray();
    }

    private static Claim test(int[] cited, Output output, Model model, History history, BitSet excluded, int shown) {
        int[] gone = history.allPositions(cited);
        if (gone.length == history.instance().length()) {
            return null;
        }
        RankedScore[][] scores = model.score(List.of(history.instance(), history.instance().without(gone)), new int[] {output.index()},
                excluded, true);
        RankedScore before = scores[0][0];
        RankedScore after = scores[1][0];
        Map<String, Double> effect = Map.of("rankBefore", (double) before.rank(), "rankAfter", (double) after.rank(), "k", (double) shown,
                "scoreBefore", before.score(), "scoreAfter", after.score(), "removed", (double) gone.length);
        return new Claim("counterfactual", output.target(), history.items(cited), Map.of("k", Integer.toString(shown), "kind", history.kind(cited)),
                new ClaimTest("remove-and-rank", effect), before.rank() <= shown && after.rank() > shown ? Verdict.SUPPORTED : Verdict.REFUTED);
    }
}
