package org.wherefore.explainer.shap.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.kie.kogito.explainability.local.shap.ShapConfig;
import org.kie.kogito.explainability.local.shap.ShapKernelExplainer;
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
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.explain.spi.Parts;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;
import org.wherefore.testkit.data.Tables;
import org.wherefore.testkit.model.ToyFunction;
import org.wherefore.testkit.model.ToyTableModel;

/**
 * Three parties on 24 fixed models against ten background rows: the definition, this strategy, and Kernel SHAP of Kogito's
 * explainability-core, which was written by others. All see every set of the features, so nothing is sampled.
 */
class KogitoAgreementTest {
    private static final int FEATURES = 6;
    private static final int ROWS = 10;
    /** Rounding of a least squares fit whose constraint Kogito keeps by elimination, over scores of up to about 100. */
    private static final double TOLERANCE = 1e-6;
    private final FeatureSchema schema = Tables.numbers(FEATURES);
    private final ShapExplainer ours = new ShapExplainer(new Version(1, 0, 0));

    /** Six linear models, six logistic ones, six with interactions, six trees. */
    private List<ToyFunction<TableInstance>> models() {
        List<ToyFunction<TableInstance>> models = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            Random random = new Random(i);
            ToyTableModel linear = ToyTableModel.linear(schema, new double[] {random.nextGaussian()},
                    new double[][] {random.doubles(FEATURES, -2, 2).toArray()});
            models.add(switch (i % 4) {
                case 0 -> linear;
                case 1 -> linear.logistic();
                case 2 -> linear.withPair(0, 1 + random.nextInt(5), 2).withPair(2, 5, -1.5).withPair(3, 4, random.nextGaussian());
                default -> tree(random);
            });
        }
        return models;
    }

    /** A full binary tree of depth four. */
    private ToyFunction<TableInstance> tree(Random random) {
        int[] feature = random.ints(15, 0, FEATURES).toArray();
        double[] cut = random.doubles(15, -1, 3).toArray();
        double[] leaf = random.doubles(16, -5, 5).toArray();
        return ToyFunction.of(schema, TableInstance.class, (x, t) -> {
            int node = 0;
            while (node < 15) {
                node = 2 * node + (x.value(feature[node]) > cut[node] ? 2 : 1);
            }
            return leaf[node - 15];
        });
    }

    private static PredictionInput input(TableInstance row) {
        return new PredictionInput(IntStream.range(0, row.length()).mapToObj(f -> FeatureFactory.newNumericalFeature("f" + f, row.value(f))).toList());
    }

    private static PredictionProvider provider(ToyFunction<TableInstance> model) {
        return inputs -> CompletableFuture.completedFuture(inputs.stream().map(i -> {
            double[] values = i.getFeatures().stream().mapToDouble(f -> f.getValue().asNumber()).toArray();
            return new PredictionOutput(List.of(new Output("yes", Type.NUMBER, new Value(model.scoreOf(new TableInstance(values), 0)), 1)));
        }).toList());
    }

    private static double[] kogito(ToyFunction<TableInstance> model, TableInstance row, List<TableInstance> background) throws Exception {
        ShapConfig config = ShapConfig.builder().withLink(ShapConfig.LinkType.IDENTITY).withNSamples(1 << FEATURES + 1)
                .withRegularizer(ShapConfig.RegularizerType.NONE).withPC(new PerturbationContext(0L, new Random(0), 0))
                .withBackground(background.stream().map(KogitoAgreementTest::input).toList()).build();
        PredictionInput asked = input(row);
        PredictionOutput answer = provider(model).predictAsync(List.of(asked)).get().get(0);
        return new ShapKernelExplainer(config).explainAsync(new SimplePrediction(asked, answer), provider(model)).get().getSaliencies()[0]
                .getPerFeatureImportance().stream().mapToDouble(FeatureImportance::getScore).toArray();
    }

    @Test
    void bothAgreeWithEachOtherAndWithTheDefinitionOnEveryModel() throws Exception {
        double[] even = new double[ROWS];
        Arrays.fill(even, 1.0 / ROWS);
        double apart = 0;
        double oursOff = 0;
        double theirsOff = 0;
        double gap = 0;
        int compared = 0;
        for (ToyFunction<TableInstance> model : models()) {
            List<Example> cases = Tables.cases(schema, ROWS, 100 + compared);
            List<TableInstance> background = cases.stream().map(e -> (TableInstance) e.instance()).toList();
            TableInstance row = Tables.row(schema, 200 + compared);
            Attribution a = ours.explain(ExplanationContext.of(model, schema, row, 0).withBudget(1000).withCases(cases)
                    .withParameters(Parameters.bind("/explain/parameters/", ours.parameters(), Map.of()))).get(0);
            double[] mine = new double[FEATURES];
            a.contributions().forEach(c -> mine[c.position()] = c.value());
            double[] theirs = kogito(model, row, background);
            double[] exact = ToyTableModel.byDefinition(Parts.features(schema, row, background, even), x -> model.scoreOf(x, 0));
            for (int f = 0; f < FEATURES; f++) {
                apart = Math.max(apart, Math.abs(mine[f] - theirs[f]));
                oursOff = Math.max(oursOff, Math.abs(mine[f] - exact[f]));
                theirsOff = Math.max(theirsOff, Math.abs(theirs[f] - exact[f]));
            }
            gap = Math.max(gap, Math.abs(Arrays.stream(mine).sum() - (a.score() - a.baseValue())));
            compared++;
        }
        System.out.printf("SHAP on %d models: ours from Kogito's at most %.2e, ours from the definition %.2e, Kogito's from it %.2e, sum %.2e%n", compared, apart,
                oursOff, theirsOff, gap);
        assertThat(compared).isGreaterThanOrEqualTo(20);
        assertThat(oursOff).isCloseTo(0, within(1e-10));
        assertThat(apart).isCloseTo(0, within(TOLERANCE));
        assertThat(gap).isCloseTo(0, within(1e-6));
    }
}
