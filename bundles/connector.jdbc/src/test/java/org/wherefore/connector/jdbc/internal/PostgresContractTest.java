package org.wherefore.connector.jdbc.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataSet;

class PostgresContractTest extends DatabaseContract {
    private static PostgresServer server;
    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        try {
            server = PostgresServer.start();
        } catch (PostgresServer.Unavailable e) {
            System.out.println("PostgresContractTest skipped: " + e.getMessage());
            assumeTrue(false, "no PostgreSQL: " + e.getMessage());
        }
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    Connection connect() throws SQLException {
        return server.connect();
    }

    @Override
    String settings(Path folder) throws IOException {
        Files.writeString(folder.resolve("password.txt"), PostgresServer.PASSWORD + "\n");
        return "url=" + server.url() + "\nuser=" + PostgresServer.USER + "\npassword.file=password.txt\nproperty.ApplicationName=wherefore\n";
    }

    @Override
    String numbers(int count) {
        return "SELECT n FROM generate_series(1, " + count + ") n";
    }

    /** Instead of a file that is cut, a session that is ended: whoever has read all rows already does not notice. */
    @Test
    @DisplayName("reads as a stream: what was not asked for yet is not read yet")
    @Override
    protected void streams() throws IOException {
        Source source = large(folder, 200_000);
        int read = 0;
        try (DataSet set = connector().open(source, schema())) {
            Iterator<DataRecord> records = set.records(b -> { });
            records.next();
            run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'wherefore'");
            while (records.hasNext()) {
                records.next();
                read++;
            }
        } catch (WhereforeException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA);
            assertThat(e.pointer()).get().asString().matches(".*shop\\.properties#query:\\d+");
        }
        assertThat(read).as("records read after the session was ended").isLessThan(1_000);
    }

    @Test
    void readsOnByATimeWithAZone() throws IOException {
        good(folder);
        List<String> ids = new ArrayList<>();
        try (DataSet set = connector().open(source(folder, Map.of("table", "public.GOOD", "key", "at", "since", "2018-03-25T02:30:00Z")), schema())) {
            set.records(b -> { }).forEachRemaining(r -> ids.add(r.text("id").orElseThrow()));
        }
        try (DataSet set = connector().open(source(folder, Map.of("table", "good", "key", "zoned", "since", "2018-04-01T01:59:59+02:00")), schema())) {
            set.records(b -> { }).forEachRemaining(r -> ids.add(r.text("id").orElseThrow()));
        }
        assertThat(ids).hasSize(3).startsWith("a").endsWith("a", "c").doesNotContain("b");
    }

    @Test
    void changesNothingAndSaysNoPassword() throws IOException {
        good(folder);
        for (String query : List.of("DELETE FROM good RETURNING *", "SELECT * FROM nowhere")) {
            Source source = source(folder, Map.of("query", query));
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> connector().open(source, schema())).isInstanceOfSatisfying(WhereforeException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA);
                assertThat(e.getMessage()).contains("SQL state").doesNotContain(PostgresServer.PASSWORD);
            });
        }
        Files.writeString(folder.resolve("password.txt"), "wr0ng");
        Source source = source(folder, Map.of("table", "good"));
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> connector().open(source, schema())).isInstanceOfSatisfying(WhereforeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.BAD_DATA);
            assertThat(e.getMessage()).contains("no connection").doesNotContain("wr0ng");
        });
    }
}
