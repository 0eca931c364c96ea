package org.wherefore.extractor.table.internal;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;

/** Records like those of a fraud pack, for these tests. */
final class Transactions {
    static final Schema SCHEMA = new Schema("transactions", List.of(Field.required("id", FieldType.TEXT), Field.required("time", FieldType.TIME),
            Field.optional("customer", FieldType.TEXT), Field.optional("terminal", FieldType.TEXT), Field.optional("amount", FieldType.NUMBER),
            Field.optional("fraud", FieldType.TEXT)));
    static final Map<String, String> HANDBOOK = Map.of("table.label", "fraud", "aggregates",
            "customer:count,mean(amount)@1d,7d,30d;terminal:count,risk@1d,7d,30d", "aggregates.delay", "7d", "aggregates.includeSelf", "true");

    private Transactions() {}

    static DataRecord of(String id, Instant time, String customer, String terminal, Double amount, String fraud) {
        return new DataRecord(SCHEMA, new Location("test", 0), id, time, customer, terminal, amount, fraud);
    }
}
