package org.wherefore.connector.dicom.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;
import org.wherefore.tck.DataConnectorContract;

class DicomConnectorContractTest extends DataConnectorContract {
    @TempDir
    static Path home;

    private static Source source(Path folder) {
        return new Source("dicom", "images", folder, Map.of("layout", "split/label", "keep", "characteristics"),
                Map.of("id", "file", "age", "PatientAge", "sex", "PatientSex", "name", "PatientName"));
    }

    private static void put(Path folder, String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }

    private static byte[] image(int value) {
        return TestFiles.small().image(1, 2, 8, new byte[] {0, (byte) value}).text(Tags.WINDOW_CENTER, "DS", "50").text(Tags.WINDOW_WIDTH, "DS", "100")
                .text(Tags.VOI_FUNCTION, "CS", "LINEAR_EXACT").explicit();
    }

    private static Picture picture(int value) {
        return new Picture(1, 1, 2, new float[] {0, (float) ((value - 50.0) / 100 + .5)});
    }

    @Override
    protected DataConnector connector() {
        return new DicomConnector(home);
    }

    @Override
    protected Schema schema() {
        return new Schema("images", List.of(Field.required("id", FieldType.TEXT), Field.required("image", FieldType.IMAGE),
                Field.optional("label", FieldType.TEXT), Field.optional("split", FieldType.TEXT), Field.optional("age", FieldType.NUMBER),
                Field.optional("sex", FieldType.TEXT), Field.optional("name", FieldType.TEXT)));
    }

    @Override
    protected Case good(Path folder) throws IOException {
        put(folder, "val/well/b.dcm", image(20));
        put(folder, "train/ill/a.dcm", image(10));
        put(folder, "train/ill/c", image(30));
        return new Case(source(folder), List.of(Arrays.asList("train/ill/a.dcm", picture(10), "ill", "train", 61.0, "F", null),
                Arrays.asList("train/ill/c", picture(30), "ill", "train", 61.0, "F", null),
                Arrays.asList("val/well/b.dcm", picture(20), "well", "validation", 61.0, "F", null)), List.of());
    }

    @Override
    protected Case spoiled(Path folder) throws IOException {
        put(folder, "test/ill/a.dcm", image(10));
        put(folder, "test/ill/b.dcm", Arrays.copyOf(image(10), 300));
        put(folder, "test/ill/c.txt", new byte[10]);
        put(folder, "test/ill/d.dcm", TestFiles.small().without(Tags.PIXELS).explicit());
        put(folder, "test/ill/z.dcm", image(10));
        put(folder, "test/loose.dcm", image(10));
        return new Case(source(folder), List.of(Arrays.asList("test/ill/a.dcm", picture(10), "ill", "test", 61.0, "F", null),
                Arrays.asList("test/ill/z.dcm", picture(10), "ill", "test", 61.0, "F", null)), List.of(2L, 3L, 4L, 6L));
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
        return Optional.of(new Source("dicom", "images", good(folder).source().path(), Map.of(), Map.of("label", "nowhere")));
    }

    @Override
    protected List<Source> broken(Path folder) {
        return List.of();
    }

    @Test
    void eachFrameIsARecordWhereThatIsWantedAndIdsNameNobody(@TempDir Path folder) throws IOException {
        byte[] pixels = {0, 10, 0, 20, 0, 30};
        Files.write(folder.resolve("x.dcm"), TestFiles.small().image(1, 2, 8, pixels).text(Tags.FRAMES, "IS", "3").explicit());
        List<DataRecord> all = new ArrayList<>();
        for (String frames : List.of("first", "all")) {
            try (DataSet set = connector().open(new Source("dicom", "images", folder.resolve("x.dcm"), Map.of("frames", frames, "window", "20,40"),
                    Map.of()), schema())) {
                set.records(b -> {
                    throw new AssertionError(b);
                }).forEachRemaining(all::add);
            }
        }
        assertThat(all).hasSize(4);
        assertThat(all.get(3).image("image").orElseThrow().sample(0, 0, 1)).isCloseTo((30 - 19.5f) / 39 + .5f, org.assertj.core.api.Assertions.within(1e-6f));
        assertThat(all.get(0).text("id").orElseThrow()).matches("2\\.25\\.\\d+");
        assertThat(all.get(3).text("id").orElseThrow()).isEqualTo(all.get(0).text("id").orElseThrow() + "#3");
    }
}
