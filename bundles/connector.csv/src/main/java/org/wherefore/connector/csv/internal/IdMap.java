package org.wherefore.connector.csv.internal;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wherefore.api.Parameter;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Source;

/** Replaces the ids of one field through a two-column file beside the source. Immutable. */
final class IdMap {
    static final List<Parameter> PARAMETERS = List.of(
            new Parameter("idMap.file", "text", "", "file of ids to replace, relative to the source's folder; empty: none"),
            new Parameter("idMap.field", "text", "id", "the field whose values are replaced"),
            new Parameter("idMap.from", "integer", "1", "1-based column of the map with the ids that the source has"),
            new Parameter("idMap.to", "integer", "2", "1-based column of the map with the ids that come out"),
            new Parameter("idMap.separator", "text", "", "separator of the map; empty: blanks"),
            new Parameter("idMap.unknown", "text", "bad", "ids that the map lacks: bad (reported) or skip (left out as wanted)"));

    final String field;
    final boolean skip;
    private final String file;
    private final Map<String, String> ids = new HashMap<>();

    private IdMap(Source source, Options options) {
        Path folder = source.path().toAbsolutePath().getParent();
        Path path = folder.resolve(options.get("idMap.file")).normalize();
        file = path.toString();
        field = options.get("idMap.field");
        skip = switch (options.get("idMap.unknown")) {
            case "skip" -> true;
            case "bad" -> false;
            default -> throw Failures.badOption("/options/idMap.unknown", "expected bad or skip, got '" + options.get("idMap.unknown") + "'");
        };
        int from = column(options, "idMap.from");
        int to = column(options, "idMap.to");
        String separator = options.separator("idMap.separator");
        try (StrictReader in = StrictReader.open(path, options.charset())) {
            for (String line; (line = in.readLine()) != null;) {
                if (line.isBlank()) {
                    continue;
                }
                List<String> parts = separator.isEmpty() ? List.of(line.strip().split("\\s+")) : Values.split(line, separator);
                Location at = new Location(file, in.line());
                if (parts.size() < Math.max(from, to)) {
                    throw Failures.badData(at, "expected at least " + Math.max(from, to) + " columns, got " + parts.size(), null);
                }
                if (ids.put(parts.get(from - 1).strip(), parts.get(to - 1).strip()) != null) {
                    throw Failures.badData(at, "id '" + parts.get(from - 1) + "' stands twice", null);
                }
            }
        }
    }

    /** Null when the options name no map. */
    static IdMap of(Source source, Options options) {
        return options.get("idMap.file").isEmpty() ? null : new IdMap(source, options);
    }

    private static int column(Options options, String name) {
        String text = options.get(name);
        if (!text.matches("[1-9]\\d{0,3}")) {
            throw Failures.badOption("/options/" + name, "expected a column's number from 1, got '" + text + "'");
        }
        return Integer.parseInt(text);
    }

    /** Null when unknown. */
    String get(String id) {
        return ids.get(id);
    }

    String file() {
        return file;
    }
}
