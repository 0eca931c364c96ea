package org.wherefore.rest.internal;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.spi.DomainPack;

/** Records of requests, by the pack's schema, and back. Stateless. */
final class RecordInput {
    private static final int MAX_TEXT = 4_000;
    private static final int MAX_LIST = 1_000;

    private RecordInput() {}

    /** The schema of what a pack judges. */
    static Schema schema(DomainPack pack, Classification task) {
        return pack.schemas().stream().filter(s -> s.role().equals(task.role())).findFirst()
                .orElseThrow(() -> new WhereforeException(ErrorCode.INTERNAL, "the pack '" + pack.id() + "' judges '" + task.role()
                        + "' but has no schema of that role; this is a defect of the pack"));
    }

    /** @param pointer where the object stands in the request */
    static DataRecord read(JsonNode node, String pointer, Schema schema, Classification task) {
        Set<String> known = new TreeSet<>();
        schema.fields().stream().filter(f -> f.type() != FieldType.IMAGE).forEach(f -> known.add(f.name()));
        Input in = new Input(node, pointer, known);
        Object[] values = new Object[schema.fields().size()];
        for (int i = 0; i < values.length; i++) {
            Field f = schema.fields().get(i);
            values[i] = f.type() == FieldType.IMAGE || !in.has(f.name()) ? null : switch (f.type()) {
                case TEXT -> f.name().equals(task.id()) ? in.id(f.name()) : Input.plainText(in.text(f.name(), MAX_TEXT), in.at(f.name()));
                case NUMBER -> (Object) in.number(f.name(), 0);
                case TIME -> in.time(f.name(), null);
                case LIST -> in.ids(f.name(), MAX_LIST);
                case IMAGE -> null;
            };
            if (values[i] == null && f.required()) {
                throw WhereforeException.invalid(in.at(f.name()), "'" + f.name() + "' is required");
            }
        }
        return new DataRecord(schema, new Location(task.one(), 0), values);
    }

    /** What a record says, pictures by their size. */
    static void write(JsonGenerator json, String name, DataRecord record) throws IOException {
        json.writeObjectFieldStart(name);
        for (Field f : record.schema().fields()) {
            Object v = record.value(f.name());
            if (v == null) {
                continue;
            }
            switch (f.type()) {
                case NUMBER -> Json.number(json, f.name(), (Double) v);
                case LIST -> Json.texts(json, f.name(), record.list(f.name()));
                default -> json.writeStringField(f.name(), v.toString());
            }
        }
        json.writeEndObject();
    }
}
