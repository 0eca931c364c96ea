package org.wherefore.connector.csv.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.tck.DataConnectorContract;
import org.wherefore.testkit.data.Records;

class CsvConnectorContractTest extends DataConnectorContract {
    @Override
    protected DataConnector connector() {
        return new CsvConnector();
    }

    @Override
    protected Schema schema() {
        return Records.EVENTS;
    }

    private static Source source(Path file, String... columns) {
        Map<String, String> map = new java.util.HashMap<>(Map.of("user", "u", "item", "i", "kind", "k", "time", "t"));
        for (int c = 0; c < columns.length; c += 2) {
            map.put(columns[c], columns[c + 1]);
        }
        return new Source("csv", "events", file, Map.of(), map);
    }

    @Override
    protected Case good(Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("events.csv"), """
                i,u,k,t
                "tea, ""green""\",ann,view,2026-01-02T03:04:05Z
                cup,bob,,
                "two
                lines",ann,purchase,1700000000
                """);
        return new Case(source(file), List.of(List.of("ann", "tea, \"green\"", "view", Instant.parse("2026-01-02T03:04:05Z")),
                Arrays.asList("bob", "cup", null, null), List.of("ann", "two\nlines", "purchase", Instant.ofEpochSecond(1_700_000_000))),
                List.of());
    }

    @Override
    protected Case spoiled(Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("events.csv"), """
                i,u,k,t
                tea,ann
                cup,bob,,
                tea,,view,
                tea,ann,view,yesterday
                tea,ann,view,1,more
                "two
                lines",ann,view,
                ,ann,view,
                """);
        return new Case(source(file), List.of(Arrays.asList("bob", "cup", null, null), Arrays.asList("ann", "two\nlines", "view", null)),
                List.of(2L, 4L, 5L, 6L, 9L));
    }

    @Override
    protected Source large(Path folder, int records) throws IOException {
        return source(Files.writeString(folder.resolve("events.csv"), "i,u,k,t\n" + "tea,ann,view,1\n".repeat(records)));
    }

    @Override
    protected Optional<Source> wrongEncoding(Path folder) throws IOException {
        return Optional.of(source(Files.write(folder.resolve("events.csv"),
                ("i,u,k,t\n" + "tea,ann,,\n".repeat(100) + "caf\u00e9,ann,,\n").getBytes(StandardCharsets.ISO_8859_1))));
    }

    @Override
    protected List<Source> broken(Path folder) throws IOException {
        return List.of(source(Files.writeString(folder.resolve("behind.csv"), "i,u,k,t\ntea,ann,,\n\"tea\"s,ann,,\ncup,bob,,\n")),
                source(Files.writeString(folder.resolve("first.csv"), "i,u,k,t\ntea,ann,,\n\"tea,ann,,\ncup,bob,,\n")),
                source(Files.writeString(folder.resolve("last.csv"), "t,i,u,k\n,tea,ann,\n,tea,ann,\"view\n,cup,bob,\n")));
    }

    @Override
    protected Optional<Source> missingColumn(Path folder) throws IOException {
        return Optional.of(source(Files.writeString(folder.resolve("events.csv"), "i,u,k,t\ntea,ann,,\n"), "user", "nowhere"));
    }
}
