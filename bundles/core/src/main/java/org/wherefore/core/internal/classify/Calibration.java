package org.wherefore.core.internal.classify;

import java.util.ArrayList;
import java.util.List;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The map from a model's score to a probability, fitted on cases that the model was not trained on, later ones where there are times. It
 * never falls as the score rises, so that an order by score and one by probability never contradict each other. Nothing that was counted
 * on {@code n} cases says never or always: probabilities are at least {@code 1 / (n + 2)} and at most {@code (n + 1) / (n + 2)}.
 *
 * <p>Immutable. Arguments are finite scores, in any unit, and labels of the same length; both kinds of label have to be there, otherwise
 * {@code IllegalArgumentException}.
 */
public sealed interface Calibration {
    /** @param score not NaN; beyond the scores it was fitted on that of the nearest @throws IllegalArgumentException when it is NaN */
    double probability(double score);

    /** How many cases it was fitted on. */
    int cases();

    /** {@link #read} reads it. */
    ObjectNode json();

    /**
     * Isotonic regression by pooling adjacent violators (Ayer et al., An Empirical Distribution Function for Sampling with Incomplete
     * Information, 1955; Zadrozny and Elkan, Transforming Classifier Scores into Accurate Multiclass Probability Estimates, KDD 2002).
     * Equal scores stay together. Between two blocks it rises in a straight line.
     *
     * @param least cases that each block has, at least 1: a smaller one joins that neighbour whose probability is nearer
     */
    static Calibration isotonic(double[] scores, boolean[] labels, int least) {
        return Isotonic.fit(scores, labels, least);
    }

    /**
     * A sigmoid of the score (Platt, Probabilistic Outputs for Support Vector Machines, 1999, with smoothed targets), by Newton's method with
     * backtracking (Lin, Lin, Weng, A Note on Platt's Probabilistic Outputs, 2007). Flat at the share of positive cases where the score points the wrong way.
     */
    static Calibration platt(double[] scores, boolean[] labels) {
        return Platt.fit(scores, labels);
    }

    /** @throws WhereforeException {@code BAD_DATA} when it is not what {@link #json} wrote */
    static Calibration read(JsonNode json) {
        try {
            int cases = number(json, "cases").intValue();
            String method = json.path("method").asText();
            return switch (method) {
                case "isotonic" -> new Isotonic(numbers(json, "scores"), numbers(json, "probabilities"), cases);
                case "platt" -> new Platt(number(json, "slope").doubleValue(), number(json, "offset").doubleValue(), cases);
                default -> throw new IllegalArgumentException("its method is '" + method + "', known are isotonic and platt");
            };
        } catch (IllegalArgumentException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "the calibration of the model is not usable: " + e.getMessage()
                    + "; train the model again", e);
        }
    }

    private static JsonNode number(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isNumber()) {
            throw new IllegalArgumentException("its field '" + field + "' is no number");
        }
        return value;
    }

    private static double[] numbers(JsonNode json, String field) {
        List<Double> out = new ArrayList<>();
        for (JsonNode value : json.path(field)) {
            if (!value.isNumber()) {
                throw new IllegalArgumentException("its field '" + field + "' holds " + value + ", which is no number");
            }
            out.add(value.doubleValue());
        }
        return out.stream().mapToDouble(v -> v).toArray();
    }

    /** Straight lines between points; level before the first and after the last. */
    final class Isotonic implements Calibration {
        /** Ascending; of a block its first and its last score. */
        private final double[] scores;
        private final double[] probabilities;
        private final int cases;

        private Isotonic(double[] scores, double[] probabilities, int cases) {
            if (scores.length == 0 || scores.length != probabilities.length || cases < 1) {
                throw new IllegalArgumentException("it has " + scores.length + " scores, " + probabilities.length + " probabilities and " + cases + " cases");
            }
            for (int i = 0; i < scores.length; i++) {
                boolean rises = i == 0 || scores[i] > scores[i - 1] && probabilities[i] >= probabilities[i - 1];
                if (!rises || !Double.isFinite(scores[i]) || !(probabilities[i] >= 0 && probabilities[i] <= 1)) {
                    throw new IllegalArgumentException("point " + i + " is " + scores[i] + ", " + probabilities[i]
                            + "; points rise, and a probability is 0 to 1");
                }
            }
            this.scores = scores;
            this.probabilities = probabilities;
            this.cases = cases;
        }

        /** A block of scores that share a probability. */
        private static final class Block {
            final double first;
            double last;
            double positives;
            int count;

            Block(double first, double last, double positives, int count) {
                this.first = first;
                this.last = last;
                this.positives = positives;
                this.count = count;
            }

            double rate() {
                return positives / count;
            }

            void join(Block next) {
                last = next.last;
                positives += next.positives;
                count += next.count;
            }
        }

        private static Isotonic fit(double[] scores, boolean[] labels, int least) {
            both(scores, labels);
            if (least < 1) {
                throw new IllegalArgumentException("a block has at least 1 case, got " + least);
            }
            int[] order = Cases.ascending(scores);
            List<Block> blocks = new ArrayList<>();
            for (int from = 0; from < order.length;) {
                int to = Cases.tie(scores, order, from);
                Block next = new Block(scores[order[from]], scores[order[from]], 0, to - from);
                for (int i = from; i < to; i++) {
                    next.positives += labels[order[i]] ? 1 : 0;
                }
                while (!blocks.isEmpty() && blocks.get(blocks.size() - 1).rate() >= next.rate()) {
                    Block before = blocks.remove(blocks.size() - 1);
                    before.join(next);
                    next = before;
                }
                blocks.add(next);
                from = to;
            }
            enlarge(blocks, least);
            return of(blocks, order.length);
        }

        private static void enlarge(List<Block> blocks, int least) {
            while (blocks.size() > 1) {
                int small = 0;
                for (int i = 1; i < blocks.size(); i++) {
                    small = blocks.get(i).count < blocks.get(small).count ? i : small;
                }
                if (blocks.get(small).count >= least) {
                    return;
                }
                boolean down = small == blocks.size() - 1 || small > 0
                        && blocks.get(small).rate() - blocks.get(small - 1).rate() <= blocks.get(small + 1).rate() - blocks.get(small).rate();
                int into = down ? small - 1 : small;
                blocks.get(into).join(blocks.remove(into + 1));
            }
        }

        private static Isotonic of(List<Block> blocks, int cases) {
            double[] x = new double[2 * blocks.size()];
            double[] y = new double[x.length];
            int points = 0;
            for (Block b : blocks) {
                for (double score : b.first == b.last ? new double[] {b.first} : new double[] {b.first, b.last}) {
                    x[points] = score;
                    y[points++] = clipped(b.rate(), cases);
                }
            }
            return new Isotonic(java.util.Arrays.copyOf(x, points), java.util.Arrays.copyOf(y, points), cases);
        }

        @Override
        public double probability(double score) {
            number(score);
            int at = java.util.Arrays.binarySearch(scores, score);
            if (at >= 0) {
                return probabilities[at];
            }
            int above = -at - 1;
            if (above == 0 || above == scores.length) {
                return probabilities[above == 0 ? 0 : above - 1];
            }
            double share = (score - scores[above - 1]) / (scores[above] - scores[above - 1]);
            double low = probabilities[above - 1];
            double high = probabilities[above];
            return Math.min(high, low + share * (high - low));
        }

        @Override
        public int cases() {
            return cases;
        }

        @Override
        public ObjectNode json() {
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("method", "isotonic").put("cases", cases);
            for (double s : scores) {
                json.withArray("scores").add(s);
            }
            for (double p : probabilities) {
                json.withArray("probabilities").add(p);
            }
            return json;
        }
    }

    /** {@code 1 / (1 + exp(-(slope * score + offset)))}, within the limits that the number of cases sets. */
    final class Platt implements Calibration {
        private static final int ROUNDS = 100;
        private static final double RIDGE = 1e-12;
        private final double slope;
        private final double offset;
        private final int cases;

        private Platt(double slope, double offset, int cases) {
            if (!(slope >= 0 && slope < Double.POSITIVE_INFINITY) || !Double.isFinite(offset) || cases < 1) {
                throw new IllegalArgumentException("it has the slope " + slope + ", the offset " + offset + " and " + cases
                        + " cases; none is negative but the offset");
            }
            this.slope = slope;
            this.offset = offset;
            this.cases = cases;
        }

        private static Platt fit(double[] scores, boolean[] labels) {
            both(scores, labels);
            int n = scores.length;
            double positives = Cases.positives(labels);
            double mean = Cases.sum(scores) / n;
            double spread = 0;
            for (double s : scores) {
                spread += (s - mean) * (s - mean) / n;
            }
            double unit = spread > 0 ? Math.sqrt(spread) : 1;
            double[] x = new double[n];
            double[] target = new double[n];
            for (int i = 0; i < n; i++) {
                x[i] = (scores[i] - mean) / unit;
                target[i] = labels[i] ? (positives + 1) / (positives + 2) : 1 / (n - positives + 2);
            }
            double even = Math.log((positives + 1) / (n - positives + 1));
            double[] line = newton(x, target, even);
            if (spread == 0 || line[0] <= 0) {
                return new Platt(0, Math.log(positives / (n - positives)), n);
            }
            return new Platt(line[0] / unit, line[1] - line[0] * mean / unit, n);
        }

        private static double[] newton(double[] x, double[] target, double even) {
            double slope = 0;
            double offset = even;
            double loss = loss(x, target, slope, offset);
            for (int round = 0; round < ROUNDS; round++) {
                double h11 = RIDGE;
                double h22 = RIDGE;
                double h21 = 0;
                double g1 = 0;
                double g2 = 0;
                for (int i = 0; i < x.length; i++) {
                    double p = sigmoid(slope * x[i] + offset);
                    double curve = p * (1 - p);
                    h11 += x[i] * x[i] * curve;
                    h22 += curve;
                    h21 += x[i] * curve;
                    g1 += x[i] * (p - target[i]);
                    g2 += p - target[i];
                }
                if (Math.abs(g1) < 1e-10 * x.length && Math.abs(g2) < 1e-10 * x.length) {
                    break;
                }
                double det = h11 * h22 - h21 * h21;
                double d1 = -(h22 * g1 - h21 * g2) / det;
                double d2 = -(h11 * g2 - h21 * g1) / det;
                double step = 1;
                double better = Double.NaN;
                while (step >= 1e-10) {
                    better = loss(x, target, slope + step * d1, offset + step * d2);
                    if (better < loss + 1e-4 * step * (g1 * d1 + g2 * d2)) {
                        break;
                    }
                    step /= 2;
                }
                if (step < 1e-10) {
                    break;
                }
                slope += step * d1;
                offset += step * d2;
                loss = better;
            }
            return new double[] {slope, offset};
        }

        private static double loss(double[] x, double[] target, double slope, double offset) {
            double sum = 0;
            for (int i = 0; i < x.length; i++) {
                double z = slope * x[i] + offset;
                sum += Math.max(z, 0) - z * target[i] + Math.log1p(Math.exp(-Math.abs(z)));
            }
            return sum;
        }

        private static double sigmoid(double z) {
            return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
        }

        @Override
        public double probability(double score) {
            number(score);
            return clipped(sigmoid(slope == 0 ? offset : slope * score + offset), cases);
        }

        @Override
        public int cases() {
            return cases;
        }

        @Override
        public ObjectNode json() {
            return JsonNodeFactory.instance.objectNode().put("method", "platt").put("cases", cases).put("slope", slope).put("offset", offset);
        }
    }

    private static double clipped(double probability, int cases) {
        return Math.min((cases + 1.0) / (cases + 2.0), Math.max(1 / (cases + 2.0), probability));
    }

    private static void number(double score) {
        if (Double.isNaN(score)) {
            throw new IllegalArgumentException("a score is a number, got NaN");
        }
    }

    private static void both(double[] scores, boolean[] labels) {
        Cases.check("score", scores, labels);
        int positives = Cases.positives(labels);
        if (positives == 0 || positives == labels.length) {
            throw new IllegalArgumentException("a calibration needs cases of both kinds, got " + positives + " positive ones of " + labels.length);
        }
    }
}
