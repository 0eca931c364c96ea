package org.wherefore.connector.images.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.tck.DataConnectorContract;

class CsvContractTest extends DataConnectorContract {
    private static Source source(Path file) {
        return new Source("images", "images", file, Map.of("names", "0=well,1=ill", "split", "test"), Map.of("label", "finding", "age", "years"));
    }

    private static Path write(Path folder, String rows) throws IOException {
        Files.write(folder.resolve("a.png"), TestImages.grey(10));
        Files.createDirectories(folder.resolve("sub"));
        Files.write(folder.resolve("sub/b,b.png"), TestImages.grey(20));
        return Files.writeString(folder.resolve("labels.csv"), "file,finding,years,notes\n" + rows);
    }

    @Override
    protected DataConnector connector() {
        return new ImagesConnector(List.of(new PictureDecoder()));
    }

    @Override
    protected Schema schema() {
        return new Schema("images", List.of(Field.required("id", FieldType.TEXT), Field.required("image", FieldType.IMAGE),
                Field.optional("label", FieldType.TEXT), Field.optional("split", FieldType.TEXT), Field.optional("age", FieldType.NUMBER),
                Field.optional("notes", FieldType.TEXT)));
    }

    @Override
    protected Case good(Path folder) throws IOException {
        return new Case(source(write(folder, "a.png,1,61,\"coughs,\nloudly\"\r\n\"sub/b,b.png\",0,,\nsub/../a.png,,7,\"\"\"so\"\"\"\n")),
                List.of(Arrays.asList("a.png", FolderContractTest.picture(10), "ill", "test", 61.0, "coughs,\nloudly"),
                        Arrays.asList("sub/b,b.png", FolderContractTest.picture(20), "well", "test", null, null),
                        Arrays.asList("sub/../a.png", FolderContractTest.picture(10), null, "test", 7.0, "\"so\"")), List.of());
    }

    @Override
    protected Case spoiled(Path folder) throws IOException {
        return new Case(source(write(folder, "none.png,1,61,\na.png,1,61\na.png,2,61,\na.png,1,old,\n,1,61,\n../labels.csv,1,61,\n/etc/hostname,1,61,\n"
                + "labels.csv,1,61,\na.png,0,1,\n")), List.of(Arrays.asList("a.png", FolderContractTest.picture(10), "well", "test", 1.0, null)),
                List.of(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L));
    }

    @Override
    protected Source large(Path folder, int records) throws IOException {
        return source(write(folder, "a.png,1,61,\n".repeat(records)));
    }

    @Override
    protected Optional<Source> wrongEncoding(Path folder) throws IOException {
        Path file = write(folder, "");
        Files.write(file, ("file,finding,years,notes\n" + "a.png,1,61,\n".repeat(50) + "a.png,1,61,caf\u00e9\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        return Optional.of(source(file));
    }

    @Override
    protected Optional<Source> missingColumn(Path folder) throws IOException {
        return Optional.of(new Source("images", "images", write(folder, "a.png,1,61,\n"), Map.of(), Map.of("image", "nowhere")));
    }

    @Override
    protected List<Source> broken(Path folder) throws IOException {
        Path one = Files.createDirectories(folder.resolve("one"));
        Path two = Files.createDirectories(folder.resolve("two"));
        return List.of(source(write(one, "a.png,1,61,\na.png,1,61,\"open\na.png,1,61,\n")),
                source(write(two, "a.png,1,61,\na.png,1,61,\"closed\" not\na.png,1,61,\n")));
    }
}
