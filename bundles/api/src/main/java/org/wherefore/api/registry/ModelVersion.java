package org.wherefore.api.registry;

import java.time.Instant;
import java.util.Map;
import org.wherefore.api.model.ModelInfo;

/**
 * A registered model.
 *
 * @param provenance data digest, data set, extractor, seed, parameters, … by name
 * @param metrics evaluation figures by the names of the REST contract
 */
public record ModelVersion(ModelInfo info, Instant created, Map<String, String> provenance, Map<String, Double> metrics) {
    public ModelVersion {
        provenance = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(provenance));
        metrics = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(metrics));
    }
}
