package org.wherefore.core.internal.plugin.probe;

import java.util.Hashtable;
import java.util.List;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.wherefore.api.Parameter;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;

/** A connector that is called as the header {@code Probe} of its bundle says; {@code throw} fails to start,
 * {@code nameless} and {@code endless} fail to say a name, and say it only when interrupted. */
public class ProbeConnector implements BundleActivator, DataConnector {
    private String name;

    @Override
    public void start(BundleContext context) {
        name = context.getBundle().getHeaders("").get("Probe");
        if (name.equals("throw")) {
            throw new IllegalArgumentException("the probe fails on purpose");
        }
        if (!name.equals("nothing")) {
            context.registerService(DataConnector.class, this, new Hashtable<>());
        }
    }

    @Override
    public void stop(BundleContext context) {
        // the framework takes the service back
    }

    @Override
    public String name() {
        if (name.equals("nameless")) {
            throw new IllegalStateException("no name today");
        }
        while (name.equals("endless") && !Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
        return name;
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
