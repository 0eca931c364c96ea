package org.wherefore.connector.csv.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.tck.DataConnectorContract;
import org.wherefore.testkit.data.Records;

class SequenceConnectorContractTest extends DataConnectorContract {
    @Override
    protected DataConnector connector() {
        return new SequenceConnector();
    }

    @Override
    protected Schema schema() {
        return Records.EVENTS;
    }

    private static Source source(Path file) {
        return new Source("sequence", "events", file, Map.of("kind", "view"), Map.of());
    }

    private static List<Object> event(String user, String item, int position) {
        return List.of(user, item, "view", Instant.ofEpochSecond(position));
    }

    @Override
    protected Case good(Path folder) throws IOException {
        return new Case(source(Files.writeString(folder.resolve("sequences.txt"), "ann tea cup\nbob cup\n")),
                List.of(event("ann", "tea", 1), event("ann", "cup", 2), event("bob", "cup", 1)), List.of());
    }

    @Override
    protected Case spoiled(Path folder) throws IOException {
        return new Case(source(Files.writeString(folder.resolve("sequences.txt"), "ann tea\nnobody\nbob cup\nnoone\n")),
                List.of(event("ann", "tea", 1), event("bob", "cup", 1)), List.of(2L, 4L));
    }

    @Override
    protected Source large(Path folder, int records) throws IOException {
        return source(Files.writeString(folder.resolve("sequences.txt"), "ann tea cup\n".repeat(records / 2)));
    }

    @Override
    protected Optional<Source> wrongEncoding(Path folder) throws IOException {
        return Optional.of(source(Files.write(folder.resolve("sequences.txt"),
                ("ann tea\n".repeat(100) + "ann caf\u00e9\n").getBytes(StandardCharsets.ISO_8859_1))));
    }

    /** Its fields are fixed. */
    @Override
    protected Optional<Source> missingColumn(Path folder) {
        return Optional.empty();
    }

    /** A line is a history of its own. */
    @Override
    protected List<Source> broken(Path folder) {
        return List.of();
    }
}
