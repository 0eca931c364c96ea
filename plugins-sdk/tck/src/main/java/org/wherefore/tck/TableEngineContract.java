package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.data.Tables;
import org.wherefore.testkit.service.MemoryArtifact;
import org.wherefore.testkit.service.RecordingProgress;

/** What an engine promises that learns rows of a table: all of {@link EngineContract}, and what only rows can ask. */
public abstract class TableEngineContract extends EngineContract {
    @Override
    protected FeatureSchema schema(int targets) {
        return FeatureSchema.of(List.of(FeatureSpec.number("amount"), FeatureSpec.category("channel", "web", "shop", "phone"),
                FeatureSpec.number("age"), FeatureSpec.number("count")), IntStream.range(0, targets).mapToObj(i -> "t" + i).toList());
    }

    @Override
    protected List<Example> examples(int count, long seed) {
        return Tables.classes(schema(), count, seed);
    }

    @Override
    protected List<? extends Instance> instances() {
        return List.of(Tables.row(schema(), 1), Tables.row(schema(), 2).with(0, Double.NaN), Tables.row(schema(), 3).with(1, Double.NaN));
    }

    @Test
    @DisplayName("scores rows with missing values")
    protected void missingValuesAreScored() {
        double[] nothing = new double[schema().features().size()];
        java.util.Arrays.fill(nothing, Double.NaN);
        try (Model model = open()) {
            for (TableInstance row : List.of(new TableInstance(nothing), Tables.row(schema(), 4).with(2, Double.NaN))) {
                for (RankedScore s : model.score(List.of(row), IntStream.range(0, schema().targets().size()).toArray(), new BitSet(), false)[0]) {
                    assertThat(s.score()).as("score of a row with missing values: NaN is a value that every model of tables must read").isFinite();
                }
            }
        }
    }

    @Test
    @DisplayName("learns from rows of which no target is right")
    protected void noTargetIsATarget() {
        List<Example> half = Stream.concat(examples(30, 1).stream(), examples(30, 3).stream().map(e -> new Example(e.instance(), Example.NONE)))
                .toList();
        MemoryArtifact artifact = new MemoryArtifact();
        engine().train(new TrainingRequest(schema(), half, half, parameters(), 7, threads(), null), artifact, new RecordingProgress());
        try (Model model = engine().load(new ModelInfo("contract", 1, engine().name(), "sha256:0"), schema(), artifact)) {
            assertThat(model.predict(instances().get(0), 1, new BitSet())).as("answers of a model that learned from rows without a target")
                    .hasSize(1);
        }
    }

    @Test
    @DisplayName("refuses a row of another table")
    protected void otherRowsAreRefused() {
        try (Model model = open()) {
            Checks.refusal("score() of a row with " + (schema().features().size() + 1) + " values of " + schema().features().size(),
                    () -> model.score(List.of(new TableInstance(new double[schema().features().size() + 1])), new int[] {0}, new BitSet(), false),
                    ErrorCode.INVALID_INPUT, ErrorCode.UNSUPPORTED);
        }
    }
}
