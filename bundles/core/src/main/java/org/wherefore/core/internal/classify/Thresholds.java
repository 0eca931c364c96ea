package org.wherefore.core.internal.classify;

import java.util.ArrayList;
import java.util.List;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.Decision;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * From which probability on which decision is taken, chosen on cases that the model was not trained on. Immutable.
 *
 * @param steps from the lowest to the highest probability; the first begins at 0 and has the rule {@code lowest}
 */
public record Thresholds(List<Step> steps) {
    /**
     * One decision, and how it fared on the cases it was chosen on; those figures are of this and all higher decisions together.
     *
     * @param threshold the probability from which on it is taken, unless a higher one is
     * @param rule why there, such as {@code cost of a false alarm 1, of a miss 20}
     * @param share of the cases @param precision share of those that are positive @param recall share of the positive ones
     */
    public record Step(String decision, double threshold, String rule, double share, double precision, double recall) {
        public Step {
            if (!(threshold >= 0 && threshold <= 1)) {
                throw new IllegalArgumentException("a threshold is 0 to 1, that of '" + decision + "' is " + threshold);
            }
        }
    }

    /** How a threshold is chosen. Among equally good ones the highest. */
    public sealed interface Rule {
        /**
         * The least {@code falseAlarm} times false alarms plus {@code miss} times misses, both at least 0 and in one currency.
         */
        record Cost(double falseAlarm, double miss) implements Rule {
            public Cost {
                if (!(falseAlarm >= 0 && miss >= 0 && falseAlarm + miss > 0 && falseAlarm + miss < Double.POSITIVE_INFINITY)) {
                    throw new IllegalArgumentException("costs are finite numbers from 0, and one is not 0; got " + falseAlarm + " and " + miss);
                }
            }

            @Override
            public String toString() {
                return "cost of a false alarm " + falseAlarm + ", of a miss " + miss;
            }
        }

        /** As many cases as can be looked at, never more: a share of all, 0 to 1. Equal probabilities stay together, so it may be fewer. */
        record Capacity(double share) implements Rule {
            public Capacity {
                if (!(share >= 0 && share <= 1)) {
                    throw new IllegalArgumentException("a capacity is a share of all cases, 0 to 1; got " + share);
                }
            }

            @Override
            public String toString() {
                return "at most a share of " + share;
            }
        }

        /** The best harmonic mean of precision and recall. */
        record F1() implements Rule {
            @Override
            public String toString() {
                return "best F1";
            }
        }
    }

    /** @throws IllegalArgumentException without steps, when the first does not begin at 0, or when a threshold is below the one before */
    public Thresholds {
        steps = List.copyOf(steps);
        if (steps.isEmpty() || steps.get(0).threshold() != 0) {
            throw new IllegalArgumentException("the lowest decision begins at 0, got " + steps);
        }
        for (int i = 1; i < steps.size(); i++) {
            if (steps.get(i).threshold() < steps.get(i - 1).threshold()) {
                throw new IllegalArgumentException("thresholds never fall, got " + steps);
            }
        }
    }

    /**
     * Chooses. Where the rule of a higher decision would put its threshold below that of a lower one, it is moved up to it, and the lower
     * decision is never taken.
     *
     * @param decisions from the lowest probability to the highest, at least two
     * @param rules one for each but the first
     * @param probabilities of cases that the model was not trained on, later ones where there are times
     * @throws IllegalArgumentException when the numbers of them do not match, without cases, and for what is no probability
     */
    public static Thresholds choose(List<String> decisions, List<Rule> rules, double[] probabilities, boolean[] labels) {
        Cases.checkProbabilities(probabilities, labels);
        if (decisions.size() < 2 || rules.size() != decisions.size() - 1) {
            throw new IllegalArgumentException("there are two decisions or more, and a rule for each but the first; got " + decisions + " and " + rules);
        }
        List<Step> steps = new ArrayList<>();
        steps.add(step(decisions.get(0), 0, "lowest", probabilities, labels));
        for (int i = 0; i < rules.size(); i++) {
            double chosen = choose(rules.get(i), probabilities, labels);
            steps.add(step(decisions.get(i + 1), Math.max(chosen, steps.get(i).threshold()), rules.get(i).toString(), probabilities, labels));
        }
        return new Thresholds(steps);
    }

    private static Step step(String decision, double threshold, String rule, double[] probabilities, boolean[] labels) {
        BinaryMetrics.Confusion c = BinaryMetrics.at(threshold, probabilities, labels);
        return new Step(decision, threshold, rule, c.selectionRate(), c.precision(), c.recall());
    }

    private static double choose(Rule rule, double[] probabilities, boolean[] labels) {
        int[] order = Cases.ascending(probabilities);
        int positives = Cases.positives(labels);
        double highest = probabilities[order[order.length - 1]];
        // No case at all: above the highest, as far as there is anything above it.
        double best = highest < 1 ? (highest + 1) / 2 : 1;
        double worth = worth(rule, 0, 0, positives, order.length);
        int taken = 0;
        int found = 0;
        for (int i = order.length - 1; i >= 0; i--) {
            taken++;
            found += labels[order[i]] ? 1 : 0;
            double here = probabilities[order[i]];
            if (i > 0 && probabilities[order[i - 1]] == here) {
                continue;
            }
            double value = worth(rule, taken, found, positives, order.length);
            if (value > worth) {
                worth = value;
                best = here;
            }
        }
        return best;
    }

    /** What a threshold is worth that takes so many cases, of which so many are positive; higher is better. */
    private static double worth(Rule rule, int taken, int found, int positives, int cases) {
        if (rule instanceof Rule.Cost cost) {
            return -(cost.falseAlarm() * (taken - found) + cost.miss() * (positives - found));
        }
        if (rule instanceof Rule.Capacity capacity) {
            return taken <= capacity.share() * cases ? taken : -taken;
        }
        return 2.0 * found / (taken + positives);
    }

    /**
     * What to do.
     *
     * @param calibrated whether the probability is one that a {@link Calibration} made
     * @throws IllegalArgumentException when it is not 0 to 1
     */
    public Decision decide(double probability, boolean calibrated) {
        int at = steps.size() - 1;
        while (at > 0 && probability < steps.get(at).threshold()) {
            at--;
        }
        return new Decision(probability, calibrated, steps.get(at).decision(), steps.get(at).threshold());
    }

    /** {@link #read} reads it. */
    public ObjectNode json() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        for (Step s : steps) {
            json.withArray("steps").addObject().put("decision", s.decision()).put("threshold", s.threshold()).put("rule", s.rule())
                    .put("share", s.share()).put("precision", s.precision()).put("recall", s.recall());
        }
        return json;
    }

    /** @throws WhereforeException {@code BAD_DATA} when it is not what {@link #json} wrote */
    public static Thresholds read(JsonNode json) {
        List<Step> steps = new ArrayList<>();
        try {
            for (JsonNode s : json.path("steps")) {
                steps.add(new Step(s.required("decision").asText(), number(s, "threshold"), s.required("rule").asText(), number(s, "share"),
                        number(s, "precision"), number(s, "recall")));
            }
            return new Thresholds(steps);
        } catch (IllegalArgumentException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "the thresholds of the model are not usable: " + e.getMessage()
                    + "; train the model again", e);
        }
    }

    private static double number(JsonNode json, String field) {
        JsonNode value = json.required(field);
        if (!value.isNumber()) {
            throw new IllegalArgumentException("'" + field + "' is " + value + ", which is no number");
        }
        return value.doubleValue();
    }
}
