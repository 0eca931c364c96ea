package org.wherefore.engine.trees.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.testkit.data.Tables;
import org.wherefore.testkit.service.MemoryArtifact;

class TreesEnginesTest {
    private static final FeatureSchema TWO = FeatureSchema.of(List.of(FeatureSpec.number("x"), FeatureSpec.number("y")), List.of("both"));

    private static Engine engine(String name) {
        return name.equals("random-forest") ? new RandomForestEngine() : new BoostedTreesEngine();
    }

    /** Right when exactly one of two is positive, which no line parts. */
    private static List<Example> crossed(int count, long seed) {
        Random random = new Random(seed);
        List<Example> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            double x = random.nextGaussian();
            double y = random.nextGaussian();
            out.add(new Example(new TableInstance(x, y), x > 0 != y > 0 ? 0 : Example.NONE));
        }
        return out;
    }

    private static double score(TreesModel model, double... row) {
        return model.score(List.of(new TableInstance(row)), new int[] {0}, new BitSet(), false)[0][0].score();
    }

    @ParameterizedTest
    @ValueSource(strings = {"boosted-trees", "random-forest"})
    void learnsWhatNoLineParts(String name) {
        try (TreesModel model = Rows.model(engine(name), TWO, crossed(3_000, 1), List.of(), Map.of())) {
            assertThat(score(model, 1, 1)).isLessThan(-2);
            assertThat(score(model, -1, -1)).isLessThan(-2);
            assertThat(score(model, 1, -1)).isGreaterThan(2);
            assertThat(score(model, -1, 1)).isGreaterThan(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"boosted-trees", "random-forest"})
    void whatIsMissingSaysSomethingWhereItDid(String name) {
        Random random = new Random(3);
        List<Example> cases = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            boolean missing = random.nextInt(3) == 0;
            cases.add(new Example(new TableInstance(missing ? Double.NaN : random.nextGaussian(), 0), missing ? 0 : Example.NONE));
        }
        try (TreesModel model = Rows.model(engine(name), TWO, cases, List.of(), Map.of("columns", "1"))) {
            assertThat(score(model, Double.NaN, 0)).isGreaterThan(2);
            assertThat(score(model, 0.3, 0)).isLessThan(-2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"boosted-trees", "random-forest"})
    void categoriesHaveNoOrder(String name) {
        FeatureSchema schema = FeatureSchema.of(List.of(FeatureSpec.category("c", "a", "b", "c", "d", "e", "f", "g")), List.of("odd"));
        List<Example> cases = new ArrayList<>();
        for (int i = 0; i < 1_400; i++) {
            cases.add(new Example(new TableInstance(i % 7), i % 7 % 2 == 1 ? 0 : Example.NONE));
        }
        try (TreesModel model = Rows.model(engine(name), schema, cases, List.of(), Map.of("depth", "1", "columns", "1"))) {
            for (int c = 0; c < 7; c++) {
                assertThat(score(model, c) > 0).as("category %d", c).isEqualTo(c % 2 == 1);
            }
            assertThat(model.trees(0).get(0).nodes()).as("one question parts them all").isEqualTo(3);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"boosted-trees", "random-forest"})
    void aWeightOfPositiveCasesMovesTheLogOddsByIts(String name) {
        List<Example> cases = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
            cases.add(new Example(new TableInstance(i % 2, 0), i % 10 == 0 ? 0 : Example.NONE));
        }
        try (TreesModel plain = Rows.model(engine(name), TWO, cases, List.of(), Map.of("columns", "1"));
                TreesModel weighted = Rows.model(engine(name), TWO, cases, List.of(), Map.of("positiveWeight", "5", "columns", "1"));
                TreesModel balanced = Rows.model(engine(name), TWO, cases, List.of(), Map.of("positiveWeight", "0", "columns", "1"))) {
            assertThat(score(plain, 0, 0)).as("a fifth of them").isCloseTo(Math.log(0.25), within(0.1));
            assertThat(score(weighted, 0, 0)).isCloseTo(Math.log(1.25), within(0.1));
            assertThat(score(balanced, 0, 0)).isCloseTo(Math.log(9 * 0.25), within(0.1));
        }
    }

    @Test
    void theForestsScoreIsTheLogOddsOfTheMeanWithOneMoreTree() {
        try (TreesModel model = Rows.model(new RandomForestEngine(), TWO, crossed(500, 1), List.of(), Map.of("trees", "25"))) {
            double[] row = {0.4, -0.2};
            double mean = model.trees(0).stream().mapToDouble(t -> t.value(t.leafOf(row))).sum();
            double positives = crossed(500, 1).stream().filter(e -> e.target() == 0).count();
            double p = (25 * mean + (positives + 0.5) / 501) / 26;
            assertThat(score(model, row)).isCloseTo(Math.log(p / (1 - p)), within(1e-12));
        }
    }

    @Test
    void validationKeepsTheBestRound() {
        List<Example> noise = new ArrayList<>();
        Random random = new Random(4);
        for (Example e : crossed(400, 2)) {
            noise.add(random.nextInt(4) == 0 ? new Example(e.instance(), -1 - e.target()) : e);
        }
        Map<String, String> long_ = Map.of("rounds", "300", "depth", "8", "minChildWeight", "0", "learningRate", "0.3", "patience", "20");
        try (TreesModel stopped = Rows.model(new BoostedTreesEngine(), TWO, noise, crossed(400, 9), long_);
                TreesModel all = Rows.model(new BoostedTreesEngine(), TWO, noise, List.of(), long_)) {
            assertThat(all.trees(0)).hasSize(300);
            assertThat(stopped.trees(0).size()).isBetween(1, 279);
            assertThat(precision(stopped)).isGreaterThanOrEqualTo(precision(all));
        }
    }

    private static double precision(TreesModel model) {
        List<Example> cases = crossed(400, 9);
        boolean[] labels = new boolean[400];
        double[] scores = new double[400];
        for (int i = 0; i < 400; i++) {
            labels[i] = cases.get(i).target() == 0;
            scores[i] = score(model, ((TableInstance) cases.get(i).instance()).values());
        }
        return AveragePrecision.of(scores, labels);
    }

    @Test
    void averagePrecisionCountsEqualScoresAsOneStep() {
        assertThat(AveragePrecision.of(new double[] {.1, .4, .35, .8}, new boolean[] {false, false, true, true})).isCloseTo(5 / 6.0, within(1e-15));
        assertThat(AveragePrecision.of(new double[] {1, 1, 1, 1}, new boolean[] {false, true, false, false})).isEqualTo(.25);
    }

    @Test
    void targetsAreLearnedApart() {
        List<Example> cases = Tables.classes(Rows.SCHEMA, 500, 1);
        List<Example> first = cases.stream().map(e -> new Example(e.instance(), e.target() == 3 ? 0 : Example.NONE)).toList();
        FeatureSchema alone = FeatureSchema.of(Rows.SCHEMA.features(), List.of("three"));
        try (TreesModel many = Rows.model(new BoostedTreesEngine(), Rows.SCHEMA, cases, List.of(), Map.of("rounds", "10"));
                TreesModel one = Rows.model(new BoostedTreesEngine(), alone, first, List.of(), Map.of("rounds", "10"))) {
            for (long seed = 0; seed < 20; seed++) {
                TableInstance row = Tables.row(Rows.SCHEMA, seed);
                assertThat(many.score(List.of(row), new int[] {3}, new BitSet(), false)[0][0].score()).isEqualTo(score(one, row.values()));
            }
        }
    }

    @Test
    void refusesWhatItCannotRead() {
        Engine engine = new BoostedTreesEngine();
        assertThat(engine.supports(FeatureSchema.of(List.of(new FeatureSpec("h", "sequence", "behaviour", false, false, true, "h")), List.of("t"))).reason())
                .contains("'h' is of kind 'sequence'");
        assertThatThrownBy(() -> Rows.model(engine, TWO, List.of(), List.of(), Map.of())).isInstanceOf(WhereforeException.class)
                .hasMessageContaining("needs training examples");
        List<Example> short_ = List.of(new Example(new TableInstance(1), 0));
        assertThatThrownBy(() -> Rows.model(engine, TWO, short_, List.of(), Map.of())).hasMessageContaining("a row of 1 values");
        try (TreesModel model = Rows.model(engine, TWO, crossed(100, 1), List.of(), Map.of("rounds", "2"))) {
            assertThatThrownBy(() -> model.predict(new SequenceInstance(new int[0], new int[0]), 1, new BitSet())).isInstanceOfSatisfying(WhereforeException.class,
                    e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED));
            assertThatThrownBy(() -> score(model, 1e300, 0)).hasMessageContaining("'x' is 1.0E300");
        }
        MemoryArtifact artifact = new MemoryArtifact();
        engine.train(new org.wherefore.api.model.TrainingRequest(TWO, crossed(50, 1), List.of(), Map.of("rounds", "1"), 1, 1, null), artifact,
                new org.wherefore.testkit.service.RecordingProgress());
        assertThatThrownBy(() -> new RandomForestEngine().load(new org.wherefore.api.model.ModelInfo("m", 1, "e", "d"), TWO, artifact))
                .hasMessageContaining("engine 'boosted-trees' wrote it, not 'random-forest'");
    }
}
