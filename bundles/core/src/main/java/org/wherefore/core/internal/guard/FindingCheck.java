package org.wherefore.core.internal.guard;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Finding;

/** Whether findings are what a strategy promises. Runs on the strategy's thread, as lists and texts are of its making. */
public final class FindingCheck {
    /** Part of the numbers involved that a sum or a score may be off. */
    static final double TOLERANCE = 1e-3;
    private static final int LONGEST_NAME = 1_000;
    private final int[] targets;
    private final double[] scores;
    private final int length;

    /** @param scores what the model itself gives for the whole input, by target @param length positions of the input */
    public FindingCheck(int[] targets, double[] scores, int length) {
        this.targets = targets.clone();
        this.scores = scores.clone();
        this.length = length;
    }

    /**
     * A copy of the findings in a list of our own.
     *
     * @throws RuntimeException naming the rule that is broken
     */
    public List<Finding> check(List<? extends Finding> given) {
        rule(given != null, "answered null");
        List<Finding> findings = new ArrayList<>(given);
        rule(findings.size() == targets.length, "gave " + findings.size() + " findings for " + targets.length + " targets");
        for (int i = 0; i < targets.length; i++) {
            Finding f = findings.get(i);
            rule(f != null, "gave null for target " + targets[i]);
            rule(f.target() == targets[i], "gave target " + f.target() + " in the place of " + targets[i]);
            rule(f.getClass() == findings.get(0).getClass(), "mixed kinds of findings");
            rule(near(f.score(), scores[i], 1 + Math.abs(scores[i])), "says target " + targets[i] + " scores " + f.score() + ", the model says "
                    + scores[i]);
            if (f instanceof Attribution a) {
                attribution(a);
            } else if (f instanceof Counterfactual c) {
                counterfactual(c);
            } else if (f instanceof Evidence e) {
                evidence(e);
            }
        }
        return List.copyOf(findings);
    }

    private void attribution(Attribution a) {
        rule(Double.isFinite(a.baseValue()), "gave the base value " + a.baseValue());
        rule(Double.isFinite(a.completenessGap()), "gave the completeness gap " + a.completenessGap());
        rule(a.contributions().size() <= length, "gave " + a.contributions().size() + " contributions to " + length + " positions");
        BitSet seen = new BitSet();
        double sum = a.baseValue() + a.completenessGap();
        double size = 1 + Math.abs(a.score()) + Math.abs(a.baseValue()) + Math.abs(a.completenessGap());
        double before = Double.POSITIVE_INFINITY;
        for (Contribution c : a.contributions()) {
            position(c.feature(), c.position());
            rule(!seen.get(c.position()), "gave position " + c.position() + " twice");
            seen.set(c.position());
            rule(Double.isFinite(c.value()), "gave the contribution " + c.value() + " to position " + c.position());
            rule(c.stdError() >= 0 && Double.isFinite(c.stdError()), "gave the standard error " + c.stdError() + " to position " + c.position());
            rule(c.value() <= before, "did not order contributions largest first");
            before = c.value();
            sum += c.value();
            size += Math.abs(c.value());
        }
        rule(near(sum, a.score(), size), "broke the sum rule: base value, contributions and gap make " + sum + ", the score is " + a.score());
    }

    private void counterfactual(Counterfactual c) {
        rule(Double.isFinite(c.scoreAfter()), "gave the score " + c.scoreAfter() + " after its changes");
        rule(c.rank() >= 1 && c.rankAfter() >= 1, "gave a rank below 1");
        rule(Double.isNaN(c.plausibility()) || c.plausibility() >= 0 && c.plausibility() <= 1, "gave the plausibility " + c.plausibility());
        BitSet seen = new BitSet();
        for (Counterfactual.Change x : c.changes()) {
            position(x.feature(), x.position());
            rule(!seen.get(x.position()), "changed position " + x.position() + " twice");
            seen.set(x.position());
        }
    }

    private static void evidence(Evidence e) {
        rule(e.looked() >= e.cases().size(), "gave " + e.cases().size() + " cases of " + e.looked());
        double before = Double.POSITIVE_INFINITY;
        for (Evidence.Precedent p : e.cases()) {
            rule(Double.isFinite(p.similarity()), "gave the similarity " + p.similarity());
            rule(p.similarity() <= before, "did not order cases nearest first");
            before = p.similarity();
        }
    }

    private void position(String feature, int position) {
        rule(feature != null && feature.length() <= LONGEST_NAME, "gave a feature without a name, or one of more than " + LONGEST_NAME + " characters");
        rule(position >= 0 && position < length, "gave position " + position + " of " + length);
    }

    private static boolean near(double a, double b, double size) {
        return Math.abs(a - b) <= TOLERANCE * size;
    }

    private static void rule(boolean held, String broken) {
        if (!held) {
            throw new Rubbish(broken);
        }
    }
}
