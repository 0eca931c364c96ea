package org.wherefore.api.data.spi;

import java.util.Iterator;
import java.util.function.Consumer;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Schema;

/** A stream of records, read once, by one thread; the caller closes it. */
@ConsumerType
public interface DataSet extends AutoCloseable {
    Schema schema();

    /**
     * The records, in the order of the source; may be called once.
     *
     * @param bad gets every record that does not fit; it is left out of the stream, never silently dropped
     */
    Iterator<DataRecord> records(Consumer<BadRecord> bad);

    @Override
    void close();
}
