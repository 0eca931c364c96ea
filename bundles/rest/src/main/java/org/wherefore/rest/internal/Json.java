package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/** Bytes to trees and generators to bytes; strict, bounded, and nothing made per request but buffers. Thread-safe. */
final class Json {
    /** Largest request body, in bytes. */
    static final int MAX_BODY = 1 << 20;
    /** No request is deeper than five. */
    private static final int MAX_DEPTH = 64;
    /** 10,000 events have 120,000; a body of nothing but brackets would take fifty times its size as a tree. */
    private static final long MAX_TOKENS = 150_000;
    private static final JsonFactory FACTORY = JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).maxTokenCount(MAX_TOKENS).build()).build();
    private static final ObjectReader READER = JsonMapper.builder(FACTORY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build().readerFor(JsonNode.class);

    private Json() {}

    /** Writes one JSON value. */
    interface Body {
        void write(JsonGenerator json) throws IOException;
    }

    static byte[] bytes(Body body) {
        try (ByteArrayBuilder out = new ByteArrayBuilder(4096)) {
            try (JsonGenerator json = FACTORY.createGenerator(out, JsonEncoding.UTF8)) {
                body.write(json);
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Response ok(Body body) {
        return answer(200, body).build();
    }

    static Response.ResponseBuilder answer(int status, Body body) {
        return Response.status(status).type(MediaType.APPLICATION_JSON_TYPE).entity(bytes(body));
    }

    /** A body read whole. @throws Refused 413 when it is larger than {@link #MAX_BODY} */
    static byte[] read(InputStream in) {
        if (in == null) {
            return new byte[0];
        }
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream(512);
            byte[] buffer = new byte[8192];
            for (int n; (n = in.read(buffer)) >= 0;) {
                out.write(buffer, 0, n);
                if (out.size() > MAX_BODY) {
                    throw new Refused(413, "too-large", null, "the body is larger than " + MAX_BODY + " bytes; send it in parts");
                }
            }
            return out.toByteArray();
        } catch (IOException e) {
            throw new Refused(400, "malformed-json", null, "the body ended early");
        }
    }

    static JsonNode parse(InputStream in) {
        byte[] body = read(in);
        return parse(body, 0, body.length, 0);
    }

    /** @param line added to the line named in errors, for NDJSON */
    static JsonNode parse(byte[] body, int from, int length, int line) {
        utf8(body, from, length);
        try {
            JsonNode node = READER.readTree(body, from, length);
            if (node == null || node.isMissingNode()) {
                throw new Refused(400, "malformed-json", "", "the body is empty; send a JSON value");
            }
            return node;
        } catch (JsonProcessingException e) {
            JsonLocation at = e.getLocation();
            String where = at == null ? "" : "line " + (at.getLineNr() + line) + ", column " + at.getColumnNr() + ": ";
            throw new Refused(400, "malformed-json", "", where + e.getOriginalMessage());
        } catch (IOException e) {
            throw new Refused(400, "malformed-json", "", "the body is not UTF-8 JSON");
        }
    }

    /** Jackson reads some bytes that are no UTF-8, such as a slash in two bytes. */
    private static void utf8(byte[] body, int from, int length) {
        int i = from;
        while (i < from + length && body[i] >= 0) {
            i++;
        }
        if (i == from + length) {
            return;
        }
        try {
            StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT).decode(ByteBuffer.wrap(body, i, from + length - i));
        } catch (CharacterCodingException e) {
            throw new Refused(400, "malformed-json", "", "the body is not UTF-8");
        }
    }

    /** A number, or null for what JSON has no number for. */
    static void number(JsonGenerator json, String name, double value) throws IOException {
        json.writeFieldName(name);
        if (Double.isFinite(value)) {
            json.writeNumber(value);
        } else {
            json.writeNull();
        }
    }

    static void numbers(JsonGenerator json, String name, java.util.Map<String, Double> values) throws IOException {
        json.writeObjectFieldStart(name);
        for (var e : values.entrySet()) {
            number(json, e.getKey(), e.getValue());
        }
        json.writeEndObject();
    }

    static void texts(JsonGenerator json, String name, Iterable<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String v : values) {
            json.writeString(v);
        }
        json.writeEndArray();
    }
}
