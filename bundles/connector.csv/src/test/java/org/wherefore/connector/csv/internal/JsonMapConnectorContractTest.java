package org.wherefore.connector.csv.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.tck.DataConnectorContract;

class JsonMapConnectorContractTest extends DataConnectorContract {
    @Override
    protected DataConnector connector() {
        return new JsonMapConnector();
    }

    @Override
    protected Schema schema() {
        return new Schema("items", List.of(Field.required("id", FieldType.TEXT), Field.optional("attributes", FieldType.LIST)));
    }

    private static Source source(Path file) {
        return new Source("jsonmap", "items", file, Map.of(), Map.of("id", "key", "attributes", "value"));
    }

    @Override
    protected Case good(Path folder) throws IOException {
        return new Case(source(Files.writeString(folder.resolve("map.json"), "{\"tea\": [1, 2],\n \"cup\": [],\n \"pot\": \"7\"}")),
                List.of(List.of("tea", List.of("1", "2")), List.of("cup", List.of()), List.of("pot", List.of("7"))), List.of());
    }

    @Override
    protected Case spoiled(Path folder) throws IOException {
        return new Case(source(Files.writeString(folder.resolve("map.json"),
                "{\"tea\": [1],\n\"cup\": [[1], 2],\n\"pot\": {\"a\": 1},\n\"\": [3],\n\"jug\": [4]}")),
                List.of(List.of("tea", List.of("1")), List.of("jug", List.of("4"))), List.of(2L, 3L, 4L));
    }

    @Override
    protected Source large(Path folder, int records) throws IOException {
        StringBuilder text = new StringBuilder("{");
        for (int i = 0; i < records; i++) {
            text.append(i == 0 ? "" : ",\n").append('"').append(i).append("\": [1, 2]");
        }
        return source(Files.writeString(folder.resolve("map.json"), text.append('}')));
    }

    @Override
    protected Optional<Source> wrongEncoding(Path folder) throws IOException {
        return Optional.of(source(Files.write(folder.resolve("map.json"),
                "{\"tea\": [1],\n\"caf\u00e9\": [2]}".getBytes(StandardCharsets.ISO_8859_1))));
    }

    @Override
    protected List<Source> broken(Path folder) throws IOException {
        return List.of(source(Files.writeString(folder.resolve("cut.json"), "{\"tea\": [1],\n\"cup\": [2],\n")),
                source(Files.writeString(folder.resolve("comma.json"), "{\"tea\": [1,,2],\n\"cup\": [2]}")));
    }

    /** Its columns are fixed. */
    @Override
    protected Optional<Source> missingColumn(Path folder) {
        return Optional.empty();
    }
}
