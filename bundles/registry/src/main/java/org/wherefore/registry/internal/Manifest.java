package org.wherefore.registry.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;

/** The first entry of an archive, {@value #ENTRY}: what the others are and whose model it is. */
record Manifest(String format, int formatVersion, Model model, String created, Map<String, String> provenance, Map<String, Double> metrics,
        Signature schema, List<Entry> entries) {
    static final String ENTRY = "manifest.json";
    /** What the artifact's entries stand under. */
    static final String FOLDER = "artifact/";
    static final String FORMAT = "wherefore-model";
    static final int VERSION = 1;
    /** Largest, in bytes. */
    static final int MOST = 1 << 20;
    static final ObjectMapper JSON = JsonMapper.builder(JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS, DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES, DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .build();

    /** As its origin called it. */
    record Model(String name, int version, String engine, String digest) {}

    /** @param sha256 of its content, 64 hexadecimal digits */
    record Entry(String name, long size, String sha256) {}
}
