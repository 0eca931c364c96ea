package org.wherefore.api.model;

import java.util.List;
import java.util.Map;
import org.wherefore.api.feature.FeatureSchema;

/**
 * What an engine is asked to learn. For histories the engine also learns every earlier step of each example.
 *
 * @param training at least one example
 * @param validation judged for early stopping: rankings by NDCG@10, classes by average precision; may be empty. Of classes they are
 *        later than the training examples where the data has times
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
