package org.wherefore.explainer.lime.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.regression.OLSMultipleLinearRegression;
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

class LimeExplainerTest {
    private final LimeExplainer explainer = new LimeExplainer(Version.parseVersion("1.2.3.SNAPSHOT"));

    private ExplanationContext ask(Model model, FeatureSchema schema, Instance instance, int budget, String... parameters) {
        Map<String, String> given = new TreeMap<>();
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
        double sum = a.baseValue() + a.completenessGap() + a.contributions().stream().mapToDouble(Contribution::value).sum();
        assertThat(sum).isCloseTo(a.score(), within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 9, 14})
    void additiveScoresAreRecoveredExactlyWithAPerfectFit(int n) {
        FeatureSchema schema = FeatureSchemas.items(12);
        ToyModel model = ToyModel.additive(schema);
        SequenceInstance history = Histories.sequence(IntStream.range(0, n).map(i -> i * 7 % 11).toArray());
        Attribution a = explainer.explain(ask(model, schema, history, 512).withTargets(3)).get(0);
        assertThat(byPosition(a, n)).containsExactly(model.leaveOneOut(history, 3), within(1e-8));
        assertThat(a.baseValue()).isCloseTo(model.baseValue(3), within(1e-8));
        assertThat(a.completenessGap()).isCloseTo(0, within(1e-8));
        assertThat(a.localFit()).isCloseTo(1, within(1e-9));
        assertThat(a.contributions()).allMatch(c -> c.stdError() < 1e-8);
    }

    @Test
    void theLineIsThatOfWeightedLeastSquaresOverAllHistories() {
        int n = 6;
        FeatureSchema schema = FeatureSchemas.items(12);
        SequenceInstance history = Histories.sequence(3, 1, 4, 1, 5, 9);
        ToyFunction<SequenceInstance> model = ToyFunction.of(schema, SequenceInstance.class,
                (h, t) -> Math.tanh(IntStream.of(h.items()).mapToDouble(i -> Math.sin(i + 1)).sum()) + IntStream.of(h.items()).distinct().count());
        Attribution a = explain(ask(model, schema, history, 64));
        // By the QR of another library, on rows multiplied by the roots of their weights.
        double[][] x = new double[63][n + 1];
        double[] y = new double[63];
        for (int set = 1; set < 64; set++) {
            int kept = set;
            int size = Integer.bitCount(set);
            double sizes = size == n ? 1 : 62.0 / 5 / (size == 1 || size == 5 ? 6 : size == 3 ? 20 : 15);
            double distance = 1 - Math.sqrt(size / 6.0);
            double root = Math.sqrt(sizes * Math.sqrt(Math.exp(-distance * distance / 0.0625)));
            x[set - 1][n] = root;
            for (int p = 0; p < n; p++) {
                x[set - 1][p] = (set >> p & 1) * root;
            }
            y[set - 1] = root * model.scoreOf(history.without(IntStream.range(0, n).filter(p -> (kept >> p & 1) == 0).toArray()), 0);
        }
        OLSMultipleLinearRegression qr = new OLSMultipleLinearRegression();
        qr.setNoIntercept(true);
        qr.newSampleData(y, x);
        double[] beta = qr.estimateRegressionParameters();
        assertThat(byPosition(a, n)).containsExactly(Arrays.copyOf(beta, n), within(1e-8));
        assertThat(a.baseValue()).isCloseTo(beta[n], within(1e-8));
        double mean = 0;
        double sum = 0;
        double left = Arrays.stream(qr.estimateResiduals()).map(r -> r * r).sum();
        for (int s = 0; s < 63; s++) {
            sum += x[s][n] * x[s][n];
            mean += x[s][n] * y[s];
        }
        double centre = mean / sum;
        double all = IntStream.range(0, 63).mapToDouble(s -> Math.pow(y[s] - x[s][n] * centre, 2)).sum();
        assertThat(a.localFit()).isCloseTo(1 - left / all, within(1e-8)).isBetween(0.3, 0.99);
        addsUp(a);
    }

    @Test
    void sampledSlopesKeepTheirStandardErrors() {
        FeatureSchema schema = FeatureSchemas.items(12);
        SequenceInstance history = Histories.sequence(3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 8, 7);
        ToyFunction<SequenceInstance> model = ToyFunction.of(schema, SequenceInstance.class,
                (h, t) -> Math.tanh(IntStream.of(h.items()).mapToDouble(i -> Math.sin(i + 1)).sum()) + IntStream.of(h.items()).distinct().count());
        Attribution exact = explain(ask(model, schema, history, 4096));
        assertThat(exact.contributions()).allMatch(c -> c.stdError() == 0);
        double[] values = byPosition(exact, 12);
        for (int budget : new int[] {100, 400, 1600}) {
            double squares = 0;
            double off = 0;
            for (long seed = 0; seed < 40; seed++) {
                Attribution a = explain(ask(model, schema, history, budget).withSeed(seed));
                for (Contribution c : a.contributions()) {
                    squares += Math.pow((c.value() - values[c.position()]) / c.stdError(), 2) / 480;
                    off += Math.abs(c.value() - values[c.position()]) / 480;
                }
                addsUp(a);
            }
            System.out.printf("budget %d: off by %.4f in the mean, root mean square in standard errors %.2f%n", budget, off, Math.sqrt(squares));
            assertThat(Math.sqrt(squares)).as("deviations in standard errors, budget %d", budget).isBetween(0.6, 1.25);
        }
    }

    @Test
    void aLongHistoryGetsSlopesOfItsNewestEventsAndOneForTheOthers() {
        FeatureSchema schema = FeatureSchemas.items(12);
        ToyModel model = ToyModel.additive(schema);
        SequenceInstance history = Histories.sequence(IntStream.range(0, 300).map(i -> i * 5 % 12).toArray());
        WatchedModel watched = new WatchedModel(model, 12);
        Attribution a = explain(ask(watched, schema, history, 512));
        assertThat(watched.evaluations(0)).isEqualTo(512);
        assertThat(a.contributions().stream().mapToInt(Contribution::position).sorted()).containsExactly(IntStream.range(173, 300).boxed().toArray(Integer[]::new));
        double[] exact = model.leaveOneOut(history, 0);
        double z = Math.sqrt(a.contributions().stream().mapToDouble(c -> Math.pow((c.value() - exact[c.position()]) / c.stdError(), 2)).average().orElseThrow());
        assertThat(z).as("deviations in standard errors").isBetween(0.5, 1.5);
        assertThat(a.localFit()).isLessThan(1);
        addsUp(a);
    }

    @Test
    void aCancelledCallAnswersWithTheInputsKnownByThen() {
        FeatureSchema schema = FeatureSchemas.items(12);
        ToyModel model = ToyModel.additive(schema).withPair(3, 4, 2);
        SequenceInstance history = Histories.sequence(IntStream.range(0, 400).map(i -> i * 5 % 12).toArray());
        for (int at = 0; at < 4; at++) {
            int most = at;
            AtomicInteger asked = new AtomicInteger();
            Attribution a = explain(ask(model, schema, history, 4000).cancelledBy(() -> asked.getAndIncrement() >= most));
            addsUp(a);
            assertThat(a.contributions()).hasSize(at == 0 ? 0 : 64 * at - 1);
        }
        Attribution nothing = explain(ask(model, schema, history, 4000).cancelledBy(() -> true));
        assertThat(nothing.baseValue()).isEqualTo(nothing.score());
        assertThat(nothing.localFit()).isNaN();
    }

    @Test
    void aModelThatRefusesEmptyHistoriesIsNeverAskedForMoreThanOneEvent() {
        FeatureSchema schema = FeatureSchemas.items(3);
        ToyFunction<SequenceInstance> model = ToyFunction.of(schema, SequenceInstance.class, (h, t) -> {
            if (h.length() == 0) {
                throw WhereforeException.invalid("history", "empty");
            }
            return 1.0 + h.length();
        });
        assertThat(byPosition(explain(ask(model, schema, Histories.sequence(0, 1), 16)), 2)).containsExactly(new double[] {1, 1}, within(1e-8));
        assertThat(explain(ask(model, schema, Histories.sequence(0), 16)).contributions()).isEmpty();
        assertThatThrownBy(() -> explain(ask(model, schema, Histories.sequence(), 16))).hasMessageContaining("empty");
    }

    private static double mean(List<Example> cases, int feature) {
        return cases.stream().mapToDouble(e -> ((TableInstance) e.instance()).value(feature)).average().orElseThrow();
    }

    @Test
    void linearModelsOfNumbersAreRecoveredExactly() {
        FeatureSchema schema = Tables.numbers(12);
        double[] weight = IntStream.range(0, 12).mapToDouble(i -> i - 5.5).toArray();
        ToyTableModel model = ToyTableModel.linear(schema, new double[] {2}, new double[][] {weight});
        List<Example> cases = Tables.cases(schema, 200, 1);
        TableInstance row = Tables.row(schema, 2);
        Attribution a = explain(ask(model, schema, row, 512).withCases(cases));
        double base = 2;
        for (int f = 0; f < 12; f++) {
            assertThat(byPosition(a, 12)[f]).isCloseTo(weight[f] * (row.value(f) - mean(cases, f)), within(1e-6));
            base += weight[f] * mean(cases, f);
        }
        assertThat(a.baseValue()).isCloseTo(base, within(1e-6));
        assertThat(a.completenessGap()).isCloseTo(0, within(1e-6));
        assertThat(a.localFit()).isCloseTo(1, within(1e-9));
    }

    @Test
    void categoriesGroupsAndMissingValuesAreEqualOrNot() {
        FeatureSchema schema = Tables.schema(FeatureSpec.number("age"), FeatureSpec.number("red").in("colour"), FeatureSpec.number("green").in("colour"),
                FeatureSpec.category("shape", "round", "square"), FeatureSpec.number("income"));
        ToyTableModel model = ToyTableModel.linear(schema, new double[] {0}, new double[][] {{1, 3, -1, 2, 0.5}});
        List<Example> cases = Tables.cases(schema, 400, 5).stream().map(e -> e.hashCode() % 3 == 0
                ? new Example(((TableInstance) e.instance()).with(4, Double.NaN), 0) : e).toList();
        TableInstance row = new TableInstance(1, 1, 0, 1, Double.NaN);
        Attribution a = explain(ask(model, schema, row, 4000).withCases(cases));
        assertThat(a.contributions()).extracting(Contribution::feature).containsExactlyInAnyOrder("feature:age", "feature:colour", "feature:shape", "feature:income");
        double colour = 3 - 3 * mean(cases, 1) + mean(cases, 2);
        double known = cases.stream().map(e -> (TableInstance) e.instance()).mapToDouble(r -> r.missing(4) ? 0 : r.value(4)).average().orElseThrow();
        Map<String, Double> exact = Map.of("feature:age", 1 - mean(cases, 0), "feature:colour", colour, "feature:shape", 2 - 2 * mean(cases, 3),
                "feature:income", -0.5 * known);
        for (Contribution c : a.contributions()) {
            assertThat(c.value()).as(c.feature()).isCloseTo(exact.get(c.feature()), within(1e-6 + 4 * c.stdError()));
            assertThat(c.stdError()).isLessThan(0.1);
        }
        addsUp(a);
    }

    @Test
    void discretisedNumbersAreSeenByQuarters() {
        FeatureSchema schema = Tables.numbers(3);
        List<Example> cases = Tables.cases(schema, 400, 5);
        double[] sorted = cases.stream().mapToDouble(e -> ((TableInstance) e.instance()).value(0)).sorted().toArray();
        double cut = sorted[399 * 3 / 4];
        ToyFunction<TableInstance> model = ToyFunction.of(schema, TableInstance.class, (x, t) -> x.value(0) > cut ? 4.0 : 1.0);
        TableInstance row = new TableInstance(cut + 0.5, 0, 0);
        Attribution a = explain(ask(model, schema, row, 2000, "table", "discretised").withCases(cases));
        assertThat(byPosition(a, 3)).containsExactly(new double[] {3 * 0.75, 0, 0}, within(0.02));
        assertThat(a.localFit()).isCloseTo(1, within(1e-6));
        Attribution smooth = explain(ask(model, schema, row, 2000).withCases(cases));
        assertThat(smooth.localFit()).as("a line does not follow a step").isLessThan(0.9);
    }

    @Test
    void curvedModelsFitWorseThanNearlyLinearOnesAndNoiseNotAtAll() {
        FeatureSchema schema = Tables.numbers(5);
        List<Example> cases = Tables.cases(schema, 200, 1);
        TableInstance row = Tables.row(schema, 2);
        ToyTableModel linear = ToyTableModel.linear(schema, new double[] {2}, new double[][] {{1, 1, 1, 1, 1}});
        double gentle = explain(ask(linear.withPair(0, 1, 0.1), schema, row, 1000).withCases(cases)).localFit();
        double strong = explain(ask(linear.withPair(0, 1, 5), schema, row, 1000).withCases(cases)).localFit();
        ToyFunction<TableInstance> noise = ToyFunction.of(schema, TableInstance.class, (x, t) -> new Random(x.hashCode()).nextGaussian());
        double none = explain(ask(noise, schema, row, 60).withCases(cases)).localFit();
        assertThat(gentle).isBetween(0.98, 1.0);
        assertThat(strong).isBetween(0.2, 0.95);
        assertThat(none).as("few inputs must not flatter the line").isLessThan(0.2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lasso", "weight"})
    void fewFeaturesAreTheOnesThatMatter(String selection) {
        FeatureSchema schema = Tables.numbers(10);
        ToyTableModel model = ToyTableModel.linear(schema, new double[] {2}, new double[][] {{0, 0.01, 5, 0, 0.02, 0, 0, -4, 0, 0.01}});
        List<Example> cases = Tables.cases(schema, 200, 1);
        Attribution a = explain(ask(model, schema, new TableInstance(1, 1, 0, 1, 1, 1, 1, 0, 1, 1), 512, "features", "2", "selection", selection).withCases(cases));
        assertThat(a.contributions()).hasSize(10).filteredOn(c -> c.value() != 0).extracting(Contribution::position).containsExactlyInAnyOrder(2, 7);
        assertThat(a.localFit()).isGreaterThan(0.999);
        addsUp(a);
    }

    @Test
    void aPenaltyShrinksSlopes() {
        FeatureSchema schema = Tables.numbers(2);
        ToyTableModel model = ToyTableModel.linear(schema, new double[] {2}, new double[][] {{1, -1}});
        ExplanationContext context = ask(model, schema, Tables.row(schema, 2), 100, "ridge", "1").withCases(Tables.cases(schema, 50, 1));
        double[] full = byPosition(explain(context.withParameters(Parameters.bind("", explainer.parameters(), Map.of()))), 2);
        double[] shrunk = byPosition(explain(context), 2);
        assertThat(Math.abs(shrunk[0])).isLessThan(Math.abs(full[0])).isGreaterThan(0.5 * Math.abs(full[0]));
    }

    @Test
    void regionsOfAnImageGetWhatTheirPixelsAdd() {
        Random random = new Random(11);
        float[] values = new float[24 * 24];
        double[] weight = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (i / 24 % 24 < 12 ? 1 : 0) + random.nextFloat();
            weight[i] = random.nextGaussian();
        }
        ImageInstance image = new ImageInstance(1, 24, 24, values);
        FeatureSchema schema = FeatureSchema.of(List.of(), List.of("yes"));
        ToyImageModel model = ToyImageModel.linear(schema, 0.5, weight);
        Attribution a = explain(ask(model, schema, image, 512, "regions", "20"));
        Parts parts = Parts.regions(image, 20, Parts.Fill.BLUR);
        assertThat(a.contributions()).hasSize(parts.count());
        for (Contribution c : a.contributions()) {
            BitSet others = new BitSet();
            others.set(0, parts.count());
            others.clear(c.position());
            assertThat(c.value()).isCloseTo(a.score() - model.scoreOf((ImageInstance) parts.keeping(others).get(0), 0), within(1e-4));
        }
        assertThat(a.localFit()).isCloseTo(1, within(1e-6));
        addsUp(a);
    }

    @Test
    void refusesWhatItCannotDoAndSaysTheWayOut() {
        FeatureSchema schema = Tables.numbers(2);
        ToyTableModel model = ToyTableModel.linear(schema, new double[] {2}, new double[][] {{1, -2}});
        TableInstance row = Tables.row(schema, 1);
        List<Example> cases = Tables.cases(schema, 3, 1);
        assertThatThrownBy(() -> explain(ask(model, schema, row, 100))).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED)).hasMessageContaining("needs cases");
        assertThatThrownBy(() -> explain(ask(model, schema, row, 7).withCases(cases))).hasMessageContaining("got 7");
        assertThatThrownBy(() -> explain(ask(model, schema, row, 100, "selection", "luck").withCases(cases)))
                .hasMessageContaining("selection is lasso or weight, got 'luck'");
    }
}
