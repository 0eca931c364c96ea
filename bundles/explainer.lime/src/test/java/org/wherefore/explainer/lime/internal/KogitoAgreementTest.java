package org.wherefore.explainer.lime.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.apache.commons.math3.stat.regression.OLSMultipleLinearRegression;
import org.junit.jupiter.api.Test;
import org.kie.kogito.explainability.local.lime.LimeConfig;
import org.kie.kogito.explainability.model.FeatureFactory;
import org.kie.kogito.explainability.model.FeatureImportance;
import org.kie.kogito.explainability.model.Output;
import org.kie.kogito.explainability.model.PerturbationContext;
import org.kie.kogito.explainability.model.PredictionInput;
import org.kie.kogito.explainability.model.PredictionOutput;
import org.kie.kogito.explainability.model.PredictionProvider;
import org.kie.kogito.explainability.model.SimplePrediction;
import org.kie.kogito.explainability.model.Type;
import org.kie.kogito.explainability.model.Value;
import org.osgi.framework.Version;
import org.wherefore.api.Parameters;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;
import org.wherefore.testkit.model.ToyFunction;
import org.wherefore.testkit.model.ToyTableModel;

/**
 * Three parties on 24 fixed models of six yes-or-no features: this strategy, LIME of Kogito's explainability-core, which was written by
 * others, and the line that fits best over all 64 rows, by the QR of commons-math. The two LIMEs look at different neighbourhoods: ours draws every
 * feature anew, Kogito changes one to three, and their kernels differ. A linear model has one line everywhere, so that there they must agree in
 * numbers; elsewhere only where a line fits at all can they agree, and in direction. Kogito's slopes come from stochastic descent with a constant
 * step, which keeps some noise.
 */
class KogitoAgreementTest {
    private static final int FEATURES = 6;
    /** Below it no line says much of the model, and which neighbourhood was asked decides. */
    private static final double FIT = 0.5;
    private final FeatureSchema schema = FeatureSchema.of(IntStream.range(0, FEATURES).mapToObj(f -> FeatureSpec.category("f" + f, "no", "yes")).toList(),
            List.of("yes"));
    private final LimeExplainer ours = new LimeExplainer(new Version(1, 0, 0));

    private List<ToyFunction<TableInstance>> models() {
        List<ToyFunction<TableInstance>> models = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            Random random = new Random(i);
            ToyTableModel linear = ToyTableModel.linear(schema, new double[] {random.nextGaussian()},
                    new double[][] {random.doubles(FEATURES, -2, 2).toArray()});
            models.add(switch (i % 4) {
                case 0 -> linear;
                case 1 -> linear.logistic();
                case 2 -> linear.withPair(0, 1 + random.nextInt(5), 1).withPair(2, 5, -1);
                default -> tree(random);
            });
        }
        return models;
    }

    private ToyFunction<TableInstance> tree(Random random) {
        int[] feature = random.ints(7, 0, FEATURES).toArray();
        double[] leaf = random.doubles(8, -5, 5).toArray();
        return ToyFunction.of(schema, TableInstance.class, (x, t) -> {
            int node = 0;
            while (node < 7) {
                node = 2 * node + (x.value(feature[node]) > 0.5 ? 2 : 1);
            }
            return leaf[node - 7];
        });
    }

    private static PredictionInput input(TableInstance row) {
        return new PredictionInput(IntStream.range(0, row.length()).mapToObj(f -> FeatureFactory.newBooleanFeature("f" + f, row.value(f) == 1)).toList());
    }

    private static PredictionProvider provider(ToyFunction<TableInstance> model) {
        return inputs -> CompletableFuture.completedFuture(inputs.stream().map(i -> {
            double[] values = i.getFeatures().stream().mapToDouble(f -> Boolean.TRUE.equals(f.getValue().getUnderlyingObject()) ? 1 : 0).toArray();
            return new PredictionOutput(List.of(new Output("yes", Type.NUMBER, new Value(model.scoreOf(new TableInstance(values), 0)), 1)));
        }).toList());
    }

    private static double[] kogito(ToyFunction<TableInstance> model, TableInstance row) throws Exception {
        LimeConfig config = new LimeConfig().withSamples(2000).withPerturbationContext(new PerturbationContext(0L, new Random(0), 1))
                .withPenalizeBalanceSparse(false).withProximityFilter(false).withAdaptiveVariance(false).withNormalizeWeights(false);
        PredictionInput asked = input(row);
        PredictionOutput answer = provider(model).predictAsync(List.of(asked)).get().get(0);
        return new org.kie.kogito.explainability.local.lime.LimeExplainer(config).explainAsync(new SimplePrediction(asked, answer), provider(model)).get().get("yes")
                .getPerFeatureImportance().stream().mapToDouble(FeatureImportance::getScore).toArray();
    }

    /** Slopes of the line that fits best over all 64 rows, each weighing as much as its number of differences from the row has it. */
    private static double[] best(ToyFunction<TableInstance> model, TableInstance row, double[] weightByDifferences) {
        double[][] x = new double[1 << FEATURES][FEATURES + 1];
        double[] y = new double[x.length];
        for (int flips = 0; flips < x.length; flips++) {
            double root = Math.sqrt(weightByDifferences[Integer.bitCount(flips)]);
            TableInstance other = row;
            x[flips][FEATURES] = root;
            for (int f = 0; f < FEATURES; f++) {
                boolean flipped = (flips >> f & 1) == 1;
                other = flipped ? other.with(f, 1 - row.value(f)) : other;
                x[flips][f] = flipped ? 0 : root;
            }
            y[flips] = root * model.scoreOf(other, 0);
        }
        OLSMultipleLinearRegression qr = new OLSMultipleLinearRegression();
        qr.setNoIntercept(true);
        qr.newSampleData(y, x);
        return Arrays.copyOf(qr.estimateRegressionParameters(), FEATURES);
    }

    /** Ours draws every feature anew; the kernel is 0.75 times the root of six wide. */
    private static double[] oursByDifferences() {
        return IntStream.rangeClosed(0, FEATURES).mapToDouble(d -> Math.exp(-d / (0.5625 * FEATURES) / 2)).toArray();
    }

    /** Kogito changes one to three features; its kernel is 0.5 times the root of six wide. */
    private static double[] theirsByDifferences() {
        double[] sets = {1, 6, 15, 20};
        return IntStream.rangeClosed(0, FEATURES).mapToDouble(d -> d == 0 || d > 3 ? 0 : Math.exp(-d / (0.25 * FEATURES) / 2) / sets[d]).toArray();
    }

    private static double cosine(double[] a, double[] b) {
        double dot = IntStream.range(0, FEATURES).mapToDouble(f -> a[f] * b[f]).sum();
        return dot / Math.sqrt(Arrays.stream(a).map(v -> v * v).sum() * Arrays.stream(b).map(v -> v * v).sum());
    }

    @Test
    void bothAgreeWithEachOtherAndWithTheBestLineWhereALineFits() throws Exception {
        List<Example> cases = IntStream.range(0, 1 << FEATURES).mapToObj(r -> new Example(new TableInstance(IntStream.range(0, FEATURES)
                .mapToDouble(f -> r >> f & 1).toArray()), 0)).toList();
        double linear = 0;
        double oursOff = 0;
        double leastOurs = 1;
        double leastTheirs = 1;
        double least = 1;
        int compared = 0;
        List<ToyFunction<TableInstance>> models = models();
        for (int i = 0; i < models.size(); i++) {
            ToyFunction<TableInstance> model = models.get(i);
            TableInstance row = (TableInstance) cases.get(new Random(i).nextInt(64)).instance();
            Attribution a = ours.explain(ExplanationContext.of(model, schema, row, 0).withBudget(5000).withCases(cases)
                    .withParameters(Parameters.bind("/explain/parameters/", ours.parameters(), Map.of()))).get(0);
            double[] mine = new double[FEATURES];
            double[] exact = best(model, row, oursByDifferences());
            for (Contribution c : a.contributions()) {
                // Half of the cases are equal in each feature: a contribution is half a slope.
                mine[c.position()] = 2 * c.value();
                oursOff = Math.max(oursOff, Math.abs(mine[c.position()] - exact[c.position()]) / (2 * c.stdError() + 1e-6));
            }
            double[] theirs = kogito(model, row);
            leastOurs = Math.min(leastOurs, cosine(mine, exact));
            if (i % 4 == 0) {
                linear = Math.max(linear, IntStream.range(0, FEATURES).mapToDouble(f -> Math.abs(mine[f] - theirs[f])).max().orElseThrow());
            }
            double[] theirBest = best(model, row, theirsByDifferences());
            if (a.localFit() >= FIT) {
                compared++;
                least = Math.min(least, cosine(mine, theirs));
                leastTheirs = Math.min(leastTheirs, cosine(theirs, theirBest));
            } else {
                assertThat(cosine(exact, theirBest)).as("best lines of the two neighbourhoods, model %d", i).isLessThan(0.7);
            }
        }
        System.out.printf("LIME on %d models, %d with a fit of %.1f: linear ones apart by %.1e at most; cosine of ours and Kogito's at least %.3f; ours and the best line %.4f"
                + ", at most %.1f standard errors from it; Kogito's and its best line %.3f%n", models.size(), compared, FIT, linear, least, leastOurs, oursOff, leastTheirs);
        assertThat(linear).isLessThan(1e-5);
        assertThat(compared).isGreaterThanOrEqualTo(20);
        assertThat(least).isGreaterThan(0.9);
        assertThat(leastOurs).isGreaterThan(0.99);
        assertThat(oursOff).isLessThan(5);
    }
}
