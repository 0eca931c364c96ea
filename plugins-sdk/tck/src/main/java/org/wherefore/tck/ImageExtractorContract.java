package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.History;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.Schema;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.testkit.service.MemoryArtifact;

/** What every extractor promises whose input is a record with a picture. Subclass it and give {@link #extractor}. */
public abstract class ImageExtractorContract {
    private static final Schema SCHEMA = new Schema("images", List.of(Field.required("id", FieldType.TEXT),
            Field.optional("image", FieldType.IMAGE), Field.optional("label", FieldType.TEXT), Field.optional("split", FieldType.TEXT)));
    private final CleanData training = data(200, 5);

    /** The extractor; a new one or the same for each call. */
    protected abstract FeatureExtractor extractor();

    /** Parameters to fit with. None by default. */
    protected Map<String, String> parameters() {
        return Map.of();
    }

    private static CleanData data(int count, long seed) {
        Random random = new Random(seed);
        List<DataRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            boolean left = i % 2 == 0;
            records.add(record("r" + i, i + 1, picture(random, 30 + i % 20, 30 + i % 7, left), left ? "left" : "right"));
        }
        return data(records);
    }

    private static CleanData data(List<DataRecord> records) {
        return new CleanData("pictures", Map.of(), records, List.of(), List.of(), List.of(), 0, "sha256:0");
    }

    private static DataRecord record(String id, long line, Picture picture, String label) {
        return new DataRecord(SCHEMA, new Location("test", line), id, picture, label, "train");
    }

    private static Picture picture(Random random, int height, int width, boolean left) {
        float[] samples = new float[height * width];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (left == (i % width < width / 2) ? .7f : .2f) + random.nextFloat() * .2f;
        }
        return new Picture(1, height, width, samples);
    }

    /** Pictures of many shapes: tiny, long, large, black, white, in colour. */
    private List<DataRecord> inputs() {
        List<DataRecord> all = new ArrayList<>(training.records().subList(0, 20));
        for (int[] size : new int[][] {{1, 1, 1}, {1, 2, 300}, {1, 300, 2}, {1, 257, 131}, {3, 40, 40}, {3, 1, 1}}) {
            float[] samples = new float[size[0] * size[1] * size[2]];
            all.add(record("black", 0, new Picture(size[0], size[1], size[2], samples), null));
            Arrays.fill(samples, 1);
            all.add(record("white", 0, new Picture(size[0], size[1], size[2], samples), null));
            for (int i = 0; i < samples.length; i++) {
                samples[i] = (i * 37 % 101) / 100f;
            }
            all.add(record("mixed", 0, new Picture(size[0], size[1], size[2], samples), null));
        }
        return all;
    }

    private FittedExtractor fit() {
        return extractor().fit(training, parameters());
    }

    private static MemoryArtifact saved(FittedExtractor fitted) {
        MemoryArtifact artifact = new MemoryArtifact();
        fitted.save(artifact);
        assertThat(artifact.entries()).as("entries that save() wrote: at least one").isNotEmpty();
        assertThat(artifact.unclosed()).as("an entry that save() created and did not close").isNull();
        return artifact;
    }

    @Test
    @DisplayName("has a name")
    protected void declaresItself() {
        Checks.name("name()", extractor().name());
    }

    @Test
    @DisplayName("fits a schema that names its features, and the labels as targets")
    protected void schemaIsSound() {
        FittedExtractor fitted = fit();
        assertThat(fitted.schema().features()).as("features: what the model is fed, for people and policies").isNotEmpty();
        assertThat(fitted.schema().targets()).as("targets: each once").isNotEmpty().doesNotHaveDuplicates();
        for (int t = 0; t < fitted.schema().targets().size(); t++) {
            assertThat(fitted.target(fitted.schema().targets().get(t))).as("target('%s'): its position in the schema", fitted.schema().targets().get(t))
                    .hasValue(t);
        }
        assertThat(fitted.target("nothing-like-it")).as("target() of a label that the training data did not have").isEmpty();
        assertThat(fitted.positions(training.records().get(0))).as("positions() of a record: there are none").isEmpty();
    }

    @Test
    @DisplayName("gives instances of one shape, whatever the picture's, and the same one again")
    protected void instancesHaveOneShape() {
        FittedExtractor fitted = fit();
        ImageInstance first = (ImageInstance) fitted.extract(training.records().get(0));
        for (DataRecord input : inputs()) {
            ImageInstance one = (ImageInstance) fitted.extract(input);
            assertThat(List.of(one.channels(), one.height(), one.width())).as("channels, height and width of the instance of a %s",
                    input.image("image").orElseThrow()).isEqualTo(List.of(first.channels(), first.height(), first.width()));
            assertThat(fitted.extract(input)).as("the instance of the same picture, made again: nothing random belongs here").isEqualTo(one);
        }
    }

    @Test
    @DisplayName("finds nothing strange in what it learned from, and says the same of an input again")
    protected void trainingIsNotStrange() {
        FittedExtractor fitted = fit();
        long strange = training.records().stream().filter(r -> fitted.check(r).isPresent()).count();
        assertThat(strange).as("training pictures of %d that check() refuses: at most one in a hundred", training.records().size())
                .isLessThanOrEqualTo(training.records().size() / 100);
        for (DataRecord input : inputs()) {
            assertThat(fitted.check(input)).as("check() of the same picture, asked again").isEqualTo(fitted.check(input));
            fitted.check(input).ifPresent(why -> assertThat(why).as("why a picture is strange").isNotBlank());
        }
    }

    @Test
    @DisplayName("serving teaches it nothing, and one fit does not influence another")
    protected void servingTeachesNothing() {
        FeatureExtractor shared = extractor();
        FittedExtractor fitted = shared.fit(training, parameters());
        MemoryArtifact before = saved(fitted);
        inputs().forEach(r -> {
            fitted.extract(r);
            fitted.check(r);
        });
        shared.fit(data(30, 77), parameters());
        assertThat(saved(fitted)).as("what is saved after serving and after another fit").isEqualTo(before);
    }

    @Test
    @DisplayName("same records, same bytes, whatever their order")
    protected void fittingIsReproducible() {
        MemoryArtifact once = saved(fit());
        assertThat(saved(fit())).as("what a second fit on the same data saves").isEqualTo(once);
        List<DataRecord> reversed = new ArrayList<>(training.records());
        Collections.reverse(reversed);
        assertThat(saved(extractor().fit(data(reversed), parameters()))).as("what a fit saves when records come in another order; sums of"
                + " floating point numbers depend on it: sort first").isEqualTo(once);
    }

    @Test
    @DisplayName("saved and loaded, it extracts and judges the very same")
    protected void roundTripIsExact() {
        FittedExtractor fitted = fit();
        MemoryArtifact artifact = saved(fitted);
        FittedExtractor loaded = extractor().load(artifact);
        assertThat(loaded.schema().features()).as("features after loading").isEqualTo(fitted.schema().features());
        assertThat(loaded.schema().targets()).as("targets after loading").isEqualTo(fitted.schema().targets());
        for (DataRecord input : inputs()) {
            assertThat(loaded.extract(input)).as("instance after loading").isEqualTo(fitted.extract(input));
            assertThat(loaded.check(input)).as("check() after loading").isEqualTo(fitted.check(input));
        }
        assertThat(saved(loaded)).as("what a loaded extractor saves").isEqualTo(artifact);
    }

    @Test
    @DisplayName("refuses an artifact that is damaged, missing or another's as bad data")
    protected void damagedArtifactsAreRefused() {
        MemoryArtifact sound = saved(fit());
        Map<String, MemoryArtifact> damaged = new LinkedHashMap<>();
        damaged.put("an empty artifact", new MemoryArtifact());
        for (String entry : sound.entries()) {
            byte[] bytes = sound.bytes(entry);
            damaged.put("an artifact without " + entry, sound.with(entry, null));
            for (int cut : new int[] {0, 1, bytes.length / 2, bytes.length - 1}) {
                damaged.put(entry + " cut to " + cut + " of " + bytes.length + " bytes", sound.with(entry, Arrays.copyOf(bytes, cut)));
            }
            byte[] rubbish = new byte[bytes.length];
            Arrays.fill(rubbish, (byte) 0x5a);
            damaged.put(entry + " full of rubbish", sound.with(entry, rubbish));
        }
        damaged.forEach((what, artifact) -> Checks.refusal("load() of " + what, () -> extractor().load(artifact), ErrorCode.BAD_DATA));
    }

    @Test
    @DisplayName("refuses data without records, a record without its picture, and another kind of input")
    protected void wrongInputIsRefused() {
        Checks.refusal("fit() on data without records", () -> extractor().fit(data(List.of()), parameters()), ErrorCode.BAD_DATA,
                ErrorCode.INVALID_INPUT);
        FittedExtractor fitted = fit();
        WhereforeException e = Checks.refusal("extract() of a record without its picture", () -> fitted.extract(record("r", 1, null, null)),
                ErrorCode.INVALID_INPUT);
        assertThat(e.pointer().orElse("")).as("the refusal points at the field").contains("image");
        assertThatThrownBy(() -> fitted.extract(new History(List.of())), "extract() of a history").isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @DisplayName("gives the same answers to many threads at once")
    protected void isThreadSafe() {
        FeatureExtractor shared = extractor();
        FittedExtractor fitted = fit();
        List<Instance> expected = inputs().stream().map(fitted::extract).toList();
        Checks.concurrently("extract()", expected, () -> inputs().stream().map(fitted::extract).toList());
        MemoryArtifact artifact = saved(fitted);
        Checks.concurrently("fit()", artifact, () -> saved(shared.fit(training, parameters())));
        Checks.concurrently("load()", artifact, () -> saved(shared.load(artifact)));
    }

    @Test
    @DisplayName("keeps neither data nor what was fitted after the call")
    protected void keepsNothing() {
        FeatureExtractor kept = extractor();
        List<WeakReference<?>> references = fitAndForget(kept);
        Checks.forgotten("the training data", references.get(0));
        Checks.forgotten("the fitted extractor", references.get(1));
        assertThat(kept.name()).isNotNull();
    }

    private List<WeakReference<?>> fitAndForget(FeatureExtractor kept) {
        CleanData data = data(20, 9);
        FittedExtractor fitted = kept.fit(data, parameters());
        fitted.extract(data.records().get(0));
        return List.of(new WeakReference<>(data), new WeakReference<>(fitted));
    }
}
