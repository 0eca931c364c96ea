package org.wherefore.connector.csv.internal;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.spi.DataSet;

/** The once-only iteration that every format shares; a subclass gives the next good record. One thread. */
abstract class Records implements DataSet {
    private final Schema schema;
    private boolean used;
    private boolean closed;

    Records(Schema schema) {
        this.schema = schema;
    }

    /** The next good record, null at the end; reports the bad ones on the way. */
    abstract DataRecord advance(Consumer<BadRecord> bad);

    abstract void release();

    @Override
    public final Schema schema() {
        return schema;
    }

    @Override
    public final Iterator<DataRecord> records(Consumer<BadRecord> bad) {
        if (used) {
            throw new IllegalStateException("the records of a data set are read once; open the source again");
        }
        used = true;
        return new Iterator<>() {
            private DataRecord next;
            private boolean done;

            @Override
            public boolean hasNext() {
                if (next == null && !done) {
                    if (closed) {
                        throw new IllegalStateException("the data set is closed");
                    }
                    next = advance(bad);
                    done = next == null;
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
    public final void close() {
        closed = true;
        release();
    }
}
