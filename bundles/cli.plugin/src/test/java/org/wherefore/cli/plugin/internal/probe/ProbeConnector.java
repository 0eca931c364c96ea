package org.wherefore.cli.plugin.internal.probe;

import java.util.List;
import org.wherefore.api.Parameter;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;

/** What the jars of {@code VerifierTest} hold. */
public class ProbeConnector implements DataConnector {
    @Override
    public String name() {
        return "probe";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public DataSet open(Source source, Schema schema) {
        throw new UnsupportedOperationException();
    }
}
