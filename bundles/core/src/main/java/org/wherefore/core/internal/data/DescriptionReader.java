package org.wherefore.core.internal.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataDescription;
import org.wherefore.api.data.Source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Reads a data set description. Relative paths are looked up under {@code WHEREFORE_DATA} (system property or environment),
 * then beside the description.
 */
final class DescriptionReader {
    private static final Set<String> TOP = Set.of("name", "domain", "sources", "cleaning", "parameters");
    private static final Set<String> SOURCE = Set.of("connector", "role", "path", "options", "columns");

    private DescriptionReader() {}

    static DataDescription read(Path file) {
        JsonNode root;
        try {
            root = new ObjectMapper().readTree(Files.readAllBytes(file));
        } catch (JsonProcessingException e) {
            String at = file + ":" + (e.getLocation() == null ? 0 : e.getLocation().getLineNr());
            throw bad(at, "not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw bad(file.toString(), "can't read the data set description: " + e, e);
        }
        only(file, "", root, TOP);
        List<Source> sources = new ArrayList<>();
        for (JsonNode s : root.path("sources")) {
            String at = "/sources/" + sources.size();
            only(file, at, s, SOURCE);
            sources.add(new Source(text(file, at, s, "connector"), text(file, at, s, "role"),
                    resolve(file, text(file, at, s, "path")), map(file, at, s, "options"), map(file, at, s, "columns")));
        }
        if (sources.isEmpty()) {
            throw bad(file + "#/sources", "names no sources; expected a list of {connector, role, path, options, columns}", null);
        }
        return new DataDescription(text(file, "", root, "name"), text(file, "", root, "domain"), sources,
                map(file, "", root, "cleaning"), map(file, "", root, "parameters"));
    }

    static Path resolve(Path description, String path) {
        Path p = Path.of(path);
        if (p.isAbsolute()) {
            return p;
        }
        String data = System.getProperty("WHEREFORE_DATA", System.getenv().getOrDefault("WHEREFORE_DATA", ""));
        if (!data.isEmpty() && Files.exists(Path.of(data).resolve(p))) {
            return Path.of(data).resolve(p);
        }
        return description.toAbsolutePath().getParent().resolve(p);
    }

    private static void only(Path file, String at, JsonNode node, Set<String> known) {
        if (!node.isObject()) {
            throw bad(file + "#" + at, "expected a JSON object", null);
        }
        node.fieldNames().forEachRemaining(n -> {
            if (!known.contains(n)) {
                throw bad(file + "#" + at + "/" + n, "unknown field '" + n + "'; known: " + new java.util.TreeSet<>(known), null);
            }
        });
    }

    private static String text(Path file, String at, JsonNode node, String field) {
        JsonNode v = node.path(field);
        if (!v.isTextual() || v.textValue().isBlank()) {
            throw bad(file + "#" + at + "/" + field, "'" + field + "' is missing; expected a text", null);
        }
        return v.textValue();
    }

    private static Map<String, String> map(Path file, String at, JsonNode node, String field) {
        Map<String, String> out = new LinkedHashMap<>();
        JsonNode v = node.path(field);
        if (!v.isMissingNode() && !v.isObject()) {
            throw bad(file + "#" + at + "/" + field, "'" + field + "' is an object of texts", null);
        }
        v.fields().forEachRemaining(e -> out.put(e.getKey(), e.getValue().asText()));
        return out;
    }

    private static WhereforeException bad(String pointer, String message, Exception cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, pointer, pointer + ": " + message, cause);
    }
}
