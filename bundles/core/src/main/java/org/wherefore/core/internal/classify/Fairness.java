package org.wherefore.core.internal.classify;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Whether people of different groups are selected (stopped, reviewed, treated) alike, by one sensitive attribute: group by group against a
 * reference group. Statistical parity difference, disparate impact and equal opportunity difference as in Bellamy et al., AI Fairness 360,
 * 2018 (equal opportunity: Hardt, Price, Srebro, NIPS 2016). Immutable.
 *
 * @param attribute its name
 * @param reference the group that the others are compared with
 * @param groups every group, in the order of their names, small ones too
 * @param comparisons of every other group that is large enough
 * @param warnings empty when nothing stands out
 */
public record Fairness(String attribute, String reference, List<Group> groups, List<Comparison> comparisons, List<Warning> warnings) {
    /** Share of another group's selection rate at which a difference is called out, down and, inverted, up: the four-fifths rule. */
    public static final double LEAST_IMPACT = 0.8;
    /** Difference of two rates at which it is called out. */
    public static final double MOST_DIFFERENCE = 0.1;
    /** Two-sided 5 % of a normal distribution. */
    private static final double CHANCE = 1.96;

    /** @param positives cases of it whose label is positive; rates are 0 where there is nothing to count */
    public record Group(String name, int cases, int positives, double selectionRate, double truePositiveRate, double falsePositiveRate) {
        int negatives() {
            return cases - positives;
        }
    }

    /**
     * A group less, or divided by, the reference.
     *
     * @param statisticalParityDifference of selection rates, 0 when fair
     * @param disparateImpact their ratio, 1 when fair; NaN when nobody of the reference is selected
     * @param equalOpportunityDifference of true positive rates, 0 when fair; NaN when one of the two has fewer positive cases than a group needs to be compared
     * @param falsePositiveDifference of false positive rates, 0 when fair; NaN likewise
     */
    public record Comparison(String group, double statisticalParityDifference, double disparateImpact, double equalOpportunityDifference,
            double falsePositiveDifference) {}

    /**
     * What somebody should look at.
     *
     * @param kind {@code small-group}, {@code disparate-impact}, {@code statistical-parity}, {@code equal-opportunity}, {@code false-positives} or {@code nothing-to-compare}
     * @param group whom it is about; empty for none
     * @param value the figure @param limit what it was held against
     * @param byChance whether a difference this large comes by chance alone more often than one time in twenty
     * @param text one English sentence that says all of it
     */
    public record Warning(String kind, String group, double value, double limit, boolean byChance, String text) {}

    public Fairness {
        groups = List.copyOf(groups);
        comparisons = List.copyOf(comparisons);
        warnings = List.copyOf(warnings);
    }

    /**
     * @param selected whether each case was selected @param labels whether it should have been
     * @param names the group that each case is in, not null
     * @param reference the group to compare with, or null for the largest (the first by name of several)
     * @param least cases that a group needs to be compared, at least 1; so many positive ones for a true positive rate, so many
     *        negative ones for a false positive rate
     * @throws IllegalArgumentException without cases, when lengths differ, or when nobody is in the reference group
     */
    public static Fairness of(String attribute, boolean[] selected, boolean[] labels, List<String> names, String reference, int least) {
        if (selected.length == 0 || selected.length != labels.length || selected.length != names.size() || least < 1) {
            throw new IllegalArgumentException("every case has a decision, a label and a group, and a group has at least 1 case; got " + selected.length
                    + " decisions, " + labels.length + " labels, " + names.size() + " groups, and " + least);
        }
        Map<String, int[]> counts = new TreeMap<>();
        for (int i = 0; i < selected.length; i++) {
            counts.computeIfAbsent(names.get(i), g -> new int[4])[(selected[i] ? 0 : 2) + (labels[i] ? 0 : 1)]++;
        }
        List<Group> groups = new ArrayList<>();
        counts.forEach((name, c) -> groups.add(group(name, c)));
        Group against = groups.stream().filter(g -> reference == null || g.name().equals(reference)).max(Comparator.comparingInt(Group::cases)
                .thenComparing(Group::name, Comparator.reverseOrder())).orElseThrow(() -> new IllegalArgumentException("nobody's " + attribute
                        + " is '" + reference + "'; there are " + counts.keySet()));
        List<Comparison> comparisons = new ArrayList<>();
        List<Warning> warnings = new ArrayList<>();
        for (Group g : groups) {
            if (g.cases() < least) {
                warnings.add(new Warning("small-group", g.name(), g.cases(), least, false, "%s '%s' has %d cases; at least %d are needed to compare it."
                        .formatted(attribute, g.name(), g.cases(), least)));
            }
        }
        for (Group g : groups) {
            if (g != against && g.cases() >= least && against.cases() >= least) {
                Comparison c = compare(g, against, least);
                comparisons.add(c);
                warn(attribute, g, against, c, warnings);
            }
        }
        if (comparisons.isEmpty()) {
            warnings.add(new Warning("nothing-to-compare", "", groups.size(), 2, false, "There are no two values of %s with %d cases each, so fairness can't be judged."
                    .formatted(attribute, least)));
        }
        return new Fairness(attribute, against.name(), groups, comparisons, warnings);
    }

    private static Group group(String name, int[] c) {
        BinaryMetrics.Confusion all = new BinaryMetrics.Confusion(c[0], c[1], c[3], c[2]);
        return new Group(name, all.cases(), c[0] + c[2], all.selectionRate(), all.recall(), all.falsePositiveRate());
    }

    private static Comparison compare(Group g, Group against, int least) {
        boolean positives = g.positives() >= least && against.positives() >= least;
        boolean negatives = g.negatives() >= least && against.negatives() >= least;
        return new Comparison(g.name(), g.selectionRate() - against.selectionRate(),
                against.selectionRate() == 0 ? Double.NaN : g.selectionRate() / against.selectionRate(),
                positives ? g.truePositiveRate() - against.truePositiveRate() : Double.NaN,
                negatives ? g.falsePositiveRate() - against.falsePositiveRate() : Double.NaN);
    }

    private static void warn(String attribute, Group g, Group against, Comparison c, List<Warning> warnings) {
        boolean selection = chance(g.selectionRate(), g.cases(), against.selectionRate(), against.cases());
        if (c.disparateImpact() < LEAST_IMPACT || c.disparateImpact() > 1 / LEAST_IMPACT) {
            double limit = c.disparateImpact() < 1 ? LEAST_IMPACT : 1 / LEAST_IMPACT;
            warnings.add(warning("disparate-impact", attribute, g, against, c.disparateImpact(), limit, selection,
                    "is selected " + figure(c.disparateImpact()) + " times as often as", g.selectionRate(), against.selectionRate()));
        }
        difference("statistical-parity", attribute, g, against, c.statisticalParityDifference(), selection, "is selected",
                g.selectionRate(), against.selectionRate(), warnings);
        difference("equal-opportunity", attribute, g, against, c.equalOpportunityDifference(),
                chance(g.truePositiveRate(), g.positives(), against.truePositiveRate(), against.positives()), "is rightly selected, where it should be,",
                g.truePositiveRate(), against.truePositiveRate(), warnings);
        difference("false-positives", attribute, g, against, c.falsePositiveDifference(),
                chance(g.falsePositiveRate(), g.negatives(), against.falsePositiveRate(), against.negatives()), "is wrongly selected, where it should not be,",
                g.falsePositiveRate(), against.falsePositiveRate(), warnings);
    }

    private static void difference(String kind, String attribute, Group g, Group against, double value, boolean byChance, String what, double own,
            double other, List<Warning> warnings) {
        if (Math.abs(value) > MOST_DIFFERENCE) {
            warnings.add(warning(kind, attribute, g, against, value, value < 0 ? -MOST_DIFFERENCE : MOST_DIFFERENCE, byChance,
                    what + (value < 0 ? " less" : " more") + " often than", own, other));
        }
    }

    private static Warning warning(String kind, String attribute, Group g, Group against, double value, double limit, boolean byChance, String what,
            double own, double other) {
        String text = "%s '%s' %s '%s': %s against %s; %s is %s, the limit %s%s.".formatted(attribute, g.name(), what, against.name(), figure(own),
                figure(other), kind.replace('-', ' '), figure(value), figure(limit), byChance ? ", which so few cases may show by chance" : "");
        return new Warning(kind, g.name(), value, limit, byChance, text);
    }

    /** Whether two shares differ by no more than chance would have it: the pooled two-proportion test. */
    private static boolean chance(double a, int n, double b, int m) {
        double pooled = (a * n + b * m) / (n + m);
        return Math.abs(a - b) <= CHANCE * Math.sqrt(pooled * (1 - pooled) * (1.0 / n + 1.0 / m));
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, Math.abs(value) < 0.01 ? "%.4f" : "%.2f", value);
    }
}
