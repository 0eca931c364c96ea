package org.wherefore.explainer.shap.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Version;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameters;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.explain.spi.Parts;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.data.Tables;
import org.wherefore.testkit.model.ToyFunction;
import org.wherefore.testkit.model.ToyImageModel;
import org.wherefore.testkit.model.ToyModel;
import org.wherefore.testkit.model.ToyTableModel;
import org.wherefore.testkit.model.WatchedModel;

class ShapExplainerTest {
    private final ShapExplainer explainer = new ShapExplainer(Version.parseVersion("1.2.3.SNAPSHOT"));

    private ExplanationContext ask(Model model, FeatureSchema schema, Instance instance, int budget, String... parameters) {
        Map<String, String> given = new java.util.TreeMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            given.put(parameters[i], parameters[i + 1]);
        }
        return ExplanationContext.of(model, schema, instance, 0).withBudget(budget)
                .withParameters(Parameters.bind("/explain/parameters/", explainer.parameters(), given));
    }

    private Attribution explain(ExplanationContext context) {
        return explainer.explain(context).get(0);
    }

    private static double[] byPosition(Attribution a, int count) {
        double[] out = new double[count];
        a.contributions().forEach(c -> out[c.position()] = c.value());
        return out;
    }

    private static void addsUp(Attribution a) {
        double sum = a.contributions().stream().mapToDouble(Contribution::value).sum();
        assertThat(sum).as("efficiency").isCloseTo(a.score() - a.baseValue(), within(1e-6));
        assertThat(a.completenessGap()).isCloseTo(0, within(1e-6));
    }

    /** Bends everywhere and mixes everything: no part of it is additive. */
    private static ToyFunction<SequenceInstance> tangled(FeatureSchema schema) {
        return ToyFunction.of(schema, SequenceInstance.class, (history, target) -> {
            double a = 0.3 * target;
            double b = 1;
            for (int p = 0; p < history.length(); p++) {
                a += Math.sin(history.item(p) + 1);
                b *= 1 + 0.5 * Math.cos(3 * history.item(p) + p);
            }
            return Math.tanh(a) * 2 + b;
        });
    }

    private static double[] definition(ToyFunction<SequenceInstance> model, SequenceInstance history, int target) {
        int n = history.length();
        double[] worth = new double[1 << n];
        for (int set = 0; set < worth.length; set++) {
            int kept = set;
            worth[set] = model.scoreOf(history.without(IntStream.range(0, n).filter(p -> (kept >> p & 1) == 0).toArray()), target);
        }
        double[] out = new double[n];
        double[] factorial = new double[n + 1];
        factorial[0] = 1;
        for (int i = 1; i <= n; i++) {
            factorial[i] = i * factorial[i - 1];
        }
        for (int set = 0; set < worth.length; set++) {
            for (int p = 0; p < n; p++) {
                if ((set >> p & 1) == 0) {
                    int size = Integer.bitCount(set);
                    out[p] += factorial[size] * factorial[n - size - 1] / factorial[n] * (worth[set | 1 << p] - worth[set]);
                }
            }
        }
        return out;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 6, 9, 12})
    void fewEventsGetExactlyTheValuesOfTheDefinition(int n) {
        FeatureSchema schema = FeatureSchemas.items(12);
        SequenceInstance history = Histories.sequence(IntStream.range(0, n).map(i -> i * 7 % 11).toArray());
        ToyFunction<SequenceInstance> model = tangled(schema);
        WatchedModel watched = new WatchedModel(model, 12);
        Attribution a = explain(ask(watched, schema, history, 4 + (1 << n)));
        assertThat(byPosition(a, n)).containsExactly(definition(model, history, 0), within(1e-10));
        assertThat(a.contributions()).hasSize(n).allMatch(c -> c.stdError() == 0);
        assertThat(watched.evaluations(0)).isEqualTo(1 << n);
        addsUp(a);
    }

    @Test
    void manyEventsAreSampledAndTheErrorsAreHonest() {
        FeatureSchema schema = FeatureSchemas.items(12);
        SequenceInstance history = Histories.sequence(IntStream.range(0, 12).map(i -> i * 7 % 11).toArray());
        ToyFunction<SequenceInstance> model = tangled(schema);
        double[] exact = definition(model, history, 0);
        for (int budget : new int[] {100, 400, 1200}) {
            double squares = 0;
            double off = 0;
            int within2 = 0;
            for (long seed = 0; seed < 40; seed++) {
                Attribution a = explain(ask(model, schema, history, budget).withSeed(seed));
                addsUp(a);
                for (Contribution c : a.contributions()) {
                    double z = (c.value() - exact[c.position()]) / c.stdError();
                    squares += z * z / 480;
                    off += Math.abs(c.value() - exact[c.position()]) / 480;
                    within2 += Math.abs(z) < 2 ? 1 : 0;
                }
            }
            System.out.printf("budget %d: off by %.4f in the mean, root mean square in standard errors %.2f, within two of them %.3f%n", budget, off, Math.sqrt(squares), within2 / 480.0);
            assertThat(Math.sqrt(squares)).as("deviations in standard errors, budget %d", budget).isBetween(0.7, 1.2);
            assertThat(within2 / 480.0).isGreaterThan(0.9);
        }
    }

    @Test
    void additiveScoresAreRecoveredExactlyFromFewSets() {
        FeatureSchema schema = FeatureSchemas.items(12);
        ToyModel model = ToyModel.additive(schema);
        SequenceInstance history = Histories.sequence(IntStream.range(0, 60).map(i -> i * 5 % 12).toArray());
        Attribution a = explain(ask(model, schema, history, 256));
        assertThat(byPosition(a, 60)).containsExactly(model.leaveOneOut(history, 0), within(1e-9));
        assertThat(a.contributions()).allMatch(c -> c.stdError() < 1e-9);
        addsUp(a);
    }

    @Test
    void aLongHistoryGetsItsNewestEventsExplainedAndTheRestInTheGap() {
        FeatureSchema schema = FeatureSchemas.items(12);
        ToyModel model = ToyModel.additive(schema);
        SequenceInstance history = Histories.sequence(IntStream.range(0, 300).map(i -> i * 5 % 12).toArray());
        WatchedModel watched = new WatchedModel(model, 12);
        Attribution a = explain(ask(watched, schema, history, 512));
        assertThat(watched.evaluations(0)).isEqualTo(512);
        assertThat(a.contributions().stream().mapToInt(Contribution::position).sorted()).containsExactly(IntStream.range(174, 300).boxed().toArray(Integer[]::new));
        double[] exact = model.leaveOneOut(history, 0);
        assertThat(a.completenessGap()).isCloseTo(Arrays.stream(exact, 0, 174).sum(), within(1e-9));
        a.contributions().forEach(c -> assertThat(c.value()).isCloseTo(exact[c.position()], within(1e-9)));
    }

    @Test
    void aCancelledCallAnswersWithTheSetsKnownByThen() {
        FeatureSchema schema = FeatureSchemas.items(12);
        ToyModel model = ToyModel.additive(schema).withPair(3, 4, 2);
        SequenceInstance history = Histories.sequence(IntStream.range(0, 400).map(i -> i * 5 % 12).toArray());
        double[] exact = model.shapley(history, 0);
        for (int at = 0; at < 5; at++) {
            int most = at;
            AtomicInteger asked = new AtomicInteger();
            Attribution a = explain(ask(model, schema, history, 4000).cancelledBy(() -> asked.getAndIncrement() >= most));
            double sum = a.baseValue() + a.completenessGap() + a.contributions().stream().mapToDouble(Contribution::value).sum();
            assertThat(sum).isCloseTo(a.score(), within(1e-9));
            assertThat(a.contributions()).hasSize(Math.min(400, 128 * at));
            a.contributions().forEach(c -> assertThat(c.value()).isCloseTo(exact[c.position()], within(0.05 + 6 * c.stdError())));
            assertThat(a.contributions().stream().mapToInt(Contribution::position).min().orElse(400)).isEqualTo(400 - Math.min(400, 128 * at));
        }
    }

    @Test
    void aRefusedEmptyHistoryHasABaseValueOfZero() {
        FeatureSchema schema = FeatureSchemas.items(3);
        ToyFunction<SequenceInstance> model = ToyFunction.of(schema, SequenceInstance.class, (h, t) -> {
            if (h.length() == 0) {
                throw WhereforeException.invalid("history", "empty");
            }
            return 1.0 + h.length();
        });
        Attribution a = explain(ask(model, schema, Histories.sequence(0, 1), 10));
        assertThat(a.baseValue()).isZero();
        addsUp(a);
    }

    private static List<TableInstance> rows(List<Example> cases) {
        return cases.stream().map(e -> (TableInstance) e.instance()).toList();
    }

    private static double[] even(int n) {
        double[] w = new double[n];
        Arrays.fill(w, 1.0 / n);
        return w;
    }

    @Test
    void tablesGetTheClosedFormAgainstTheirCases() {
        FeatureSchema schema = Tables.numbers(6);
        List<Example> cases = Tables.cases(schema, 20, 1);
        TableInstance row = Tables.row(schema, 2).with(4, Double.NaN);
        ToyTableModel linear = ToyTableModel.linear(schema, new double[] {2}, new double[][] {{1, -2, 0.5, 0, 3, 1}});
        for (ToyTableModel model : List.of(linear, linear.withPair(0, 3, 2).withPair(1, 2, -1))) {
            Attribution a = explain(ask(model, schema, row, 2000).withCases(cases));
            assertThat(byPosition(a, 6)).containsExactly(model.shapley(row, rows(cases), even(20), 0), within(1e-9));
            assertThat(a.baseValue()).isCloseTo(model.baseValue(rows(cases), even(20), 0), within(1e-12));
            addsUp(a);
        }
        // Too many features for all sets: a linear model is recovered from few.
        FeatureSchema wide = Tables.numbers(40);
        double[] weight = IntStream.range(0, 40).mapToDouble(i -> i - 20).toArray();
        ToyTableModel model = ToyTableModel.linear(wide, new double[] {1}, new double[][] {weight});
        List<Example> few = Tables.cases(wide, 5, 3);
        TableInstance wideRow = Tables.row(wide, 4);
        Attribution a = explain(ask(model, wide, wideRow, 2000).withCases(few));
        assertThat(byPosition(a, 40)).containsExactly(model.shapley(wideRow, rows(few), even(5), 0), within(1e-8));
        assertThat(a.contributions()).allMatch(c -> c.stdError() < 1e-8);
        addsUp(a);
    }

    @Test
    void logisticTreesAndGroupsGetTheValuesOfTheDefinition() {
        FeatureSchema schema = Tables.schema(FeatureSpec.number("age"), FeatureSpec.number("red").in("colour"), FeatureSpec.number("green").in("colour"),
                FeatureSpec.number("blue").in("colour"), FeatureSpec.category("shape", "round", "square", "long"));
        List<Example> cases = Tables.cases(schema, 12, 5);
        TableInstance row = Tables.row(schema, 6);
        ToyTableModel logistic = ToyTableModel.linear(schema, new double[] {0}, new double[][] {{1, 2, -1, 0.5, 0.7}}).withPair(0, 4, 1).logistic();
        ToyFunction<TableInstance> tree = ToyFunction.of(schema, TableInstance.class,
                (x, t) -> x.value(4) == 1 ? x.value(0) > 0 ? 3.0 : 1.0 : x.value(1) == 1 ? -2.0 : 0.5);
        for (ToyFunction<TableInstance> model : List.of(logistic, tree)) {
            Attribution a = explain(ask(model, schema, row, 512).withCases(cases));
            Parts parts = Parts.features(schema, row, rows(cases), even(12));
            double[] exact = ToyTableModel.byDefinition(parts, x -> model.scoreOf(x, 0));
            assertThat(a.contributions()).extracting(Contribution::feature).containsExactlyInAnyOrder("feature:age", "feature:colour", "feature:shape");
            for (int p = 0; p < 3; p++) {
                int part = p;
                assertThat(a.contributions()).filteredOn(c -> c.feature().equals(parts.feature(part))).extracting(Contribution::value)
                        .allSatisfy(v -> assertThat(v).isCloseTo(exact[part], within(1e-12)));
            }
            addsUp(a);
        }
    }

    @Test
    void manyCasesAreSummarisedByRowsOfTheirOwn() {
        FeatureSchema schema = Tables.schema(FeatureSpec.number("x"), FeatureSpec.number("y"), FeatureSpec.category("c", "p", "q"));
        List<TableInstance> cases = new ArrayList<>(rows(Tables.cases(schema, 3000, 7)));
        cases.set(5, cases.get(5).with(0, Double.NaN));
        Background background = Background.of(schema, cases, 50);
        assertThat(background.rows()).hasSizeBetween(40, 50).isSubsetOf(cases);
        assertThat(Arrays.stream(background.weights()).sum()).isCloseTo(1, within(1e-9));
        double mean = IntStream.range(0, background.rows().size()).mapToDouble(r -> background.weights()[r] * background.rows().get(r).value(1)).sum();
        assertThat(mean).isCloseTo(cases.stream().mapToDouble(r -> r.value(1)).average().orElseThrow(), within(0.15));
        assertThat(Background.of(schema, cases, 50).rows()).isEqualTo(background.rows());
    }

    @Test
    void moreCasesThanTheBudgetAllowsAreCutDownAndTheBudgetIsKept() {
        FeatureSchema schema = Tables.numbers(8);
        ToyTableModel model = ToyTableModel.linear(schema, new double[] {2}, new double[][] {{1, -2, 0.5, 0, 3, 1, 1, 1}}).withPair(0, 1, 3);
        for (int budget : new int[] {4, 5, 9, 30, 100, 512, 5000, 60_000}) {
            WatchedModel watched = new WatchedModel(model, 1);
            Attribution a = explain(ask(watched, schema, Tables.row(schema, 9), budget).withCases(Tables.cases(schema, 300, 8)));
            assertThat(watched.evaluations(0)).isLessThanOrEqualTo(budget);
            assertThat(watched.batches()).allMatch(b -> b <= 256);
            assertThat(a.contributions()).hasSizeGreaterThanOrEqualTo(budget >= 34 ? 8 : 1);
            assertThat(a.baseValue() + a.completenessGap() + a.contributions().stream().mapToDouble(Contribution::value).sum()).isCloseTo(a.score(), within(1e-9));
        }
        assertThat(ShapExplainer.affordableRows(511, 4, 300)).isEqualTo(34);
        assertThat(ShapExplainer.affordableRows(511, 8, 300)).isEqualTo(7);
        assertThat(ShapExplainer.affordableRows(59_999, 8, 200)).isEqualTo(200);
    }

    @Test
    void aTableWithoutCasesIsRefused() {
        FeatureSchema schema = Tables.numbers(2);
        ToyTableModel model = ToyTableModel.linear(schema, new double[] {2}, new double[][] {{1, -2}});
        assertThatThrownBy(() -> explain(ask(model, schema, Tables.row(schema, 1), 100))).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED)).hasMessageContaining("needs cases");
        assertThatThrownBy(() -> explain(ask(model, schema, Tables.row(schema, 1), 3).withCases(Tables.cases(schema, 3, 1))))
                .hasMessageContaining("got 3");
    }

    @Test
    void regionsOfAnImageGetWhatTheirPixelsAdd() {
        Random random = new Random(11);
        float[] values = new float[2 * 24 * 24];
        double[] weight = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i / 24 % 24 < 12 ? 1 : 0) + random.nextFloat();
            weight[i] = random.nextGaussian();
        }
        ImageInstance image = new ImageInstance(2, 24, 24, values);
        FeatureSchema schema = FeatureSchema.of(List.of(), List.of("yes"));
        ToyImageModel model = ToyImageModel.linear(schema, 0.5, weight);
        for (String fill : List.of("blur", "mean")) {
            Attribution a = explain(ask(model, schema, image, 512, "fill", fill, "regions", "20"));
            Parts parts = Parts.regions(image, 20, Parts.Fill.valueOf(fill.toUpperCase(java.util.Locale.ROOT)));
            assertThat(a.contributions()).hasSize(parts.count());
            for (Contribution c : a.contributions()) {
                BitSet others = new BitSet();
                others.set(0, parts.count());
                others.clear(c.position());
                assertThat(c.value()).isCloseTo(a.score() - model.scoreOf((ImageInstance) parts.keeping(others).get(0), 0), within(1e-4));
                assertThat(c.feature()).isEqualTo(parts.feature(c.position()));
            }
            addsUp(a);
        }
        assertThatThrownBy(() -> explain(ask(model, schema, image, 512, "fill", "noise"))).hasMessageContaining("fill is blur or mean, got 'noise'");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 8, 11, 12, 40})
    void setsComeInPairsOnceAndFromTheOutsideIn(int n) {
        for (int most : new int[] {4 * n, 6 * n, 20 * n, 4094}) {
            int all = n <= 12 ? (1 << n) - 2 : Integer.MAX_VALUE;
            List<BitSet> plan = Coalitions.plan(n, most, 3);
            assertThat(plan).doesNotHaveDuplicates().hasSize(Math.min(all, most / 2 * 2));
            for (int i = 0; i < plan.size(); i += 2) {
                BitSet complement = (BitSet) plan.get(i).clone();
                complement.flip(0, n);
                assertThat(plan.get(i + 1)).isEqualTo(complement);
            }
            for (int i = 0; i < (n == 2 ? 1 : n); i++) {
                assertThat(plan.get(2 * i).toString()).isEqualTo("{" + i + "}");
            }
        }
    }
}
