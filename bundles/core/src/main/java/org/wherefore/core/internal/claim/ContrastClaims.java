package org.wherefore.core.internal.claim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.ClaimTest;
import org.wherefore.api.claim.Verdict;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * Claims of kind {@code contrast}: the output comes before another target because of the cited events. Made of attributions of the
 * difference of their scores. Cited is the smallest leading set without which the other would come first; where there is none, the events
 * are not why, and nothing is cited. It holds when without it the difference is smaller than in <em>every</em> control
 * ({@link Controls}). Nothing is said of an output that does not come before the other. Stateless, thread-safe.
 */
public final class ContrastClaims {
    private final Model model;
    private final History history;
    private final long seed;
    private final String other;

    /** @param model whose scores are differences to {@code other} @param other id of the target compared with */
    public ContrastClaims(Model model, FeatureSchema schema, SequenceInstance instance, long seed, String other) {
        this.model = model;
        this.history = new History(schema, instance);
        this.seed = seed;
        this.other = other;
    }

    /** One result per attribution, in order. */
    public List<ClaimAudit.Audited> of(List<Attribution> attributions, List<Output> outputs) {
        int[] targets = outputs.stream().mapToInt(Output::index).toArray();
        List<SequenceInstance> variants = new ArrayList<>();
        Map<SequenceInstance, Integer> removals = new LinkedHashMap<>();
        List<List<List<Contribution>>> candidates = new ArrayList<>();
        for (Attribution a : attributions) {
            List<List<Contribution>> sets = a.score() > 0 ? history.growing(a.contributions()) : List.of();
            candidates.add(sets);
            for (List<Contribution> set : sets) {
                removals.computeIfAbsent(without(set), v -> {
                    variants.add(v);
                    return variants.size() - 1;
                });
            }
        }
        RankedScore[][] scores = score(variants, targets);
        List<List<Contribution>> cited = new ArrayList<>();
        List<SequenceInstance> controlled = new ArrayList<>();
        Controls pool = new Controls(history.instance(), seed, controlled);
        List<int[]> controls = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            int t = i;
            List<List<Contribution>> sets = candidates.get(i);
            List<Contribution> set = sets.stream().filter(s -> scores[removals.get(without(s))][t].score() < 0).findFirst()
                    .orElse(null);
            cited.add(set);
            controls.add(set == null ? new int[0] : pool.without(history.allPositions(set)));
        }
        RankedScore[][] compared = score(controlled, targets);
        List<ClaimAudit.Audited> out = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            List<Contribution> set = cited.get(i);
            Claim claim = set == null ? null : claim(set, attributions.get(i).score(), scores[removals.get(without(set))][i].score(),
                    controls.get(i), compared, i, outputs.get(i));
            boolean holds = claim != null && claim.verdict() == Verdict.SUPPORTED;
            out.add(new ClaimAudit.Audited(holds ? List.of(claim) : List.of(), holds || candidates.get(i).isEmpty() ? 0 : 1, Double.NaN));
        }
        return out;
    }

    private SequenceInstance without(List<Contribution> set) {
        return history.instance().without(history.allPositions(set));
    }

    private RankedScore[][] score(List<SequenceInstance> variants, int[] targets) {
        return variants.isEmpty() ? new RankedScore[0][] : model.score(variants, targets, new BitSet(), false);
    }

    private Claim claim(List<Contribution> cited, double before, double after, int[] controls, RankedScore[][] compared, int target, Output output) {
        double mean = 0;
        double lowest = Double.POSITIVE_INFINITY;
        for (int control : controls) {
            double score = compared[control][target].score();
            mean += score / controls.length;
            lowest = Math.min(lowest, score);
        }
        Map<String, Double> effect = new TreeMap<>();
        effect.put("differenceBefore", before);
        effect.put("differenceAfter", after);
        effect.put("randomControl", mean);
        effect.put("randomControlLowest", lowest);
        effect.put("controls", (double) controls.length);
        boolean holds = controls.length > 0 && before > 0 && after < 0 && after < lowest;
        return new Claim("contrast", output.target(), history.items(cited), Map.of("other", other, "kind", history.kind(cited)),
                new ClaimTest("remove-events-difference", effect), holds ? Verdict.SUPPORTED : Verdict.REFUTED);
    }
}
