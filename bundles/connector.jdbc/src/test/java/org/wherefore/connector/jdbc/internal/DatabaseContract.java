package org.wherefore.connector.jdbc.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.tck.DataConnectorContract;

/** The connector's contract on one database. */
abstract class DatabaseContract extends DataConnectorContract {
    static final Schema SCHEMA = new Schema("transactions", List.of(Field.required("id", FieldType.TEXT), Field.optional("time", FieldType.TIME),
            Field.optional("amount", FieldType.NUMBER), Field.optional("tags", FieldType.LIST), Field.optional("zoned", FieldType.TIME)));
    static final Map<String, String> COLUMNS = Map.of("id", "id", "time", "at", "amount", "amount", "tags", "tags", "zoned", "zoned");

    abstract Connection connect() throws SQLException;

    /** Of the connection. */
    abstract String settings(Path folder) throws IOException;

    /** {@code SELECT} of the whole numbers from 1 as {@code n}. */
    abstract String numbers(int count);

    @Override
    protected DataConnector connector() {
        return new JdbcConnector(name -> name.equals("SHOP_PASSWORD") ? "s3cret" : null);
    }

    @Override
    protected Schema schema() {
        return SCHEMA;
    }

    void run(String... sql) throws IOException {
        try (Connection connection = connect(); Statement statement = connection.createStatement()) {
            for (String s : sql) {
                statement.execute(s);
            }
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    Source source(Path folder, Map<String, String> options, String... columns) throws IOException {
        Path file = folder.resolve("shop.properties");
        if (!Files.exists(file)) {
            Files.writeString(file, settings(folder));
        }
        Map<String, String> map = new HashMap<>(COLUMNS);
        for (int c = 0; c < columns.length; c += 2) {
            map.put(columns[c], columns[c + 1]);
        }
        return new Source("jdbc", "transactions", file, options, map);
    }

    @Override
    protected Case good(Path folder) throws IOException {
        run("DROP TABLE IF EXISTS good", "CREATE TABLE good (n INT PRIMARY KEY, id VARCHAR(20), at TIMESTAMP, amount NUMERIC(12, 2), tags VARCHAR(10) ARRAY,"
                + " zoned TIMESTAMP WITH TIME ZONE)",
                "INSERT INTO good VALUES (2, 'b', NULL, NULL, NULL, NULL)",
                "INSERT INTO good VALUES (1, ' a ', TIMESTAMP '2018-04-01 00:00:31.5', 57.16, ARRAY['x', 'y', 'x'], TIMESTAMP WITH TIME ZONE '2018-04-01 02:00:00+02:00')",
                "INSERT INTO good VALUES (3, 'c', TIMESTAMP '2018-03-25 02:30:00', -1, ARRAY['z'], TIMESTAMP WITH TIME ZONE '2018-04-01 00:00:00Z')");
        return new Case(source(folder, Map.of("table", "good", "key", "n")), List.of(
                List.of("a", Instant.parse("2018-04-01T00:00:31.500Z"), 57.16, List.of("x", "y"), Instant.parse("2018-04-01T00:00:00Z")),
                Arrays.asList("b", null, null, List.of(), null),
                List.of("c", Instant.parse("2018-03-25T02:30:00Z"), -1.0, List.of("z"), Instant.parse("2018-04-01T00:00:00Z"))), List.of());
    }

    @Override
    protected Case spoiled(Path folder) throws IOException {
        run("DROP TABLE IF EXISTS spoiled", "CREATE TABLE spoiled (n INT, id VARCHAR(20), at VARCHAR(30), amount VARCHAR(20), tags VARCHAR(20), zoned BIGINT)",
                "INSERT INTO spoiled VALUES (1, 'a', '2018-04-01 00:00:31', '12.5', 'x|y', 1522540800)",
                "INSERT INTO spoiled VALUES (2, NULL, '2018-04-01', '12.5', '', NULL)",
                "INSERT INTO spoiled VALUES (3, '  ', '2018-04-01', '12.5', '', NULL)",
                "INSERT INTO spoiled VALUES (4, 'd', 'yesterday', '12.5', '', NULL)",
                "INSERT INTO spoiled VALUES (5, 'e', '2018-04-01', 'much', '', NULL)",
                "INSERT INTO spoiled VALUES (6, 'f', '2018-04-01', '1e5', 'x', -1)");
        return new Case(source(folder, Map.of("query", "SELECT * FROM spoiled WHERE n > 0;", "key", "N", "listSeparator", "|")), List.of(
                List.of("a", Instant.parse("2018-04-01T00:00:31Z"), 12.5, List.of("x", "y"), Instant.parse("2018-04-01T00:00:00Z")),
                List.of("f", Instant.parse("2018-04-01T00:00:00Z"), 1e5, List.of("x"), Instant.ofEpochSecond(-1))), List.of(2L, 3L, 4L, 5L));
    }

    @Override
    protected Source large(Path folder, int records) throws IOException {
        run("DROP TABLE IF EXISTS large", "CREATE TABLE large (n INT, id VARCHAR(20))", "INSERT INTO large SELECT n, 'r' || n FROM (" + numbers(records) + ") t");
        return source(folder, Map.of("query", "SELECT id, NULL AS at, n AS amount, '' AS tags, NULL AS zoned FROM large", "fetchSize", "100"));
    }

    /** The driver knows the database's encoding. */
    @Override
    protected Optional<Source> wrongEncoding(Path folder) {
        return Optional.empty();
    }

    @Override
    protected Optional<Source> missingColumn(Path folder) throws IOException {
        good(folder);
        return Optional.of(source(folder, Map.of("table", "good"), "id", "nowhere"));
    }

    /** A row is a row. */
    @Override
    protected List<Source> broken(Path folder) {
        return List.of();
    }
}
