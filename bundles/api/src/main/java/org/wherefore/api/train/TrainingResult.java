package org.wherefore.api.train;

import java.util.Map;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.registry.ModelVersion;

/** @param baselines classical engine to its figures, on the same cases */
public record TrainingResult(ModelVersion model, Map<String, Double> metrics, Map<String, Map<String, Double>> baselines,
        CleanData data, double trainSeconds) {}
