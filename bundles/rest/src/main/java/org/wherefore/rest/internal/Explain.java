package org.wherefore.rest.internal;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.wherefore.api.WhereforeException;

/** What an explanation is asked for: the parameters that a strategy declares, as requests give them: an object in a body, {@code p.NAME=} in a query; and how much is measured. */
final class Explain {
    private static final String BODY = "/explain/";
    private static final String PARAMETERS = "parameters/";
    private static final String QUERY = "p.";
    private static final int MOST = 100;
    private static final int LONGEST = 10_000;

    private Explain() {}

    /** {@code quality}: {@code basic} for the figures that cost little, {@code full} for all. @param given null when absent */
    static boolean fullQuality(String given, String pointer) {
        if (given == null || given.equals("basic")) {
            return false;
        }
        if (given.equals("full")) {
            return true;
        }
        throw WhereforeException.invalid(pointer, "quality is basic or full, got '" + Input.shorten(given) + "'");
    }

    /** @param node null when absent */
    static Map<String, String> parameters(JsonNode node, String pointer) {
        Map<String, String> out = new TreeMap<>();
        if (node == null) {
            return out;
        }
        if (!node.isObject()) {
            throw WhereforeException.invalid(pointer, "expected an object of texts, numbers and flags, got " + Input.type(node));
        }
        if (node.size() > MOST) {
            throw WhereforeException.invalid(pointer, "at most " + MOST + " parameters, got " + node.size());
        }
        for (Iterator<Map.Entry<String, JsonNode>> all = node.fields(); all.hasNext();) {
            Map.Entry<String, JsonNode> e = all.next();
            String at = pointer + "/" + e.getKey().replace("~", "~0").replace("/", "~1");
            JsonNode v = e.getValue();
            if (!v.isTextual() && !v.isNumber() && !v.isBoolean()) {
                throw WhereforeException.invalid(at, "expected a text, a number, true or false, got " + Input.type(v));
            }
            out.put(e.getKey(), v.isTextual() ? Input.text(v, at, LONGEST) : v.asText());
        }
        return out;
    }

    static Map<String, String> parameters(Map<String, List<String>> query) {
        Map<String, String> out = new TreeMap<>();
        query.forEach((name, values) -> {
            if (name.startsWith(QUERY)) {
                if (values.size() != 1) {
                    throw WhereforeException.invalid("?" + name, "'" + name + "' is given once, got " + values.size());
                }
                out.put(name.substring(QUERY.length()), values.get(0));
            }
        });
        return out;
    }

    /** What a body would have at {@code /explain/…} stands in the query here. */
    static <T> T fromQuery(Supplier<T> work) {
        try {
            return work.get();
        } catch (WhereforeException e) {
            String pointer = e.pointer().orElse("");
            if (!pointer.startsWith(BODY)) {
                throw e;
            }
            String rest = pointer.substring(BODY.length());
            throw new WhereforeException(e.code(), "?" + (rest.startsWith(PARAMETERS) ? QUERY + rest.substring(PARAMETERS.length()) : rest),
                    e.getMessage(), e);
        }
    }
}
