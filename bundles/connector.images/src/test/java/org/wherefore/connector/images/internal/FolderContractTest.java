package org.wherefore.connector.images.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.tck.DataConnectorContract;

class FolderContractTest extends DataConnectorContract {
    static final Schema IMAGES = new Schema("images", List.of(Field.required("id", FieldType.TEXT), Field.required("image", FieldType.IMAGE),
            Field.optional("label", FieldType.TEXT), Field.optional("split", FieldType.TEXT)));

    static Picture picture(int value) {
        return new Picture(1, 1, 2, new float[] {value / 255f, 1});
    }

    private static void put(Path folder, String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    private static Source source(Path folder) {
        return new Source("images", "images", folder, Map.of("layout", "split/label"), Map.of());
    }

    @Override
    protected DataConnector connector() {
        return new ImagesConnector(List.of(new PictureDecoder()));
    }

    @Override
    protected Schema schema() {
        return IMAGES;
    }

    @Override
    protected Case good(Path folder) throws IOException {
        put(folder, "train/well/b.png", TestImages.grey(20));
        put(folder, "train/ill/a.png", TestImages.grey(10));
        put(folder, "val/ill/deeper/c.png", TestImages.grey(30));
        put(folder, "train/ill/.hidden", new byte[1]);
        return new Case(source(folder), List.of(List.of("train/ill/a.png", picture(10), "ill", "train"),
                List.of("train/well/b.png", picture(20), "well", "train"),
                List.of("val/ill/deeper/c.png", picture(30), "ill", "validation")), List.of());
    }

    @Override
    protected Case spoiled(Path folder) throws IOException {
        put(folder, "test/ill/a.png", TestImages.grey(10));
        put(folder, "test/ill/b.png", Arrays.copyOf(TestImages.grey(10), 60));
        put(folder, "test/ill/notes.txt", "hello".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        put(folder, "test/ill/z.png", TestImages.grey(10));
        put(folder, "test/loose.png", TestImages.grey(10));
        put(folder, "unheard/ill/a.png", TestImages.grey(10));
        return new Case(source(folder), List.of(List.of("test/ill/a.png", picture(10), "ill", "test"),
                List.of("test/ill/z.png", picture(10), "ill", "test")), List.of(2L, 3L, 5L, 6L));
    }

    /** A folder can't be cut off; the rule that would is skipped. */
    @Override
    protected Source large(Path folder, int records) throws IOException {
        return good(folder).source();
    }

    @Override
    protected Optional<Source> wrongEncoding(Path folder) {
        return Optional.empty();
    }

    @Override
    protected Optional<Source> missingColumn(Path folder) throws IOException {
        return Optional.of(new Source("images", "images", good(folder).source().path(), Map.of(), Map.of("id", "nowhere")));
    }

    @Override
    protected List<Source> broken(Path folder) {
        return List.of();
    }
}
