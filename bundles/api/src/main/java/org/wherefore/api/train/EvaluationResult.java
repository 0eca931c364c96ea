package org.wherefore.api.train;

import java.util.Map;

/** @param metrics accuracy @param baselines figures of the registered classical model on the same cases, by engine @param claims figures on claims, empty when none were asked for */
public record EvaluationResult(org.wherefore.api.model.ModelInfo model, Map<String, Double> metrics,
        Map<String, Map<String, Double>> baselines, Map<String, Double> claims) {}
