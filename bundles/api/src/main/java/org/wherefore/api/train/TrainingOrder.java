package org.wherefore.api.train;

import java.nio.file.Path;
import java.util.Map;

/** @param engine null for the pack's own @param parameters override the description's and the pack's */
public record TrainingOrder(String domain, Path description, String engine, Map<String, String> parameters, long seed,
        int threads) {
    public TrainingOrder {
        parameters = Map.copyOf(parameters);
    }
}
