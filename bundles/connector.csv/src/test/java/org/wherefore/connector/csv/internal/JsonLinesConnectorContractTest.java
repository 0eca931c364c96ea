package org.wherefore.connector.csv.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.tck.DataConnectorContract;
import org.wherefore.testkit.data.Records;

class JsonLinesConnectorContractTest extends DataConnectorContract {
    @Override
    protected DataConnector connector() {
        return new JsonLinesConnector();
    }

    @Override
    protected Schema schema() {
        return Records.ITEMS;
    }

    private static Source source(Path file) {
        return new Source("jsonlines", "items", file, Map.of(), Map.of("id", "id", "title", "t", "category", "c", "price", "p"));
    }

    @Override
    protected Case good(Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("items.json"), """
                {"id": "tea", "t": "Green tea", "c": ["Tea", "Hot"], "p": 4.5, "more": {"x": 1}}
                {"id": "cup"}
                {"p": "$1,250.00", "id": "pot"}
                """);
        return new Case(source(file), List.of(Arrays.asList("tea", "Green tea", List.of("Tea", "Hot"), null, 4.5),
                Arrays.asList("cup", null, List.of(), null, null), Arrays.asList("pot", null, List.of(), null, 1250.0)), List.of());
    }

    @Override
    protected Case spoiled(Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("items.json"), """
                {"id": "tea", "t": "Tea", "c": "Hot", "p": 1}
                {"id": "cup", "t":
                [1, 2]
                {"t": "nameless"}
                {"id": "pot", "p": "cheap"}
                {"id": "jug"}
                """);
        return new Case(source(file), List.of(Arrays.asList("tea", "Tea", List.of("Hot"), null, 1.0),
                Arrays.asList("jug", null, List.of(), null, null)), List.of(2L, 3L, 4L, 5L));
    }

    @Override
    protected Source large(Path folder, int records) throws IOException {
        return source(Files.writeString(folder.resolve("items.json"), "{\"id\": \"tea\", \"t\": \"Tea\", \"c\": [], \"p\": 1}\n".repeat(records)));
    }

    @Override
    protected Optional<Source> wrongEncoding(Path folder) throws IOException {
        return Optional.of(source(Files.write(folder.resolve("items.json"),
                ("{\"id\": \"tea\"}\n".repeat(100) + "{\"id\": \"caf\u00e9\"}\n").getBytes(StandardCharsets.ISO_8859_1))));
    }

    /** Each line has keys of its own: one that no line has is known at the end only, and reported then. */
    @Override
    protected Optional<Source> missingColumn(Path folder) {
        return Optional.empty();
    }

    /** A line is an object of its own. */
    @Override
    protected List<Source> broken(Path folder) {
        return List.of();
    }
}
