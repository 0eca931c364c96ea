package org.wherefore.extractor.image.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.DataInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.Schema;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.spi.FittedExtractor;

/** What the check of inputs refuses, fitted on real chest images: of its own kind hardly any, of others nearly all. */
class PneumoniaMnistTest {
    private static final Schema SCHEMA = new Schema("images", List.of(Field.required("id", FieldType.TEXT), Field.required("image", FieldType.IMAGE),
            Field.optional("label", FieldType.TEXT), Field.optional("split", FieldType.TEXT)));
    private static final int SIDE = 28;

    private static Path archive() {
        String given = System.getProperty("WHEREFORE_DATA", System.getenv("WHEREFORE_DATA"));
        Path data = given != null ? Path.of(given) : Path.of("../../../shared/data").toAbsolutePath().normalize();
        return data.resolve("pneumonia-mnist/pneumoniamnist_full.npz");
    }

    private static List<DataRecord> read(ZipFile zip, String split) throws Exception {
        List<DataRecord> records = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(zip.getInputStream(zip.getEntry(split + "_images.npy")))) {
            in.readNBytes(8);
            in.readNBytes(in.read() | in.read() << 8);
            for (byte[] row; (row = in.readNBytes(SIDE * SIDE)).length == SIDE * SIDE;) {
                float[] samples = new float[row.length];
                for (int i = 0; i < row.length; i++) {
                    samples[i] = (row[i] & 0xff) / 255f;
                }
                records.add(record(new Picture(1, SIDE, SIDE, samples), records.size()));
            }
        }
        return records;
    }

    private static DataRecord record(Picture picture, int index) {
        return new DataRecord(SCHEMA, new Location("archive", index + 1), "r" + index, picture, "unknown", "train");
    }

    private static Picture made(int channels, BiFunction<Integer, Integer, Double> sample) {
        float[] samples = new float[channels * SIDE * SIDE];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (float) Math.min(1, Math.max(0, sample.apply(i / SIDE % SIDE, i % SIDE + SIDE * (i / (SIDE * SIDE)))));
        }
        return new Picture(channels, SIDE, SIDE, samples);
    }

    @Test
    void noticesWhatIsNoChestImage() throws Exception {
        Path archive = archive();
        Assumptions.assumeTrue(Files.exists(archive), "skipped: no " + archive + "; set WHEREFORE_DATA");
        List<DataRecord> train;
        Map<String, List<DataRecord>> kinds = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            train = read(zip, "train");
            kinds.put("validation", read(zip, "val"));
            kinds.put("test", read(zip, "test"));
        }
        FittedExtractor fitted = new ImageExtractor().fit(new CleanData("chest", Map.of(), train, List.of(), List.of(), List.of(), 0, "sha256:0"),
                Map.of());
        double sum = 0;
        double squares = 0;
        for (DataRecord r : train) {
            for (float v : ((ImageInstance) fitted.extract(r)).values()) {
                sum += v;
                squares += (double) v * v;
            }
        }
        double n = (double) train.size() * SIDE * SIDE;
        assertThat(sum / n).isCloseTo(0, within(1e-4));
        assertThat(squares / n).isCloseTo(1, within(1e-4));

        Random random = new Random(42);
        for (String kind : List.of("inverted", "upside down", "turned", "halves swapped", "noise", "flat", "ramp", "stripes", "colour photo", "tiny")) {
            List<DataRecord> all = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                float[] s = kinds.get("test").get(2 * i).image("image").orElseThrow().samples();
                double a = random.nextDouble() * 6;
                double b = random.nextDouble();
                all.add(record(switch (kind) {
                    case "inverted" -> made(1, (y, x) -> 1.0 - s[y * SIDE + x]);
                    case "upside down" -> made(1, (y, x) -> (double) s[(SIDE - 1 - y) * SIDE + x]);
                    case "turned" -> made(1, (y, x) -> (double) s[x * SIDE + y]);
                    case "halves swapped" -> made(1, (y, x) -> (double) s[(y + SIDE / 2) % SIDE * SIDE + x]);
                    case "noise" -> made(1, (y, x) -> random.nextDouble());
                    case "flat" -> made(1, (y, x) -> b);
                    case "ramp" -> made(1, (y, x) -> (Math.cos(a) * x + Math.sin(a) * y) / SIDE + b);
                    case "stripes" -> made(1, (y, x) -> .5 + .4 * Math.sin(a * x + y * b));
                    case "colour photo" -> made(3, (y, x) -> .5 + .4 * Math.sin(a * x / 9 + y * b));
                    default -> new Picture(1, 5, 5, java.util.Arrays.copyOf(s, 25));
                }, i));
            }
            kinds.put(kind, all);
        }
        Map<String, Double> refused = new LinkedHashMap<>();
        kinds.forEach((kind, all) -> refused.put(kind, all.stream().filter(r -> fitted.check(r).isPresent()).count() / (double) all.size()));
        System.out.println("check: share refused " + refused);
        assertThat(refused.get("validation")).isLessThan(.02);
        assertThat(refused.get("test")).isLessThan(.02);
        for (String kind : List.of("noise", "flat", "colour photo", "tiny")) {
            assertThat(refused.get(kind)).as(kind).isEqualTo(1);
        }
        // One in 300 is so wide that it is a ramp.
        assertThat(refused.get("stripes")).isGreaterThan(.99);
    }
}
