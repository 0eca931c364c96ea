package org.wherefore.api.data;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A data set description ({@code FILE.json}): which connectors read which files, how columns map, how to clean.
 *
 * @param name the data set's name
 * @param domain the pack it is for
 * @param cleaning steps' settings, such as {@code kCore -> 5}, {@code dedupe -> true}
 * @param parameters training parameters this data set wants by default, such as {@code maxLength -> 200}
 */
public record DataDescription(String name, String domain, List<Source> sources, Map<String, String> cleaning,
        Map<String, String> parameters) {
    public DataDescription {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(domain, "domain");
        sources = List.copyOf(sources);
        cleaning = Map.copyOf(cleaning);
        parameters = Map.copyOf(parameters);
    }
}
