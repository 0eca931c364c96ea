package org.wherefore.connector.jdbc.internal;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.wherefore.api.Parameters;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataSet;

/** The rows of one table or query. Read once, by one thread; it owns the connection. */
final class Rows implements DataSet {
    private static final String CONSTANT = "const:";
    private final Connection connection;
    private final Schema schema;
    private final Values values;
    private final String at;
    private final PreparedStatement statement;
    private final ResultSet rows;
    /** By field: column from 1, 0 where it has none. */
    private final int[] columns;
    private final String[] constants;
    private final Values.Kind[] kinds;
    private long row;
    private boolean used;
    private boolean closed;

    /** Runs the statement; rows come as they are asked for. Whoever called it closes the connection when this throws. */
    Rows(Connection connection, Source source, Schema schema, Parameters options, Values values, int fetch) {
        this.connection = connection;
        this.schema = schema;
        this.values = values;
        boolean table = !options.text("table").isBlank();
        this.at = source.path() + (table ? "#" + options.text("table").strip() : "#query");
        try {
            String base = table ? "SELECT * FROM " + table(options.text("table").strip(), source.path().toString())
                    : options.text("query").strip().replaceAll(";\\s*$", "");
            statement = statement(base, options, fetch);
            rows = statement.executeQuery();
            ResultSetMetaData meta = rows.getMetaData();
            columns = new int[schema.fields().size()];
            constants = new String[columns.length];
            kinds = new Values.Kind[columns.length];
            for (int i = 0; i < columns.length; i++) {
                Field field = schema.fields().get(i);
                String spec = source.columns().isEmpty() ? labels(meta).stream().filter(field.name()::equalsIgnoreCase).findFirst().orElse(null)
                        : source.columns().get(field.name());
                if (spec == null && field.required()) {
                    throw Failures.badOption("/columns/" + field.name(), "the field '" + field.name() + "' of role '" + schema.role()
                            + "' is required: name its column, one of " + labels(meta));
                }
                if (spec != null && spec.startsWith(CONSTANT)) {
                    constants[i] = spec.substring(CONSTANT.length());
                } else if (spec != null) {
                    columns[i] = column(meta, spec);
                    kinds[i] = kind(meta, columns[i]);
                }
            }
        } catch (SQLException e) {
            throw Failures.database(at, "the database refused to read it", e);
        }
    }

    private PreparedStatement statement(String base, Parameters options, int fetch) throws SQLException {
        String key = options.text("key").strip();
        String sql = base;
        Object bound = null;
        if (!key.isEmpty()) {
            String wrapped = "SELECT * FROM (" + base + ") wherefore_source";
            try (PreparedStatement probe = connection.prepareStatement(wrapped + " WHERE 1 = 0"); ResultSet none = probe.executeQuery()) {
                int column = column(none.getMetaData(), key);
                String quoted = quoted(none.getMetaData().getColumnLabel(column));
                String since = options.text("since");
                if (!since.isBlank()) {
                    bound = values.bound(since, kind(none.getMetaData(), column));
                }
                sql = wrapped + (bound == null ? "" : " WHERE " + quoted + " > ?") + " ORDER BY " + quoted;
            } catch (Values.BadValue e) {
                throw Failures.badOption("/options/since", "expected " + e.expected + ", got '" + e.value + "'");
            }
        }
        PreparedStatement prepared = connection.prepareStatement(sql, ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
        prepared.setFetchSize(fetch);
        if (bound != null) {
            prepared.setObject(1, bound);
        }
        return prepared;
    }

    /** The table's name as the database spells it, quoted. */
    private String table(String name, String file) throws SQLException {
        DatabaseMetaData meta = connection.getMetaData();
        int dot = name.lastIndexOf('.');
        String in = dot < 0 ? connection.getSchema() : name.substring(0, dot);
        String table = name.substring(dot + 1);
        for (String schemaName : in == null ? java.util.Collections.singletonList((String) null) : List.of(in, in.toLowerCase(Locale.ROOT), in.toUpperCase(Locale.ROOT))) {
            for (String tableName : List.of(table, table.toLowerCase(Locale.ROOT), table.toUpperCase(Locale.ROOT))) {
                try (ResultSet found = meta.getTables(connection.getCatalog(), escaped(meta, schemaName), escaped(meta, tableName), null)) {
                    if (found.next()) {
                        String of = found.getString("TABLE_SCHEM");
                        return (of == null ? "" : quoted(of) + ".") + quoted(found.getString("TABLE_NAME"));
                    }
                }
            }
        }
        throw Failures.badData(file, "there is no table or view '" + name + "'" + (in == null ? "" : " in schema '" + in + "'")
                + " that this user may read; name it as SCHEMA.TABLE, or give a query", null);
    }

    private static String escaped(DatabaseMetaData meta, String name) throws SQLException {
        String escape = meta.getSearchStringEscape();
        return name == null || escape == null || escape.isEmpty() ? name : name.replace(escape, escape + escape).replace("_", escape + "_").replace("%", escape + "%");
    }

    private String quoted(String name) throws SQLException {
        String quote = connection.getMetaData().getIdentifierQuoteString();
        return quote == null || quote.isBlank() ? name : quote + name.replace(quote, quote + quote) + quote;
    }

    private static List<String> labels(ResultSetMetaData meta) throws SQLException {
        List<String> labels = new ArrayList<>();
        for (int c = 1; c <= meta.getColumnCount(); c++) {
            labels.add(meta.getColumnLabel(c));
        }
        return labels;
    }

    /** By its name, else by its name in other case, else by its number. */
    private int column(ResultSetMetaData meta, String name) throws SQLException {
        List<String> labels = labels(meta);
        int exact = labels.indexOf(name);
        if (exact >= 0) {
            return exact + 1;
        }
        for (int c = 0; c < labels.size(); c++) {
            if (labels.get(c).equalsIgnoreCase(name)) {
                return c + 1;
            }
        }
        if (name.matches("[1-9]\\d{0,4}") && Integer.parseInt(name) <= labels.size()) {
            return Integer.parseInt(name);
        }
        throw Failures.badData(at, "expected a column '" + name + "', got the columns " + labels, null);
    }

    private static Values.Kind kind(ResultSetMetaData meta, int column) throws SQLException {
        return Values.Kind.of(meta.getColumnType(column), String.valueOf(meta.getColumnTypeName(column)));
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

    private DataRecord advance(Consumer<BadRecord> bad) {
        try {
            while (rows.next()) {
                row++;
                DataRecord record = record(new Location(at, row), bad);
                if (record != null) {
                    return record;
                }
            }
            return null;
        } catch (SQLException e) {
            throw Failures.database(at + ":" + (row + 1), "reading broke off after " + row + " rows", e);
        }
    }

    /** Null when the row is bad; then it was reported. */
    private DataRecord record(Location location, Consumer<BadRecord> bad) throws SQLException {
        Object[] record = new Object[columns.length];
        for (int i = 0; i < record.length; i++) {
            Field field = schema.fields().get(i);
            try {
                record[i] = constants[i] != null ? values.convert(constants[i], field.type())
                        : columns[i] == 0 ? null : values.read(rows, columns[i], kinds[i], field.type());
            } catch (Values.BadValue e) {
                bad.accept(new BadRecord(location, field.name(), e.value, e.expected));
                return null;
            }
            if (record[i] == null && field.required()) {
                bad.accept(new BadRecord(location, field.name(), null, "a value: the field is required"));
                return null;
            }
        }
        return new DataRecord(schema, location, record);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            try (connection; statement; rows) {
                JdbcConnector.rollback(connection);
            } catch (SQLException e) {
                // Only read: whatever does not close can't lose anything.
            }
        }
    }
}
