package org.wherefore.api.data.spi;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.Parameter;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;

/** Reads files, tables or streams of one format. Thread-safe; keeps nothing between calls. */
@ConsumerType
public interface DataConnector {
    /** Name used in a data set description, such as {@code csv}. */
    String name();

    /** The options it understands. */
    List<Parameter> parameters();

    /**
     * Opens a source. Blocks on input; reads lazily.
     *
     * @throws org.wherefore.api.WhereforeException with {@code BAD_DATA} when the file is missing, its encoding is wrong or
     *         a mapped column does not exist (pointer: file and line)
     */
    DataSet open(Source source, Schema schema);
}
