package org.wherefore.connector.images.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.tck.DataConnectorContract;

class NpzContractTest extends DataConnectorContract {
    private static Source source(Path file) {
        return new Source("images", "images", file, Map.of("images", "train_images", "labels", "train_labels", "split", "train",
                "names", "0=well,1=ill"), Map.of());
    }

    private static Map<String, byte[]> arrays(int n, byte[] labels, String shape) {
        byte[] images = new byte[n * 2];
        for (int i = 0; i < n; i++) {
            images[2 * i] = (byte) (10 * (i + 1));
            images[2 * i + 1] = (byte) 255;
        }
        Map<String, byte[]> arrays = new LinkedHashMap<>();
        arrays.put("train_images", TestImages.npy("|u1", shape, images));
        arrays.put("train_labels", TestImages.npy("<i2", n + ", 1", labels));
        return arrays;
    }

    @Override
    protected DataConnector connector() {
        return new ImagesConnector(List.of());
    }

    @Override
    protected Schema schema() {
        return FolderContractTest.IMAGES;
    }

    @Override
    protected Case good(Path folder) throws IOException {
        return new Case(source(TestImages.npz(folder.resolve("data.npz"), true, arrays(3, new byte[] {1, 0, 0, 0, 1, 0}, "3, 1, 2"))),
                List.of(List.of("train-1", FolderContractTest.picture(10), "ill", "train"),
                        List.of("train-2", FolderContractTest.picture(20), "well", "train"),
                        List.of("train-3", FolderContractTest.picture(30), "ill", "train")), List.of());
    }

    @Override
    protected Case spoiled(Path folder) throws IOException {
        return new Case(source(TestImages.npz(folder.resolve("data.npz"), false, arrays(3, new byte[] {7, 0, 0, 0, -1, -1}, "3, 1, 2, 1"))),
                List.of(List.of("train-2", FolderContractTest.picture(20), "well", "train")), List.of(1L, 3L));
    }

    @Override
    protected Source large(Path folder, int records) throws IOException {
        return source(TestImages.npz(folder.resolve("data.npz"), false, arrays(records, new byte[2 * records], records + ", 1, 2")));
    }

    @Override
    protected Optional<Source> wrongEncoding(Path folder) {
        return Optional.empty();
    }

    @Override
    protected Optional<Source> missingColumn(Path folder) throws IOException {
        return Optional.of(new Source("images", "images", good(folder).source().path(), Map.of("images", "train_images"),
                Map.of("label", "nowhere")));
    }

    @Override
    protected List<Source> broken(Path folder) throws IOException {
        Path cut = good(folder).source().path();
        Path half = Files.copy(cut, folder.resolve("half.npz"), StandardCopyOption.REPLACE_EXISTING);
        byte[] bytes = Files.readAllBytes(half);
        Files.write(half, Arrays.copyOf(bytes, bytes.length / 2));
        Path lying = TestImages.npz(folder.resolve("lying.npz"), true, arrays(3, new byte[6], "30000, 1, 2"));
        Path objects = TestImages.npz(folder.resolve("objects.npz"), true,
                Map.of("train_images", TestImages.npy("|O", "3, 1, 2", new byte[6]), "train_labels", TestImages.npy("|u1", "3", new byte[3])));
        Path uneven = TestImages.npz(folder.resolve("uneven.npz"), true,
                Map.of("train_images", TestImages.npy("|u1", "3, 1, 2", new byte[6]), "train_labels", TestImages.npy("|u1", "4", new byte[4])));
        return List.of(source(half), source(lying), source(objects), source(uneven));
    }

    @org.junit.jupiter.api.Test
    void readsFloatsColoursAndTexts(@org.junit.jupiter.api.io.TempDir Path folder) throws IOException {
        byte[] floats = java.nio.ByteBuffer.allocate(2 * 6 * 8).putDouble(-1).putDouble(0).putDouble(1).putDouble(0).putDouble(0).putDouble(1)
                .putDouble(3).array();
        byte[] text = "il\0well".getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Path file = TestImages.npz(folder.resolve("c.npz"), true, Map.of("images", TestImages.npy(">f8", "2, 1, 2, 3", floats),
                "labels", TestImages.npy("|S4", "2", Arrays.copyOf(text, 8))));
        List<org.wherefore.api.data.BadRecord> bad = new java.util.ArrayList<>();
        try (var set = connector().open(new Source("images", "images", file, Map.of("range", "-1..1"), Map.of()), schema())) {
            var record = set.records(bad::add).next();
            org.assertj.core.api.Assertions.assertThat(record.image("image")).contains(new Picture(3, 1, 2,
                    new float[] {0, .5f, .5f, .5f, 1, 1}));
            org.assertj.core.api.Assertions.assertThat(record.text("id")).contains("c-1");
        }
        try (var set = connector().open(new Source("images", "images", file, Map.of("range", "-1..1"), Map.of()), schema())) {
            set.records(bad::add).forEachRemaining(r -> { });
        }
        org.assertj.core.api.Assertions.assertThat(bad).hasSize(1);
        org.assertj.core.api.Assertions.assertThat(bad.get(0).toString()).contains("c.npz:2: column 'image': '3.0'", "option 'range'");
    }
}
