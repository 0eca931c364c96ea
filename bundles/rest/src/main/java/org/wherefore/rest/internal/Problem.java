package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.wherefore.api.ErrorCode;

/** An answer of RFC 9457: what went wrong, where, and the id that finds it in the log. */
record Problem(String code, int status, String detail, String pointer, String traceId) {
    /** Code to title and an explanation for people, the content of {@code /problems/{code}}. */
    static final Map<String, String[]> KNOWN = known();

    static Problem of(ErrorCode code, String detail, String pointer, String traceId) {
        int status = switch (code) {
            case INVALID_INPUT -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case NOT_FOUND -> 404;
            case CONFLICT, CANCELLED -> 409;
            case BAD_DATA, UNSUPPORTED -> 422;
            case MODEL_UNAVAILABLE -> 503;
            case STORAGE -> 507;
            case INTERNAL -> 500;
        };
        return new Problem(code.name().toLowerCase(Locale.ROOT).replace('_', '-'), status, detail, pointer, traceId);
    }

    void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "/problems/" + code);
        json.writeStringField("title", KNOWN.getOrDefault(code, new String[] {code, ""})[0]);
        json.writeNumberField("status", status);
        json.writeStringField("detail", detail);
        json.writeArrayFieldStart("errors");
        if (pointer != null) {
            json.writeStartObject();
            json.writeStringField("pointer", pointer);
            json.writeStringField("detail", detail);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringField("traceId", traceId);
        json.writeEndObject();
    }

    /** As {@link #write} wrote it. */
    static Problem read(JsonNode node) {
        JsonNode pointer = node.at("/errors/0/pointer");
        return new Problem(node.get("type").textValue().substring("/problems/".length()), node.get("status").intValue(),
                node.get("detail").textValue(), pointer.isMissingNode() ? null : pointer.textValue(), node.get("traceId").textValue());
    }

    private static Map<String, String[]> known() {
        Map<String, String[]> m = new LinkedHashMap<>();
        m.put("invalid-input", new String[] {"Invalid input", "A value is missing, of the wrong type or out of range. errors[].pointer says which one: a JSON pointer into the body, or ?name for a query parameter."});
        m.put("malformed-json", new String[] {"Malformed JSON", "The body is not JSON (RFC 8259, UTF-8). The detail names line and column. NaN and Infinity are not JSON."});
        m.put("unauthenticated", new String[] {"Unauthenticated", "Send a key as X-API-Key, or a key or signed token as Authorization: Bearer. The home's first key is in its file admin.key; wherefore key create makes others."});
        m.put("forbidden", new String[] {"Forbidden", "Who asks is known and may not do this. The detail names the role that may."});
        m.put("too-many-requests", new String[] {"Too many requests", "This caller's allowance is used up for now. Retry-After says in how many seconds there is enough again."});
        m.put("overloaded", new String[] {"Overloaded", "The server has as much work as it does at once. Nothing was begun; Retry-After says when to try again."});
        m.put("not-found", new String[] {"Not found", "There is no such address, or the thing it names does not exist. The detail names what there is."});
        m.put("method-not-allowed", new String[] {"Method not allowed", "The address exists but does not answer this method; the Allow header lists those it answers."});
        m.put("not-acceptable", new String[] {"Not acceptable", "The answer can't be given in any of the types named by the Accept header."});
        m.put("unsupported-media-type", new String[] {"Unsupported media type", "The body's Content-Type is not read here; most bodies are application/json."});
        m.put("too-large", new String[] {"Too large", "The body is larger than this address takes: 1 MiB, 64 MiB for a plugin's jar, 256 MiB for a feature archive, 1 GiB for a model archive. Send it in parts, or leave out what is not needed."});
        m.put("conflict", new String[] {"Conflict", "The request contradicts the present state. Read it again and retry."});
        m.put("cancelled", new String[] {"Cancelled", "The work was cancelled before it was done."});
        m.put("precondition-required", new String[] {"Precondition required", "Changing this needs an If-Match header with the ETag of what you read."});
        m.put("precondition-failed", new String[] {"Precondition failed", "It changed since you read it. Read it again and decide anew."});
        m.put("bad-data", new String[] {"Bad data", "Data read through a connector are not what their description says."});
        m.put("unsupported", new String[] {"Unsupported", "The plugin, model or task can't do what was asked; the detail says why."});
        m.put("model-unavailable", new String[] {"Model unavailable", "No model can answer now: none is trained, or its engine or a service is not running. See /readyz."});
        m.put("storage", new String[] {"Storage failed", "What you sent was not stored. Nothing was acknowledged; retrying is safe."});
        m.put("bad-request", new String[] {"Bad request", "The request could not be understood."});
        m.put("internal", new String[] {"Internal error", "A defect of the platform or of a plugin. The log has the details under the traceId."});
        return m;
    }
}
