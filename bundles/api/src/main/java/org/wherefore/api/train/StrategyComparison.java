package org.wherefore.api.train;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.wherefore.api.model.ModelInfo;

/**
 * Explanation strategies on one model, each on the same people and outputs.
 *
 * @param people whose outputs were explained
 * @param strategies best first; those without figures last
 */
public record StrategyComparison(ModelInfo model, int people, List<Row> strategies) {
    /** Mean of the areas of {@link org.wherefore.api.explain.Quality#deletion}; lower is better. */
    public static final String DELETION = "deletion";
    /** Mean; higher is better. */
    public static final String INSERTION = "insertion";
    /** Mean area in random order. */
    public static final String RANDOM = "random";
    /** Median; lower is better. */
    public static final String INFIDELITY = "infidelity";
    /** Median; lower is better. */
    public static final String SENSITIVITY = "sensitivity";
    /** Mean; higher is better. */
    public static final String STABILITY = "stability";
    /** Median of the completeness gap as a share of score less base value; no part of the ranking, as some methods define it away. */
    public static final String GAP = "gap";
    /** Claims shown per explanation. */
    public static final String CLAIMS = "claims";
    /** Median time of the strategy itself, a request's divided by its outputs, in milliseconds. */
    public static final String MILLIS = "millis";
    /** Share of explanations marked unstable. */
    public static final String UNSTABLE = "unstable";
    /** Explanations with a finding. */
    public static final String EXPLAINED = "explained";
    /** Explanations without one. */
    public static final String FAILED = "failed";
    /** Mean of the places by the figures that are ranked; lower is better. */
    public static final String PLACE = "place";

    public StrategyComparison {
        strategies = List.copyOf(strategies);
    }

    /**
     * One strategy.
     *
     * @param reason why it has no figures, or why some explanations failed; empty when neither
     * @param figures by the names above; absent when not measured
     * @param curves null when none was measured
     */
    public record Row(String name, String version, String reason, Map<String, Double> figures, Curves curves) {
        public Row {
            Objects.requireNonNull(reason, "reason");
            figures = Map.copyOf(figures);
        }
    }

    /**
     * Mean curves, as {@link org.wherefore.api.explain.Quality} defines them.
     *
     * @param shares of the events, from 0 to 1
     * @param random of removals; that of putting in is its mirror image
     */
    public record Curves(double[] shares, double[] deletion, double[] insertion, double[] random) {}
}
