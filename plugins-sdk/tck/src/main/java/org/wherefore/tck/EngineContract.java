package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.data.ToyData;
import org.wherefore.testkit.service.MemoryArtifact;
import org.wherefore.testkit.service.RecordingProgress;

/**
 * What every engine promises, and the models that it loads: the rules of {@link ModelContract} are part of this. Subclass it,
 * give {@link #engine} and, where training takes long, {@link #parameters} that make it short.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EngineContract extends ModelContract {
    private static final ModelInfo INFO = new ModelInfo("contract", 3, "contract", "sha256:0");
    private FeatureSchema schema;
    private MemoryArtifact trained;

    /** The engine; a new one or the same for each call. */
    protected abstract Engine engine();

    /** Parameters that train a small model in about a second. None by default. */
    protected Map<String, String> parameters() {
        return Map.of();
    }

    /** Threads that training uses. 1 by default; the same seed and number of threads must give the same bytes. */
    protected int threads() {
        return 1;
    }

    /** What data with so many targets look like to the engine. Histories by default; see {@link TableEngineContract}. */
    protected FeatureSchema schema(int targets) {
        return FeatureSchemas.items(targets);
    }

    /** So many cases of {@link #schema()}, of the seed alone: what {@link #engine} learns and is judged by. */
    protected List<Example> examples(int count, long seed) {
        return ToyData.examples(count, schema().targets().size(), seed);
    }

    @Override
    protected FeatureSchema schema() {
        if (schema == null) {
            schema = schema(8);
        }
        return schema;
    }

    @Override
    protected List<? extends Instance> instances() {
        return List.of(Histories.sequence(0, 1, 2), Histories.sequence(5), Histories.sequence(7, 3, 3, 6, 2, 0, 1));
    }

    @Override
    protected final Model open() {
        if (trained == null) {
            trained = train(7);
        }
        return engine().load(INFO, schema(), trained);
    }

    private TrainingRequest request(long seed, Map<String, String> parameters) {
        return new TrainingRequest(schema(), examples(60, 1), examples(20, 2), parameters, seed, threads(), null);
    }

    private MemoryArtifact train(long seed) {
        MemoryArtifact artifact = new MemoryArtifact();
        engine().train(request(seed, parameters()), artifact, new RecordingProgress());
        assertThat(artifact.entries()).as("entries that train() wrote: at least one").isNotEmpty();
        assertThat(artifact.unclosed()).as("an entry that train() created and did not close").isNull();
        return artifact;
    }

    private static List<List<RankedScore>> scores(Model model, List<? extends Instance> inputs, int targets) {
        return Arrays.stream(model.score(inputs, IntStream.range(0, targets).toArray(), new BitSet(), true)).map(List::of).toList();
    }

    @Test
    @DisplayName("has a name and well declared parameters")
    protected void declaresItself() {
        Checks.name("name()", engine().name());
        Checks.parameters(engine().parameters());
        for (String name : parameters().keySet()) {
            assertThat(engine().parameters()).extracting(Parameter::name).as("parameter '%s', given by parameters(), is declared", name)
                    .contains(name);
        }
    }

    @Test
    @DisplayName("says yes only to what it can learn, and why not otherwise")
    protected void supportIsHonest() {
        assertThat(engine().supports(schema()).supported()).as("supports() of the contract's schema; override schema(),"
                + " instances() and examples() if the engine learns something else").isTrue();
        FeatureSchema nothing = schema(0);
        Support support = engine().supports(nothing);
        assertThat(support.supported()).as("supports() of a schema without any target").isFalse();
        assertThat(support.reason()).as("a no comes with its reason in words").isNotBlank();
        MemoryArtifact artifact = new MemoryArtifact();
        Checks.refusal("train() on a schema that supports() denies", () -> engine().train(new TrainingRequest(nothing, List.of(), List.of(),
                parameters(), 7, threads(), null), artifact, new RecordingProgress()), ErrorCode.UNSUPPORTED, ErrorCode.INVALID_INPUT);
        assertThat(artifact.entries()).as("entries after a refused training").isEmpty();
    }

    @Test
    @DisplayName("same request, same seed: same bytes")
    protected void trainingIsReproducible() {
        MemoryArtifact once = train(11);
        for (int i = 0; i < 3; i++) {
            assertThat(train(11)).as("artifact of the same request trained again: seed every random generator from the request,"
                    + " iterate over nothing unordered, write no time and no host").isEqualTo(once);
        }
    }

    @Test
    @DisplayName("trainings at the same time don't disturb each other")
    protected void trainsConcurrently() {
        Engine shared = engine();
        MemoryArtifact expected = train(11);
        Checks.concurrently("train()", 1, expected, () -> {
            MemoryArtifact artifact = new MemoryArtifact();
            shared.train(request(11, parameters()), artifact, new RecordingProgress());
            return artifact;
        });
    }

    @Test
    @DisplayName("a model loaded again, by another instance too, gives identical scores")
    protected void loadingIsExact() {
        MemoryArtifact artifact = train(11);
        Engine first = engine();
        try (Model model = first.load(INFO, schema(), artifact); Model again = first.load(INFO, schema(), artifact);
                Model other = engine().load(INFO, schema(), artifact)) {
            List<List<RankedScore>> expected = scores(model, instances(), schema().targets().size());
            assertThat(scores(again, instances(), schema().targets().size())).as("scores after loading again").isEqualTo(expected);
            assertThat(scores(other, instances(), schema().targets().size())).as("scores of a model loaded by another engine"
                    + " instance: everything the model needs must be in the artifact").isEqualTo(expected);
        }
    }

    @Test
    @DisplayName("a loaded model says which model it is")
    protected void modelsCarryTheirInfo() {
        try (Model model = open()) {
            assertThat(model.info()).as("info(): what load() was given").isEqualTo(INFO);
        }
    }

    @Test
    @DisplayName("refuses an artifact that is damaged, missing or another's as bad data")
    protected void damagedArtifactsAreRefused() {
        MemoryArtifact sound = train(11);
        Map<String, MemoryArtifact> damaged = new LinkedHashMap<>();
        damaged.put("an empty artifact", new MemoryArtifact());
        for (String entry : sound.entries()) {
            byte[] bytes = sound.bytes(entry);
            damaged.put("an artifact without " + entry, sound.with(entry, null));
            for (int cut : new int[] {0, 1, bytes.length / 4, bytes.length / 2, bytes.length - 1}) {
                damaged.put(entry + " cut to " + cut + " of " + bytes.length + " bytes", sound.with(entry, Arrays.copyOf(bytes, cut)));
            }
            byte[] rubbish = new byte[bytes.length];
            Arrays.fill(rubbish, (byte) 0x5a);
            damaged.put(entry + " of the right length full of rubbish", sound.with(entry, rubbish));
        }
        damaged.forEach((what, artifact) -> Checks.refusal("load() of " + what, () -> engine().load(INFO, schema(), artifact).close(),
                ErrorCode.BAD_DATA));
        Checks.refusal("load() of a model for 8 targets with a schema of 5", () -> engine().load(INFO, schema(5), sound).close(),
                ErrorCode.BAD_DATA);
    }

    @Test
    @DisplayName("cancelled training stops with CANCELLED and leaves nothing")
    protected void cancelLeavesNothing() {
        for (int after : new int[] {0, 1}) {
            RecordingProgress progress = RecordingProgress.cancelledAfter(after);
            MemoryArtifact artifact = new MemoryArtifact();
            Set<Thread> before = Checks.threads();
            try {
                engine().train(request(7, parameters()), artifact, progress);
            } catch (WhereforeException e) {
                assertThat(e.code()).as("the code of a training cancelled after %d reports (%s)", after, e.getMessage()).isEqualTo(ErrorCode.CANCELLED);
                assertThat(artifact.entries()).as("entries after a cancelled training: write only when training is done").isEmpty();
                Checks.noThreadLeft("a cancelled training", before);
                continue;
            }
            assertThat(progress.asked()).as("questions whether training is cancelled: ask at least once an epoch").isPositive();
            List<RecordingProgress.Update> updates = progress.updates();
            boolean wasDone = after == 1 && updates.size() == 1 && updates.get(0).done() == 1;
            assertThat(wasDone).as("training was cancelled after %d reports and ended as if it were not (reports: %s); ask"
                    + " progress.cancelled() again and again, also before the first report, and throw CANCELLED", after, updates).isTrue();
        }
    }

    @Test
    @DisplayName("reports progress that only grows, from 0 to 1")
    protected void progressGrows() {
        RecordingProgress progress = new RecordingProgress();
        engine().train(request(7, parameters()), new MemoryArtifact(), progress);
        List<Double> done = progress.updates().stream().map(RecordingProgress.Update::done).toList();
        assertThat(done).as("progress reports: at least one").isNotEmpty();
        assertThat(done).as("done: a share between 0 and 1").allMatch(d -> d >= 0 && d <= 1);
        assertThat(done).as("done: never goes back").isSorted();
        assertThat(done.get(done.size() - 1)).as("the last report: all done").isEqualTo(1.0);
    }

    @Test
    @DisplayName("leaves no thread behind")
    protected void leavesNoThread() {
        Set<Thread> before = Checks.threads();
        MemoryArtifact artifact = train(7);
        try (Model model = engine().load(INFO, schema(), artifact)) {
            model.predict(instances().get(0), 3, new BitSet());
        }
        Checks.noThreadLeft("training, loading, predicting and closing", before);
    }

    @Test
    @DisplayName("keeps no model after it was closed")
    protected void keepsNothing() {
        Engine kept = engine();
        Checks.forgotten("the closed model", loadAndForget(kept, train(7)));
        assertThat(kept.name()).isNotNull();
    }

    private WeakReference<Model> loadAndForget(Engine kept, MemoryArtifact artifact) {
        Model model = kept.load(INFO, schema(), artifact);
        model.predict(instances().get(0), 3, new BitSet());
        model.close();
        return new WeakReference<>(model);
    }

    @Test
    @DisplayName("refuses a parameter that is out of place, naming parameter and value")
    protected void wrongParametersAreRefused() {
        List<Parameter> checked = engine().parameters().stream().filter(p -> !p.kind().equals("text")).toList();
        assumeTrue(!checked.isEmpty(), "the engine declares no parameter but texts");
        for (Parameter p : checked) {
            List<String> wrong = new ArrayList<>(List.of("perhaps", ""));
            if (!p.kind().equals("flag")) {
                wrong.addAll(List.of("NaN", "-1e300", "1e300"));
            }
            if (p.kind().equals("integer")) {
                wrong.add("1.5");
            }
            for (String value : wrong) {
                Map<String, String> given = new HashMap<>(parameters());
                given.put(p.name(), value);
                MemoryArtifact artifact = new MemoryArtifact();
                WhereforeException e = Checks.refusal("train() with " + p.name() + " = '" + value + "' (" + p.kind() + ", " + p.help() + ")",
                        () -> engine().train(request(7, given), artifact, new RecordingProgress()), ErrorCode.INVALID_INPUT);
                assertThat(e.pointer().orElse("") + e.getMessage()).as("the refusal names the parameter").contains(p.name());
                assertThat(e.getMessage()).as("the refusal of %s names the value given", p.name()).contains(value);
                assertThat(artifact.entries()).as("entries after a refused training").isEmpty();
            }
        }
    }

    @Test
    @DisplayName("refuses an example whose answer is no target of the schema")
    protected void wrongExamplesAreRefused() {
        List<Example> examples = new ArrayList<>(examples(20, 1));
        examples.add(new Example(instances().get(0), schema().targets().size()));
        MemoryArtifact artifact = new MemoryArtifact();
        Checks.refusal("train() with an example that names target " + schema().targets().size() + " of as many", () -> engine().train(
                new TrainingRequest(schema(), examples, List.of(), parameters(), 7, threads(), null), artifact, new RecordingProgress()),
                ErrorCode.INVALID_INPUT, ErrorCode.BAD_DATA);
        assertThat(artifact.entries()).as("entries after a refused training").isEmpty();
    }

    @Test
    @DisplayName("learns without validation examples")
    protected void validationIsOptional() {
        MemoryArtifact artifact = new MemoryArtifact();
        engine().train(new TrainingRequest(schema(), examples(20, 1), List.of(), parameters(), 7,
                threads(), null), artifact, new RecordingProgress());
        try (Model model = engine().load(INFO, schema(), artifact)) {
            assertThat(model.predict(instances().get(0), 1, new BitSet())).hasSize(1);
        }
    }

    @Test
    @DisplayName("passes on a failure to store, and does not call it done")
    protected void storageFailuresArePassedOn() {
        Checks.refusal("train() when the artifact can't be written", () -> engine().train(request(7, parameters()), entry -> {
            throw new WhereforeException(ErrorCode.STORAGE, "the disk is full");
        }, new RecordingProgress()), ErrorCode.STORAGE);
    }
}
