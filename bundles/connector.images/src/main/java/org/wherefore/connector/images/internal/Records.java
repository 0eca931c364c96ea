package org.wherefore.connector.images.internal;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.spi.DataSet;

/** The records of a {@link Table}, once. One thread. */
final class Records implements DataSet {
    private final Schema schema;
    private final Table table;
    private final Mapping mapping;
    private boolean used;
    private boolean closed;

    Records(Schema schema, Table table, Mapping mapping) {
        this.schema = schema;
        this.table = table;
        this.mapping = mapping;
    }

    @Override
    public Schema schema() {
        return schema;
    }

    @Override
    public Iterator<DataRecord> records(Consumer<BadRecord> bad) {
        if (used) {
            throw new IllegalStateException("the records of a data set are read once; open the source again");
        }
        used = true;
        return new Iterator<>() {
            private DataRecord next;
            private boolean done;

            @Override
            public boolean hasNext() {
                while (next == null && !done) {
                    if (closed) {
                        throw new IllegalStateException("the data set is closed");
                    }
                    done = !table.next();
                    next = done ? null : mapping.record(table, bad);
                }
                return next != null;
            }

            @Override
            public DataRecord next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                DataRecord record = next;
                next = null;
                return record;
            }
        };
    }

    @Override
    public void close() {
        closed = true;
        table.close();
    }
}
