package org.wherefore.engine.trees.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.spi.Trees.Tree;
import org.wherefore.testkit.data.Tables;

/** Our trees answer as XGBoost's do. */
class XgboostTest {
    /** Each value is missing now and then. */
    private static final List<Example> CASES = Tables.classes(Rows.SCHEMA, 2_000, 5).stream().map(e -> {
        int gap = Math.floorMod(e.hashCode(), 10);
        return gap < 4 ? new Example(((TableInstance) e.instance()).with(gap, Double.NaN), e.target()) : e;
    }).toList();

    private static float[] labels(Table table) {
        float[] labels = new float[table.rows()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = table.targets()[i] % 2 == 0 || i % 7 == 0 ? 1 : 0;
        }
        return labels;
    }

    private static Map<String, Object> settings(String objective, Object base) {
        return new HashMap<>(Map.of("objective", objective, "tree_method", "hist", "max_depth", 6, "base_score", base, "nthread", 1, "verbosity", 0));
    }

    @Test
    void sumsOfBoostedTreesAreXgboostsMissingValuesAndCategoriesIncluded() {
        Table table = Table.of(Rows.SCHEMA, CASES);
        float base = 0.3f;
        try (Xgboost x = new Xgboost(table, null, labels(table), null)) {
            x.begin(settings("binary:logistic", base));
            for (int round = 0; round < 40; round++) {
                x.train(round);
            }
            List<Tree> trees = x.trees(1);
            assertThat(trees).hasSize(40);
            assertThat(trees).as("a question for a category").anyMatch(t -> java.util.stream.IntStream.range(0, t.nodes()).anyMatch(i -> t.categories(i).isPresent()));
            Forest.Target target = new Forest.Target(TreesEngine.logit(base), base, trees);
            double[] sums = x.sums();
            for (int i = 0; i < CASES.size(); i++) {
                assertThat(target.sum(Table.row(Rows.SCHEMA, CASES.get(i).instance()))).isCloseTo(sums[i], within(1e-4));
            }
        }
    }

    @Test
    void sumsOfAForestAreXgboosts() {
        Table table = Table.of(Rows.SCHEMA, CASES);
        try (Xgboost x = new Xgboost(table, null, labels(table), null)) {
            Map<String, Object> settings = settings("reg:squarederror", 0);
            settings.putAll(Map.of("num_parallel_tree", 8, "eta", 1, "lambda", 0, "subsample", 0.7, "colsample_bynode", 0.5));
            x.begin(settings);
            x.train(0);
            Forest.Target target = new Forest.Target(0, 0.5, x.trees(1));
            assertThat(target.trees()).hasSize(8);
            double[] sums = x.sums();
            for (int i = 0; i < CASES.size(); i++) {
                double[] row = Table.row(Rows.SCHEMA, CASES.get(i).instance());
                assertThat(target.sum(row)).isCloseTo(sums[i], within(1e-5)).isBetween(-1e-6, 1 + 1e-6);
            }
        }
    }

    @Test
    void aBorderPartsDoublesAsTheirFloatsArePartedByTheThreshold() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            float threshold = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(12) - 6));
            double border = Xgboost.border(threshold);
            for (double v : new double[] {border, Math.nextDown(border), Math.nextUp(border), threshold, Math.nextDown(threshold), Math.nextUp(threshold)}) {
                assertThat(v < border).as("%s against %s", v, threshold).isEqualTo((float) v < threshold);
            }
        }
        assertThat(-0.0 < Xgboost.border(0)).isEqualTo(-0.0f < 0f);
    }
}
