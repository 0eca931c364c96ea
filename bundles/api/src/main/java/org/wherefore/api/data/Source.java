package org.wherefore.api.data;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * Where one role of a data set is read from.
 *
 * @param connector name of the connector
 * @param role the schema it feeds, such as {@code events}
 * @param path the file, resolved
 * @param options the connector's own options
 * @param columns field of the schema to column name or 1-based number in the source
 */
public record Source(String connector, String role, Path path, Map<String, String> options, Map<String, String> columns) {
    public Source {
        Objects.requireNonNull(connector, "connector");
        Objects.requireNonNull(role, "role");
        Objects.requireNonNull(path, "path");
        options = Map.copyOf(options);
        columns = Map.copyOf(columns);
    }
}
