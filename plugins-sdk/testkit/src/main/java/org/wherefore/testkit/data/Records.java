package org.wherefore.testkit.data;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;

/** Schemas that most packs have, and records of them. Stateless. */
public final class Records {
    /** user and item (required), kind, time. */
    public static final Schema EVENTS = new Schema("events", List.of(Field.required("user", FieldType.TEXT),
            Field.required("item", FieldType.TEXT), Field.optional("kind", FieldType.TEXT), Field.optional("time", FieldType.TIME)));
    /** id (required), title, category (a list), brand, price. */
    public static final Schema ITEMS = new Schema("items", List.of(Field.required("id", FieldType.TEXT),
            Field.optional("title", FieldType.TEXT), Field.optional("category", FieldType.LIST),
            Field.optional("brand", FieldType.TEXT), Field.optional("price", FieldType.NUMBER)));

    /** id and time (required), customer, terminal, amount, channel, label: 1 or 0. */
    public static final Schema TRANSACTIONS = new Schema("transactions", List.of(Field.required("id", FieldType.TEXT),
            Field.required("time", FieldType.TIME), Field.optional("customer", FieldType.TEXT), Field.optional("terminal", FieldType.TEXT),
            Field.optional("amount", FieldType.NUMBER), Field.optional("channel", FieldType.TEXT), Field.optional("label", FieldType.TEXT)));

    private Records() {}

    /** A record of {@link #EVENTS}, {@code line} being where it stood in a file called {@code test}. */
    public static DataRecord event(long line, String user, String item, String kind, Instant time) {
        return new DataRecord(EVENTS, new Location("test", line), user, item, kind, time);
    }

    /** A record of {@link #TRANSACTIONS}; all but id and time may be null. */
    public static DataRecord transaction(String id, Instant time, String customer, String terminal, Double amount, String channel, String label) {
        return new DataRecord(TRANSACTIONS, new Location("test", 0), id, time, customer, terminal, amount, channel, label);
    }

    /** A record's values in the order of its schema, null where missing: what a test compares. */
    public static List<Object> values(DataRecord record) {
        List<Object> values = new ArrayList<>();
        for (Field field : record.schema().fields()) {
            values.add(field.type() == FieldType.LIST ? record.list(field.name()) : record.value(field.name()));
        }
        return values;
    }
}
