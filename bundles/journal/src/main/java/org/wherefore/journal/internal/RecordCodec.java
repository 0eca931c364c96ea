package org.wherefore.journal.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.Schema;

/** Records as JSON, both ways, exactly; values by field, what is missing is left out. Thread-safe. */
final class RecordCodec {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private RecordCodec() {}

    static byte[] write(DataRecord record) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try (JsonGenerator g = FACTORY.createGenerator(bytes)) {
            values(g, record);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "can't write a record as JSON", e);
        }
        return bytes.toByteArray();
    }

    /** A field that was stored but that the schema no longer has is left out; one that it got since is missing. */
    static DataRecord read(byte[] json, Schema schema, String source) {
        try {
            return record(MAPPER.readTree(json), schema, source);
        } catch (IOException | IllegalArgumentException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the stored record " + source + " is not readable: " + e.getMessage(), e);
        }
    }

    /** With its schema, so that it can be read without knowing it. */
    static void writeWithSchema(JsonGenerator g, DataRecord record) throws IOException {
        g.writeStartObject();
        g.writeStringField("role", record.schema().role());
        g.writeStringField("source", record.location().source());
        g.writeNumberField("line", record.location().line());
        g.writeArrayFieldStart("fields");
        for (Field f : record.schema().fields()) {
            g.writeStartArray();
            g.writeString(f.name());
            g.writeString(f.type().name());
            g.writeBoolean(f.required());
            g.writeEndArray();
        }
        g.writeEndArray();
        g.writeFieldName("values");
        values(g, record);
        g.writeEndObject();
    }

    /** What {@link #writeWithSchema} wrote. */
    static DataRecord readWithSchema(JsonNode n) throws IOException {
        List<Field> fields = new ArrayList<>();
        for (JsonNode f : n.path("fields")) {
            fields.add(new Field(f.get(0).asText(), FieldType.valueOf(f.get(1).asText()), f.get(2).asBoolean()));
        }
        DataRecord read = record(n.path("values"), new Schema(n.path("role").asText(), fields), n.path("source").asText());
        return new DataRecord(read.schema(), new Location(n.path("source").asText(), n.path("line").asLong()),
                fields.stream().map(f -> read.value(f.name())).toArray());
    }

    private static void values(JsonGenerator g, DataRecord record) throws IOException {
        g.writeStartObject();
        for (Field f : record.schema().fields()) {
            Object v = record.value(f.name());
            if (v == null) {
                continue;
            }
            g.writeFieldName(f.name());
            switch (f.type()) {
                case TEXT, TIME -> g.writeString(v.toString());
                case NUMBER -> g.writeNumber((Double) v);
                case LIST -> {
                    g.writeStartArray();
                    for (Object one : (List<?>) v) {
                        g.writeString((String) one);
                    }
                    g.writeEndArray();
                }
                case IMAGE -> picture(g, (Picture) v);
            }
        }
        g.writeEndObject();
    }

    private static void picture(JsonGenerator g, Picture p) throws IOException {
        float[] samples = p.samples();
        ByteBuffer bytes = ByteBuffer.allocate(4 * samples.length);
        bytes.asFloatBuffer().put(samples);
        g.writeStartArray();
        g.writeNumber(p.channels());
        g.writeNumber(p.height());
        g.writeNumber(p.width());
        g.writeBinary(bytes.array());
        g.writeEndArray();
    }

    private static DataRecord record(JsonNode n, Schema schema, String source) throws IOException {
        Object[] values = new Object[schema.fields().size()];
        for (int i = 0; i < values.length; i++) {
            Field f = schema.fields().get(i);
            JsonNode v = n.get(f.name());
            values[i] = v == null ? null : value(f.type(), v);
        }
        return new DataRecord(schema, new Location(source, 0), values);
    }

    private static Object value(FieldType type, JsonNode v) throws IOException {
        return switch (type) {
            case TEXT -> v.asText();
            case NUMBER -> PredictionCodec.number(v);
            case TIME -> Instant.parse(v.asText());
            case LIST -> {
                List<String> list = new ArrayList<>();
                v.forEach(one -> list.add(one.asText()));
                yield list;
            }
            case IMAGE -> {
                float[] samples = new float[v.get(0).asInt() * v.get(1).asInt() * v.get(2).asInt()];
                ByteBuffer.wrap(v.get(3).binaryValue()).asFloatBuffer().get(samples);
                yield new Picture(v.get(0).asInt(), v.get(1).asInt(), v.get(2).asInt(), samples);
            }
        };
    }
}
