package org.wherefore.connector.jdbc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.service.jdbc.DataSourceFactory;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataSet;

class JdbcConnectorTest {
    private static final String URL = "jdbc:h2:mem:shop";
    private static final Schema SCHEMA = new Schema("transactions", List.of(Field.required("id", FieldType.TEXT), Field.optional("time", FieldType.TIME),
            Field.optional("amount", FieldType.NUMBER), Field.optional("kind", FieldType.TEXT)));
    @TempDir
    Path folder;
    private Path file;
    private Connection keeper;
    private final JdbcConnector connector = new JdbcConnector(name -> name.equals("SHOP_PASSWORD") ? "s3cret" : null);

    @BeforeEach
    void setUp() throws SQLException, IOException {
        keeper = DriverManager.getConnection(URL, "sa", "s3cret");
        try (Statement s = keeper.createStatement()) {
            s.execute("CREATE TABLE transactions (id INT PRIMARY KEY, time TIMESTAMP, amount DOUBLE PRECISION, \"Kind\" VARCHAR(9))");
            s.execute("INSERT INTO transactions SELECT x, DATEADD(HOUR, x, TIMESTAMP '2018-04-01 00:00:00'), x / 4.0, 'web' FROM SYSTEM_RANGE(1, 50)");
        }
        file = Files.writeString(folder.resolve("shop.properties"), "url=" + URL + "\nuser=sa\npassword.env=SHOP_PASSWORD\n");
    }

    @AfterEach
    void tearDown() throws SQLException {
        keeper.close();
    }

    private List<DataRecord> read(Map<String, String> options, Map<String, String> columns) {
        List<DataRecord> all = new ArrayList<>();
        try (DataSet set = connector.open(new Source("jdbc", "transactions", file, options, columns), SCHEMA)) {
            set.records(b -> assertThat(b).isNull()).forEachRemaining(all::add);
        }
        return all;
    }

    private void refuses(ErrorCode code, String pointer, Map<String, String> options, String... words) {
        assertThatThrownBy(() -> read(options, Map.of())).isInstanceOfSatisfying(WhereforeException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.pointer()).get().asString().contains(pointer);
            assertThat(e.getMessage()).contains(words).doesNotContain("s3cret");
        });
    }

    @Test
    void readsATableByTheNamesOfTheFields() {
        List<DataRecord> all = read(Map.of("table", "transactions"), Map.of());
        assertThat(all).hasSize(50);
        assertThat(all.get(3).text("id")).contains("4");
        assertThat(all.get(3).number("amount")).hasValue(1);
        assertThat(all.get(3).text("kind")).contains("web");
        assertThat(all.get(3).location()).hasToString(file + "#transactions:4");
        assertThat(read(Map.of("table", "PUBLIC.transactions", "timeZone", "Asia/Shanghai"), Map.of("id", "1", "time", "TIME", "kind", "const:shop")).get(0))
                .satisfies(r -> {
                    assertThat(r.time("time")).contains(java.time.Instant.parse("2018-03-31T17:00:00Z"));
                    assertThat(r.text("kind")).contains("shop");
                    assertThat(r.number("amount")).isEmpty();
                });
    }

    @Test
    void readsOnByANumberATimeAndInTheOrderOfTheKey() {
        assertThat(read(Map.of("table", "transactions", "key", "id", "since", "47"), Map.of())).extracting(r -> r.text("id").orElseThrow()).containsExactly("48", "49", "50");
        assertThat(read(Map.of("table", "transactions", "key", "time", "since", "2018-04-03T00:00:00Z"), Map.of())).extracting(r -> r.text("id").orElseThrow())
                .containsExactly("49", "50");
        assertThat(read(Map.of("query", "SELECT id, amount, -id AS turn FROM transactions ORDER BY id", "key", "turn", "since", "-3"), Map.of("id", "ID")))
                .extracting(r -> r.text("id").orElseThrow()).containsExactly("2", "1");
        assertThat(read(Map.of("table", "transactions", "key", "id", "since", "50"), Map.of())).isEmpty();
    }

    @Test
    void takesADataSourceFactoryBeforeTheClassPathAndFetchesAsAsked() throws SQLException {
        AtomicInteger nexts = new AtomicInteger();
        AtomicInteger fetch = new AtomicInteger();
        Driver h2 = DriverManager.getDriver(URL);
        Driver counting = proxy(Driver.class, h2, (name, args, result) -> {
            return result instanceof Connection c ? proxy(Connection.class, c, (n, a, r) -> !(r instanceof java.sql.PreparedStatement p) ? r
                    : proxy(java.sql.PreparedStatement.class, p, (m, b, q) -> {
                        if (m.equals("setFetchSize")) {
                            fetch.set((Integer) b[0]);
                        }
                        return !(q instanceof ResultSet rows) ? q : proxy(ResultSet.class, rows, (x, y, z) -> {
                            nexts.addAndGet(x.equals("next") ? 1 : 0);
                            return z;
                        });
                    })) : result;
        });
        connector.factories = List.of(proxy(DataSourceFactory.class, null, (name, args, result) -> name.equals("createDriver") ? counting : null));
        try (DataSet set = connector.open(new Source("jdbc", "transactions", file, Map.of("table", "transactions", "fetchSize", "7"), Map.of()), SCHEMA)) {
            Iterator<DataRecord> records = set.records(b -> { });
            records.next();
            records.next();
            assertThat(nexts).hasValue(2);
            assertThat(fetch).hasValue(7);
        }
    }

    private interface After {
        Object change(String method, Object[] arguments, Object result) throws SQLException;
    }

    private static <T> T proxy(Class<T> type, T of, After after) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader() == null ? JdbcConnectorTest.class.getClassLoader() : type.getClassLoader(), new Class<?>[] {type},
                (p, method, arguments) -> {
                    try {
                        return after.change(method.getName(), arguments, of == null ? null : method.invoke(of, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Test
    void refusesOptionsThatSayNothingOrTooMuch() {
        refuses(ErrorCode.INVALID_INPUT, "/options/table", Map.of(), "a table or a query");
        refuses(ErrorCode.INVALID_INPUT, "/options/table", Map.of("table", "transactions", "query", "SELECT 1"), "one of them only");
        refuses(ErrorCode.INVALID_INPUT, "/options/since", Map.of("table", "transactions", "since", "1"), "'key'");
        refuses(ErrorCode.INVALID_INPUT, "/options/since", Map.of("table", "transactions", "key", "id", "since", "monday"), "a number", "monday");
        refuses(ErrorCode.INVALID_INPUT, "/options/fetchSize", Map.of("table", "transactions", "fetchSize", "0"), "from 1");
        refuses(ErrorCode.INVALID_INPUT, "/options/timeZone", Map.of("table", "transactions", "timeZone", "Mars"), "Mars");
        refuses(ErrorCode.INVALID_INPUT, "/options/timeUnit", Map.of("table", "transactions", "timeUnit", "days"), "days");
        refuses(ErrorCode.BAD_DATA, "shop.properties", Map.of("table", "transactions", "key", "nowhere"), "nowhere", "ID");
        refuses(ErrorCode.BAD_DATA, "shop.properties", Map.of("table", "trans\"actions; DROP TABLE transactions"), "there is no table");
        refuses(ErrorCode.BAD_DATA, "shop.properties", Map.of("table", "transaction_"), "there is no table");
        assertThat(read(Map.of("table", "transactions"), Map.of())).hasSize(50);
    }

    @Test
    void refusesSettingsWithASecretInClearOrAtAll() throws IOException {
        Map<String, String> wrong = Map.of("password=s3cret", "in clear", "property.sslPassword=s3cret", "in clear", "password.env=NOBODY", "'NOBODY' is not set",
                "password.file=nothing.txt", "can't read", "pasword.env=SHOP_PASSWORD", "unknown setting", "url=jdbc:h2:mem:shop;PASSWORD=s3cret", "holds a password",
                "url=jdbc:postgresql://a:s3cret@b/c", "holds a password", "url=jdbc:postgresql://b/c?user=a&password=s3cret", "holds a password",
                "url=http://b/c", "URL of JDBC", "url=jdbc:nobody:c", "no driver");
        for (Map.Entry<String, String> w : wrong.entrySet()) {
            Files.writeString(file, (w.getKey().startsWith("url") ? "" : "url=" + URL + "\n") + "user=sa\n" + w.getKey() + "\n");
            refuses(ErrorCode.INVALID_INPUT, "shop.properties#", Map.of("table", "transactions"), w.getValue());
        }
        Files.writeString(file, "url=" + URL + "\nuser=sa\nuser.env=SHOP_PASSWORD\n");
        refuses(ErrorCode.INVALID_INPUT, "user.env", Map.of("table", "transactions"), "named twice");
        Files.writeString(file, "url=" + URL + "\nuser=sa\n");
        refuses(ErrorCode.BAD_DATA, "shop.properties", Map.of("table", "transactions"), "no connection");
        Files.writeString(file, "url=" + URL + "\ndriver=org.h2.Driver\nuser=sa\npassword.env=SHOP_PASSWORD\n");
        assertThat(read(Map.of("table", "transactions"), Map.of())).hasSize(50);
        Properties given = Settings.read(file, n -> "s3cret").properties();
        assertThat(given).containsEntry("password", "s3cret");
        assertThat(Settings.read(file, n -> "s3cret").toString()).doesNotContain("s3cret");
    }
}
