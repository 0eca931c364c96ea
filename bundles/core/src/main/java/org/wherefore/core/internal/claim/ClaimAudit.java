package org.wherefore.core.internal.claim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.ClaimTest;
import org.wherefore.api.claim.Population;
import org.wherefore.api.claim.Verdict;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * Makes candidate claims from attributions and tests each on the model that answered; only those whose test held come back.
 *
 * <p>The tests of all outputs share batches: first the removals of growing sets of cited events, each size only for those
 * whose rank none smaller worsened, then for the smallest set that did, removals of as many other events for control
 * ({@link Controls}). A {@code history} claim holds
 * when the rank got worse and the score fell by more than in <em>every</em> control; an {@code attribute} claim when the catalogue gives the
 * attribute to the item and to at least two cited events and removing those lowers the score; a {@code cohort} claim when
 * the recount shows more of A's people with the item than of all people. Stateless, thread-safe, deterministic by seed.
 */
public final class ClaimAudit {
    /** Shortened histories ranked in one call: ranks are counted for all their targets, though only each one's own are needed. */
    private static final int RANKED_TOGETHER = 4;
    /** Fewest people with both items that a cohort claim speaks of. */
    static final int MIN_COHORT = 5;

    /** What the audit of one output found. {@code fidelity} as in {@link org.wherefore.api.explain.Quality}. */
    public record Audited(List<Claim> claims, int withheld, double fidelity) {}

    /** Nothing said of so many outputs. */
    public static List<Audited> none(int outputs) {
        return java.util.Collections.nCopies(outputs, new Audited(List.of(), 0, Double.NaN));
    }

    /** What one output needs of the model: variants by what they test. */
    private static final class Case {
        final Attribution attribution;
        final Output output;
        final List<List<Contribution>> cited = new ArrayList<>();
        /** The smallest cited set whose removal worsens the rank, or -1, and what the model said without it. */
        int chosen = -1;
        RankedScore after;
        int[] controls = {};
        int attributeRemoval = -1;
        int halfRemoval = -1;
        String attribute;
        List<Contribution> sharing = List.of();

        Case(Attribution attribution, Output output) {
            this.attribution = attribution;
            this.output = output;
        }
    }

    private final Model model;
    private final FeatureSchema schema;
    private final SequenceInstance instance;
    private final History history;
    private final BitSet excluded;
    private final Population population;
    private final Set<String> kinds;
    private final long seed;

    /** @param kinds the claim kinds the domain pack wants */
    public ClaimAudit(Model model, FeatureSchema schema, SequenceInstance instance, BitSet excluded, Population population,
            Set<String> kinds, long seed) {
        this.model = model;
        this.schema = schema;
        this.instance = instance;
        this.history = new History(schema, instance);
        this.excluded = excluded;
        this.population = population;
        this.kinds = kinds;
        this.seed = seed;
    }

    /** Claims on outputs that personal history led to; one result per attribution, in order. */
    public List<Audited> personal(List<Attribution> attributions, List<Output> outputs) {
        List<Case> cases = new ArrayList<>();
        for (int i = 0; i < attributions.size(); i++) {
            cases.add(new Case(attributions.get(i), outputs.get(i)));
        }
        int[] targets = outputs.stream().mapToInt(Output::index).toArray();
        removals(cases);
        RankedScore[][] controls = controls(cases, targets);
        List<Audited> out = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            out.add(judge(cases.get(i), i, controls));
        }
        return out;
    }

    private void removals(List<Case> cases) {
        for (Case c : cases) {
            c.cited.addAll(history.growing(c.attribution.contributions()));
        }
        for (int size = 1; size <= History.MAX_CITED; size++) {
            Map<SequenceInstance, List<Case>> open = new LinkedHashMap<>();
            for (Case c : cases) {
                if (c.chosen < 0 && c.cited.size() >= size) {
                    open.computeIfAbsent(instance.without(history.allPositions(c.cited.get(size - 1))), v -> new ArrayList<>()).add(c);
                }
            }
            List<SequenceInstance> variants = new ArrayList<>(open.keySet());
            for (int from = 0; from < variants.size(); from += RANKED_TOGETHER) {
                rank(variants.subList(from, Math.min(variants.size(), from + RANKED_TOGETHER)), open, size - 1);
            }
        }
    }

    private void rank(List<SequenceInstance> variants, Map<SequenceInstance, List<Case>> open, int set) {
        int[] targets = variants.stream().flatMap(v -> open.get(v).stream()).mapToInt(c -> c.output.index()).toArray();
        RankedScore[][] scores = model.score(variants, targets, excluded, true);
        int t = 0;
        for (int v = 0; v < variants.size(); v++) {
            for (Case c : open.get(variants.get(v))) {
                RankedScore after = scores[v][t++];
                if (after.rank() > c.output.rank()) {
                    c.chosen = set;
                    c.after = after;
                }
            }
        }
    }

    private RankedScore[][] controls(List<Case> cases, int[] targets) {
        List<SequenceInstance> variants = new ArrayList<>();
        Controls pool = new Controls(instance, seed, variants);
        for (Case c : cases) {
            if (c.chosen >= 0) {
                c.controls = pool.without(history.allPositions(c.cited.get(c.chosen)));
            }
            if (kinds.contains("attribute")) {
                chooseAttribute(c);
                if (c.attribute != null) {
                    c.attributeRemoval = variants.size();
                    variants.add(instance.without(c.sharing.stream().mapToInt(Contribution::position).toArray()));
                }
            }
            List<Contribution> top = c.attribution.contributions();
            if (!top.isEmpty()) {
                c.halfRemoval = variants.size();
                variants.add(instance.without(
                        top.subList(0, (top.size() + 1) / 2).stream().mapToInt(Contribution::position).toArray()));
            }
        }
        return variants.isEmpty() ? new RankedScore[0][] : model.score(variants, targets, excluded, false);
    }

    private Audited judge(Case c, int t, RankedScore[][] controls) {
        List<Claim> shown = new ArrayList<>();
        int withheld = 0;
        double before = c.attribution.score();
        if (kinds.contains("history") && !c.cited.isEmpty()) {
            Claim claim = c.chosen < 0 ? null : history(c, t, controls);
            if (claim != null && claim.verdict() == Verdict.SUPPORTED) {
                shown.add(claim);
            } else {
                withheld++;
            }
        }
        if (c.attributeRemoval >= 0) {
            double after = controls[c.attributeRemoval][t].score();
            if (after < before) {
                shown.add(attribute(c, before, after));
            } else {
                withheld++;
            }
        }
        if (kinds.contains("cohort")) {
            Claim claim = cohort(c);
            if (claim != null) {
                shown.add(claim);
            }
        }
        double half = c.halfRemoval < 0 ? Double.NaN : controls[c.halfRemoval][t].score();
        double range = before - c.attribution.baseValue();
        return new Audited(shown, withheld, range == 0 ? Double.NaN : (before - half) / range);
    }

    private Claim history(Case c, int t, RankedScore[][] controls) {
        List<Contribution> cited = c.cited.get(c.chosen);
        RankedScore after = c.after;
        double before = c.attribution.score();
        double mean = 0;
        double lowest = Double.POSITIVE_INFINITY;
        for (int control : c.controls) {
            double score = controls[control][t].score();
            mean += score / c.controls.length;
            lowest = Math.min(lowest, score);
        }
        Map<String, Double> effect = new TreeMap<>();
        effect.put("scoreBefore", before);
        effect.put("scoreAfter", after.score());
        effect.put("rankBefore", (double) c.output.rank());
        effect.put("rankAfter", (double) after.rank());
        effect.put("randomControl", mean);
        effect.put("randomControlLowest", lowest);
        effect.put("controls", (double) c.controls.length);
        boolean holds = c.controls.length > 0 && after.rank() > c.output.rank() && after.score() < before
                && after.score() < lowest;
        return new Claim("history", c.output.target(), history.items(cited), Map.of("kind", history.kind(cited)),
                new ClaimTest("remove-events", effect), holds ? Verdict.SUPPORTED : Verdict.REFUTED);
    }

    /** Counts are over all kinds of event, so a verb is only true where there is one kind. */
    private String populationKind() {
        return schema.kinds().size() == 1 ? schema.kinds().get(0) : "";
    }

    private void chooseAttribute(Case c) {
        double best = 0;
        for (int a : schema.targetAttributes().get(c.output.index())) {
            List<Contribution> sharing = history.distinctItems(c.attribution.contributions().stream()
                    .filter(x -> x.value() > 0 && has(instance.item(x.position()), a)).toList());
            if (sharing.size() < 2) {
                continue;
            }
            List<Contribution> top = sharing.subList(0, Math.min(History.MAX_CITED, sharing.size()));
            double sum = top.stream().mapToDouble(Contribution::value).sum();
            if (sum > best) {
                best = sum;
                c.attribute = schema.attributes().get(a);
                c.sharing = top;
            }
        }
    }

    private boolean has(int item, int attribute) {
        return IntStream.of(schema.targetAttributes().get(item)).anyMatch(x -> x == attribute);
    }

    private Claim attribute(Case c, double before, double after) {
        int eq = c.attribute.indexOf('=');
        Map<String, String> values = Map.of("attribute", c.attribute.substring(0, eq), "value", c.attribute.substring(eq + 1),
                "count", Integer.toString(c.sharing.size()), "kind", history.kind(c.sharing));
        return new Claim("attribute", c.output.target(), history.items(c.sharing), values, new ClaimTest("shared-attribute",
                Map.of("scoreBefore", before, "scoreAfter", after, "sharing", (double) c.sharing.size())), Verdict.SUPPORTED);
    }

    private Claim cohort(Case c) {
        int everybody = population.users();
        int have = population.users(c.output.target());
        int tried = 0;
        for (Contribution x : history.distinctItems(c.attribution.contributions())) {
            if (x.value() <= 0 || tried++ == 3) {
                return null;
            }
            String anchor = schema.targets().get(instance.item(x.position()));
            int of = population.users(anchor);
            int both = population.users(anchor, c.output.target());
            if (both >= MIN_COHORT && !anchor.equals(c.output.target())
                    && (double) both / of > (double) have / everybody) {
                return new Claim("cohort", c.output.target(), List.of(anchor),
                        Map.of("both", Integer.toString(both), "of", Integer.toString(of), "kind", populationKind()),
                        new ClaimTest("recount", Map.of("both", (double) both, "of", (double) of, "have", (double) have,
                                "everybody", (double) everybody)), Verdict.SUPPORTED);
            }
        }
        return null;
    }

    /** Claims on outputs of the classical branch that nothing personal led to. */
    public static Audited fallback(Output output, String reason, Population population) {
        int users = population.users(output.target());
        int rank = population.popularityRank(output.target());
        if (users == 0) {
            return new Audited(List.of(), 1, Double.NaN);
        }
        return new Audited(List.of(new Claim("fallback", output.target(), List.of(),
                Map.of("users", Integer.toString(users), "rank", Integer.toString(rank), "reason", reason),
                new ClaimTest("recount", Map.of("users", (double) users, "rank", (double) rank)), Verdict.SUPPORTED)), 0,
                Double.NaN);
    }
}
