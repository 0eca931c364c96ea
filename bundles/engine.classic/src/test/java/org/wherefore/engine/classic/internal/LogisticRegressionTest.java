package org.wherefore.engine.classic.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
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
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Model;

class LogisticRegressionTest {
    private static final FeatureSchema TWO = FeatureSchema.of(List.of(FeatureSpec.number("x"), FeatureSpec.number("y")), List.of("yes"));

    private static Model model(FeatureSchema schema, List<Example> cases, Map<String, String> parameters) {
        Toy.Artifact artifact = new Toy.Artifact();
        LogisticRegressionEngine engine = new LogisticRegressionEngine();
        engine.train(new TrainingRequest(schema, cases, List.of(), parameters, 7, 1, null), artifact, Toy.QUIET);
        return engine.load(Toy.INFO, schema, artifact);
    }

    private static double score(Model model, double... row) {
        return model.score(List.of(new TableInstance(row)), new int[] {0}, new BitSet(), false)[0][0].score();
    }

    private static Example row(boolean yes, double... values) {
        return new Example(new TableInstance(values), yes ? 0 : Example.NONE);
    }

    @Test
    void findsTheLineThatDrewTheAnswers() {
        Random random = new Random(1);
        List<Example> cases = new ArrayList<>();
        for (int i = 0; i < 50_000; i++) {
            double x = 100 + 20 * random.nextGaussian();
            double y = random.nextGaussian() / 1000;
            cases.add(row(random.nextDouble() < 1 / (1 + Math.exp(-(0.05 * (x - 110) - 800 * y))), x, y));
        }
        try (Model m = model(TWO, cases, Map.of())) {
            assertThat(score(m, 110, 0)).isCloseTo(0, within(0.05));
            assertThat(score(m, 130, 0) - score(m, 110, 0)).isCloseTo(1, within(0.05));
            assertThat(score(m, 110, 0.001) - score(m, 110, 0)).isCloseTo(-0.8, within(0.05));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-6, 0.1, 1, 100})
    void endsWhereTheGradientIsNothing(double penalty) {
        Random random = new Random(2);
        double[][] rows = new double[300][8];
        boolean[] labels = new boolean[300];
        for (int i = 0; i < 300; i++) {
            for (int f = 0; f < 8; f++) {
                rows[i][f] = f == 7 ? rows[i][0] : random.nextGaussian();
            }
            labels[i] = rows[i][0] + rows[i][1] > 1.5 || i % 50 == 0;
        }
        Newton newton = new Newton(rows, labels, 3, penalty);
        double[] w = newton.solve(round -> { });
        assertThat(Arrays.stream(newton.gradient(w)).map(Math::abs).max().orElse(1)).isLessThan(1e-6);
        for (int f = 0; f < 9; f++) {
            double[] up = w.clone();
            double[] down = w.clone();
            up[f] += 1e-3;
            down[f] -= 1e-3;
            assertThat(newton.gradient(up)[f] - newton.gradient(down)[f]).as("convex").isPositive();
        }
    }

    @Test
    void aSingleColumnOfZerosAndOnesHasAClosedForm() {
        List<Example> cases = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            cases.add(row(i % 2 == 0 ? i % 5 == 0 : i % 3 == 0, i % 2, 0));
        }
        double yes = cases.stream().filter(c -> c.target() == 0 && ((TableInstance) c.instance()).value(0) == 0).count() / 5000.0;
        try (Model m = model(TWO, cases, Map.of("l2", "0.000001"))) {
            assertThat(score(m, 0, 0)).isCloseTo(Math.log(yes / (1 - yes)), within(1e-6));
        }
        try (Model m = model(TWO, cases, Map.of("l2", "0.000001", "positiveWeight", "4"))) {
            assertThat(score(m, 0, 0)).isCloseTo(Math.log(4 * yes / (1 - yes)), within(1e-6));
        }
    }

    @Test
    void categoriesHaveNoOrderAndWhatIsMissingSaysSomething() {
        FeatureSchema schema = FeatureSchema.of(List.of(FeatureSpec.category("c", "a", "b", "c"), FeatureSpec.number("x")), List.of("yes"));
        List<Example> cases = new ArrayList<>();
        for (int i = 0; i < 4_000; i++) {
            cases.add(row(i % 4 == 1 || i % 8 == 3, i % 4 == 3 ? Double.NaN : i % 4, i % 8 == 3 ? Double.NaN : 5));
        }
        try (Model m = model(schema, cases, Map.of())) {
            assertThat(score(m, 1, 5)).isGreaterThan(3);
            assertThat(score(m, 0, 5)).isLessThan(-3);
            assertThat(score(m, 2, 5)).isLessThan(-3);
            assertThat(score(m, Double.NaN, 5)).isLessThan(-3);
            assertThat(score(m, Double.NaN, Double.NaN)).isGreaterThan(3);
        }
    }

    @Test
    void perfectlyPartedAndOneSidedAnswersGiveFiniteScores() {
        List<Example> parted = new ArrayList<>();
        List<Example> none = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            parted.add(row(i >= 100, i, 7));
            none.add(row(false, i, 7));
        }
        try (Model m = model(TWO, parted, Map.of("l2", "0.000001")); Model n = model(TWO, none, Map.of())) {
            assertThat(score(m, 150, 7)).isFinite().isGreaterThan(5);
            assertThat(score(m, 50, 7)).isFinite().isLessThan(-5);
            assertThat(score(n, 50, 7)).isCloseTo(Math.log(0.5 / 200.5), within(1e-9));
        }
    }

    @Test
    void refusesWhatItCannotRead() {
        List<Example> cases = List.of(row(true, 1, 2), row(false, 2, 1));
        FeatureSchema wide = FeatureSchema.of(List.of(FeatureSpec.category("c", java.util.stream.IntStream.range(0, 3_000).mapToObj(i -> "n" + i)
                .toArray(String[]::new))), List.of("yes"));
        assertThat(new LogisticRegressionEngine().supports(wide).reason()).contains("3001").contains("rare categories");
        try (Model m = model(TWO, cases, Map.of("epochs", "3"))) {
            assertThatThrownBy(() -> score(m, 1)).hasMessageContaining("a row of 1 values");
            assertThatThrownBy(() -> m.predict(Toy.history(1), 1, new BitSet())).isInstanceOfSatisfying(WhereforeException.class,
                    e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED));
        }
    }
}
