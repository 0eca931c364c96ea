package org.wherefore.cli.internal;

import java.util.Map;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The one JSON object that {@code --json} prints as the last line. */
final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** A record with all in it, under the names of its components. */
    static ObjectNode of(Record value) {
        return MAPPER.valueToTree(value);
    }

    /** Figures that are not a number become null. */
    static void put(ObjectNode node, Map<String, Double> figures) {
        figures.forEach((k, v) -> {
            if (v.isNaN() || v.isInfinite()) {
                node.putNull(k);
            } else if (v == Math.rint(v) && Math.abs(v) < 1e15 && !k.contains("@")) {
                node.put(k, v.longValue());
            } else {
                node.put(k, v);
            }
        });
    }
}
