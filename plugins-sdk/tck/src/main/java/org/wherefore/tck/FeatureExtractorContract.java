package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.History;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.data.ToyData;
import org.wherefore.testkit.service.MemoryArtifact;

/** What every feature extractor promises, fitted and unfitted. Subclass it and give {@link #extractor}. */
public abstract class FeatureExtractorContract {
    private final CleanData training = ToyData.shop(30, 9, 5);

    /** The extractor; a new one or the same for each call. */
    protected abstract FeatureExtractor extractor();

    /** Parameters to fit with. None by default. */
    protected Map<String, String> parameters() {
        return Map.of();
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

    /** Known, unknown and mixed histories, an empty one, and one of 2,000 events. */
    private List<List<Event>> histories() {
        List<List<Event>> all = new ArrayList<>(training.histories().values());
        all.add(List.of());
        all.add(Histories.events("new", "nobody-had-this", "i3", "i4/never-heard", "neither-this", "i0/purchase"));
        all.add(Histories.events("new", "nobody-had-this"));
        all.add(Histories.events("new", IntStream.range(0, 2_000).mapToObj(i -> "i" + i % 9).toArray(String[]::new)));
        return all;
    }

    private static void sameSchema(String what, FeatureSchema got, FeatureSchema wanted) {
        assertThat(got.features()).as("features %s", what).isEqualTo(wanted.features());
        assertThat(got.targets()).as("targets %s", what).isEqualTo(wanted.targets());
        assertThat(got.kinds()).as("event kinds %s", what).isEqualTo(wanted.kinds());
        assertThat(got.attributes()).as("attributes %s", what).isEqualTo(wanted.attributes());
        assertThat(got.targetAttributes().stream().map(Arrays::toString).toList()).as("attributes of targets %s", what)
                .isEqualTo(wanted.targetAttributes().stream().map(Arrays::toString).toList());
    }

    @Test
    @DisplayName("has a name")
    protected void declaresItself() {
        Checks.name("name()", extractor().name());
    }

    @Test
    @DisplayName("fits a schema whose parts agree")
    protected void schemaIsSound() {
        FittedExtractor fitted = fit();
        FeatureSchema schema = fitted.schema();
        assertThat(schema.features()).as("features: what the model is fed, for people and policies").isNotEmpty();
        assertThat(schema.targets()).as("targets: each once").isNotEmpty().doesNotHaveDuplicates();
        assertThat(schema.kinds()).as("event kinds: each once").doesNotHaveDuplicates();
        assertThat(schema.attributes()).as("attributes: each once").doesNotHaveDuplicates();
        for (int t = 0; t < schema.targets().size(); t++) {
            assertThat(fitted.target(schema.targets().get(t))).as("target('%s'): its position in the schema", schema.targets().get(t)).hasValue(t);
            int[] attributes = schema.targetAttributes().get(t);
            assertThat(attributes).as("attributes of target %d: ascending, each once", t).isSorted().doesNotHaveDuplicates();
            assertThat(Arrays.stream(attributes).allMatch(a -> a < schema.attributes().size())).as("attributes of target %d: indices"
                    + " below %d", t, schema.attributes().size()).isTrue();
        }
    }

    @Test
    @DisplayName("learns from the training data only: serving teaches it nothing")
    protected void servingTeachesNothing() {
        FittedExtractor fitted = fit();
        MemoryArtifact before = saved(fitted);
        histories().forEach(h -> {
            fitted.extract(new History(h));
            fitted.positions(new History(h));
        });
        assertThat(fitted.target("nobody-had-this")).as("target() of an item that the training data did not have").isEmpty();
        assertThat(saved(fitted)).as("what is saved after serving unseen events").isEqualTo(before);
    }

    @Test
    @DisplayName("one fit does not influence another")
    protected void fitsAreIndependent() {
        FeatureExtractor shared = extractor();
        FittedExtractor first = shared.fit(training, parameters());
        MemoryArtifact before = saved(first);
        FittedExtractor second = shared.fit(ToyData.shop(10, 4, 6), parameters());
        assertThat(second.schema().targets()).as("targets of another fit: items of its own data only").contains("i0").doesNotContain("i8");
        assertThat(saved(first)).as("the first fit, after the second").isEqualTo(before);
        assertThat(saved(shared.fit(training, parameters()))).as("a third fit on the data of the first").isEqualTo(before);
    }

    @Test
    @DisplayName("same data, same bytes, whatever the order of users and entities")
    protected void fittingIsReproducible() {
        MemoryArtifact once = saved(fit());
        assertThat(saved(fit())).as("what a second fit on the same data saves").isEqualTo(once);
        Map<String, List<Event>> reversed = new LinkedHashMap<>();
        List<String> users = new ArrayList<>(training.histories().keySet());
        Collections.reverse(users);
        users.forEach(u -> reversed.put(u, training.histories().get(u)));
        List<org.wherefore.api.data.Entity> entities = new ArrayList<>(training.entities());
        Collections.reverse(entities);
        CleanData other = new CleanData(training.name(), reversed, entities, training.steps(), training.bad(), training.badCount(),
                training.digest());
        assertThat(saved(extractor().fit(other, parameters()))).as("what a fit saves when users and entities come in another order;"
                + " sort what you iterate over").isEqualTo(once);
    }

    @Test
    @DisplayName("saved and loaded, it extracts the very same instances")
    protected void roundTripIsExact() {
        FittedExtractor fitted = fit();
        MemoryArtifact artifact = saved(fitted);
        FittedExtractor loaded = extractor().load(artifact);
        sameSchema("after loading", loaded.schema(), fitted.schema());
        for (List<Event> history : histories()) {
            assertThat(loaded.extract(new History(history))).as("instance of a history of %d events after loading", history.size()).isEqualTo(fitted.extract(new History(history)));
            assertThat(loaded.positions(new History(history))).as("positions after loading").containsExactly(fitted.positions(new History(history)));
        }
        assertThat(saved(loaded)).as("what a loaded extractor saves").isEqualTo(artifact);
    }

    @Test
    @DisplayName("positions lead from each part of the instance back to its event")
    protected void positionsLeadBack() {
        FittedExtractor fitted = fit();
        for (List<Event> history : histories()) {
            Instance instance = fitted.extract(new History(history));
            int[] positions = fitted.positions(new History(history));
            assertThat(positions).as("positions: ascending, each event once").isSorted().doesNotHaveDuplicates();
            for (int p : positions) {
                assertThat(p).as("position in a history of %d events", history.size()).isBetween(0, history.size() - 1);
            }
            if (instance instanceof SequenceInstance sequence) {
                assertThat(positions).as("one position for each event of the instance").hasSize(sequence.length());
                for (int i = 0; i < positions.length; i++) {
                    assertThat(fitted.schema().targets().get(sequence.item(i))).as("item of event %d of the instance, and of the event"
                            + " its position names", i).isEqualTo(history.get(positions[i]).item());
                    assertThat(sequence.kind(i)).as("kind of event %d: an index into the schema's kinds", i)
                            .isBetween(0, Math.max(0, fitted.schema().kinds().size() - 1));
                }
            }
        }
    }

    @Test
    @DisplayName("leaves out events on unknown items, and cuts the oldest when there are too many")
    protected void newestKnownEventsStay() {
        FittedExtractor fitted = fit();
        for (List<Event> history : histories()) {
            int[] positions = fitted.positions(new History(history));
            int[] known = IntStream.range(0, history.size()).filter(i -> fitted.target(history.get(i).item()).isPresent()).toArray();
            assertThat(positions).as("positions of a history of %d events, %d of them known: the newest known events, without gaps",
                    history.size(), known.length).containsExactly(Arrays.copyOfRange(known, known.length - positions.length, known.length));
            assertThat(positions.length > 0).as("a history with known events is not empty as an instance").isEqualTo(known.length > 0);
        }
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
    @DisplayName("refuses data without any event")
    protected void emptyDataAreRefused() {
        CleanData empty = new CleanData("empty", Map.of(), List.of(), List.of(), List.of(), 0, "sha256:0");
        Checks.refusal("fit() on data without events", () -> extractor().fit(empty, parameters()), ErrorCode.BAD_DATA, ErrorCode.INVALID_INPUT);
    }

    @Test
    @DisplayName("gives the same answers to many threads at once")
    protected void isThreadSafe() {
        FeatureExtractor shared = extractor();
        FittedExtractor fitted = fit();
        List<Instance> expected = histories().stream().map(History::new).map(fitted::extract).toList();
        Checks.concurrently("extract()", expected, () -> histories().stream().map(History::new).map(fitted::extract).toList());
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
        CleanData data = ToyData.shop(5, 4, 9);
        FittedExtractor fitted = kept.fit(data, parameters());
        fitted.extract(new History(data.histories().get("u0")));
        return List.of(new WeakReference<>(data), new WeakReference<>(fitted));
    }
}
