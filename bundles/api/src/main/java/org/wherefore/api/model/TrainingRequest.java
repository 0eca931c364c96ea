package org.wherefore.api.model;

import java.util.List;
import java.util.Map;
import org.wherefore.api.feature.FeatureSchema;

/**
 * What an engine is asked to learn. For histories the engine also learns every earlier step of each example.
 *
 * @param training at least one example
 * @param validation judged by NDCG@10 for early stopping; may be empty
 * @param parameters the engine's declared parameters by name
 * @param checkpoint folder for checkpoints, or null for none; an interrupted training resumes from it
 */
public record TrainingRequest(FeatureSchema schema, List<Example> training, List<Example> validation,
        Map<String, String> parameters, long seed, int threads, java.nio.file.Path checkpoint) {
    public TrainingRequest {
        training = List.copyOf(training);
        validation = List.copyOf(validation);
        parameters = Map.copyOf(parameters);
    }
}
