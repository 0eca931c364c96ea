package ${package};

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

/** The rules that every connector keeps, tried on files of this format. */
class ${className}ContractTest extends DataConnectorContract {
    @Override
    protected DataConnector connector() {
        return new ${className}();
    }

    @Override
    protected Schema schema() {
        return Records.ITEMS;
    }

    private static Source source(Path file) {
        return new Source("${pluginName}", "items", file, Map.of(), Map.of("id", "sku", "title", "name"));
    }

    @Override
    protected Case good(Path folder) throws IOException {
        return new Case(source(Files.writeString(folder.resolve("items.log"), """
                sku=tea name="Green \\"tea\\"" category=Tea;Hot brand=Birch price=4.5

                sku=cup
                price=12 sku=pot extra="not asked for"
                """)), List.of(Arrays.asList("tea", "Green \"tea\"", List.of("Tea", "Hot"), "Birch", 4.5),
                Arrays.asList("cup", null, List.of(), null, null), Arrays.asList("pot", null, List.of(), null, 12.0)), List.of());
    }

    @Override
    protected Case spoiled(Path folder) throws IOException {
        return new Case(source(Files.writeString(folder.resolve("items.log"), """
                sku=tea
                sku=cup name="never closed
                name=nameless
                sku=pot price=cheap
                sku=jug tea
                sku=jar
                """)), List.of(Arrays.asList("tea", null, List.of(), null, null), Arrays.asList("jar", null, List.of(), null, null)),
                List.of(2L, 3L, 4L, 5L));
    }

    @Override
    protected Source large(Path folder, int records) throws IOException {
        return source(Files.writeString(folder.resolve("items.log"), "sku=tea name=Tea price=1\n".repeat(records)));
    }

    @Override
    protected Optional<Source> wrongEncoding(Path folder) throws IOException {
        return Optional.of(source(Files.write(folder.resolve("items.log"),
                ("sku=tea\n".repeat(100) + "sku=caf\u00e9\n").getBytes(StandardCharsets.ISO_8859_1))));
    }

    /** Each line has keys of its own. */
    @Override
    protected Optional<Source> missingColumn(Path folder) {
        return Optional.empty();
    }

    /** A line is a record of its own: a bad one never spoils the next. */
    @Override
    protected List<Source> broken(Path folder) {
        return List.of();
    }
}
