package org.wherefore.connector.jdbc.internal;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.jdbc.DataSourceFactory;
import org.wherefore.api.Parameter;
import org.wherefore.api.Parameters;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;

/**
 * Reads a table or a query of any database that has a JDBC driver: one that a {@link DataSourceFactory} service offers, or one on the
 * class path. The source's path is a properties file with the connection's settings ({@link Settings}). Reads within one read-only
 * transaction, row by row. Thread-safe; keeps neither connections nor secrets between calls.
 */
@Component(service = DataConnector.class)
public final class JdbcConnector implements DataConnector {
    private static final List<Parameter> PARAMETERS = List.of(
            new Parameter("table", "text", "", "table or view to read, with its schema before a point where it needs one; this or query"),
            new Parameter("query", "text", "", "a SELECT to read instead of a table"),
            new Parameter("key", "text", "", "column by which rows are ordered and read on: a number, a time or a text that only grows"),
            new Parameter("since", "text", "", "rows whose key is greater than this; empty: all"),
            new Parameter("fetchSize", "integer", "1000", "rows fetched at a time, 1 to 1000000"),
            new Parameter("timeZone", "text", "UTC", "zone of dates and of timestamps that name none"),
            new Parameter("timeUnit", "text", "seconds", "unit of numeric times since the epoch: seconds or millis"),
            new Parameter("listSeparator", "text", "", "splits the text of LIST fields, such as |; empty: one value"));
    private static final int MAX_FETCH = 1_000_000;
    private final UnaryOperator<String> environment;

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    volatile List<DataSourceFactory> factories = List.of();

    @Activate
    public JdbcConnector() {
        this(System::getenv);
    }

    JdbcConnector(UnaryOperator<String> environment) {
        this.environment = environment;
    }

    @Override
    public String name() {
        return "jdbc";
    }

    @Override
    public List<Parameter> parameters() {
        return PARAMETERS;
    }

    /** @throws org.wherefore.api.WhereforeException {@code BAD_DATA} also when the database refuses or can't be reached */
    @Override
    public DataSet open(Source source, Schema schema) {
        Parameters options = Parameters.bind("/options/", PARAMETERS, source.options());
        for (String field : new TreeSet<>(source.columns().keySet())) {
            if (schema.indexOf(field) < 0) {
                throw Failures.badOption("/columns/" + field, "role '" + schema.role() + "' has no field '" + field + "'; it has "
                        + schema.fields().stream().map(Field::name).toList());
            }
        }
        int fetch = options.integer("fetchSize", 1, MAX_FETCH);
        Values values = new Values(zone(options), millis(options), options.text("listSeparator"));
        if (options.text("table").isBlank() == options.text("query").isBlank()) {
            throw Failures.badOption("/options/table", "name a table or a query, and one of them only");
        }
        if (options.text("key").isBlank() && !options.text("since").isBlank()) {
            throw Failures.badOption("/options/since", "name the column to compare with in 'key'");
        }
        Settings settings = Settings.read(source.path(), environment);
        Connection connection = connect(settings, source.path().toString());
        try {
            return new Rows(connection, source, schema, options, values, fetch);
        } catch (RuntimeException | Error e) {
            close(connection);
            throw e;
        }
    }

    private static ZoneId zone(Parameters options) {
        try {
            return ZoneId.of(options.text("timeZone"));
        } catch (DateTimeException e) {
            throw Failures.badOption("/options/timeZone", "unknown zone '" + options.text("timeZone") + "'");
        }
    }

    private static boolean millis(Parameters options) {
        return switch (options.text("timeUnit")) {
            case "seconds" -> false;
            case "millis" -> true;
            default -> throw Failures.badOption("/options/timeUnit", "expected seconds or millis, got '" + options.text("timeUnit") + "'");
        };
    }

    static void close(Connection connection) {
        try (connection) {
            rollback(connection);
        } catch (SQLException e) {
            // Nothing was written: there is nothing to lose with it.
        }
    }

    static void rollback(Connection connection) throws SQLException {
        if (!connection.isClosed() && !connection.getAutoCommit()) {
            connection.rollback();
        }
    }

    private Connection connect(Settings settings, String at) {
        Connection connection;
        try {
            connection = driver(settings, at).connect(settings.url(), settings.properties());
        } catch (SQLException e) {
            throw Failures.database(at, "no connection to " + settings.url(), e);
        }
        if (connection == null) {
            throw Failures.badOption(at + "#driver", "the driver does not understand the URL " + settings.url());
        }
        try {
            connection.setReadOnly(true);
            // Without a transaction PostgreSQL sends all rows at once.
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            close(connection);
            throw Failures.database(at, "no read-only transaction on " + settings.url(), e);
        }
    }

    private Driver driver(Settings settings, String at) throws SQLException {
        List<String> known = new ArrayList<>();
        for (DataSourceFactory factory : factories) {
            Driver driver = factory.createDriver(new Properties());
            known.add(driver.getClass().getName());
            if (settings.driver() == null ? driver.acceptsURL(settings.url()) : driver.getClass().getName().equals(settings.driver())) {
                return driver;
            }
        }
        for (Driver driver : DriverManager.drivers().toList()) {
            known.add(driver.getClass().getName());
            if (settings.driver() == null ? driver.acceptsURL(settings.url()) : driver.getClass().getName().equals(settings.driver())) {
                return driver;
            }
        }
        throw Failures.badOption(at + "#url", "there is no driver " + (settings.driver() == null ? "for " + settings.url() : settings.driver())
                + "; there are " + known + ". Install the database's JDBC bundle, which registers a DataSourceFactory");
    }
}
