package org.wherefore.explainer.shap.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Version;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.spi.Trees.Tree;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.data.Tables;
import org.wherefore.testkit.model.ToyModel;

class TreeShapExplainerTest {
    private static final FeatureSchema SIX = FeatureSchema.of(List.of(FeatureSpec.number("a"), FeatureSpec.number("b"), FeatureSpec.category("c", "p", "q", "r", "s"),
            FeatureSpec.number("d"), FeatureSpec.number("e"), FeatureSpec.number("f")), List.of("yes", "no"));
    private final TreeShapExplainer explainer = new TreeShapExplainer(Version.parseVersion("1.2.3.SNAPSHOT"));

    private Attribution explain(TreesModel model, FeatureSchema schema, TableInstance row, int target) {
        return explainer.explain(ExplanationContext.of(model, schema, row, target)).get(0);
    }

    private static double[] byPosition(Attribution a, int count) {
        double[] out = new double[count];
        a.contributions().forEach(c -> out[c.position()] = c.value());
        return out;
    }

    private static TableInstance row(FeatureSchema schema, long seed) {
        TableInstance row = Tables.row(schema, seed);
        return seed % 3 == 0 ? row.with((int) (seed / 3 % row.length()), Double.NaN) : row;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 7})
    void givesTheValuesOfTheDefinition(int depth) {
        for (long seed = 1; seed <= 60; seed++) {
            TreesModel model = TreesModel.random(SIX, 3, depth, seed);
            TableInstance row = row(SIX, seed);
            for (int target = 0; target < 2; target++) {
                Attribution a = explain(model, SIX, row, target);
                assertThat(byPosition(a, 6)).containsExactly(model.definition(row, target, new int[] {0, 1, 2, 3, 4, 5}, 6), within(1e-12));
                assertThat(a.score()).isCloseTo(model.sum(row, target), within(1e-12));
                assertThat(a.completenessGap()).isCloseTo(0, within(1e-12));
                assertThat(a.contributions()).allMatch(c -> c.stdError() == 0);
            }
        }
    }

    @Test
    void agreesWithXgboost() throws IOException {
        FeatureSchema schema = FeatureSchema.of(List.of(FeatureSpec.number("a"), FeatureSpec.number("b"), FeatureSpec.category("c", "p", "q", "r", "s", "t", "u"),
                FeatureSpec.number("d"), FeatureSpec.number("e")), List.of("yes"));
        TreeMap<Integer, List<String[]>> nodes = new TreeMap<>();
        List<double[]> rows = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(TreeShapExplainerTest.class.getResourceAsStream("/xgboost-contributions.csv"),
                StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] cells = line.split(",");
                if (cells[0].equals("node")) {
                    nodes.computeIfAbsent(Integer.valueOf(cells[1]), t -> new ArrayList<>()).add(cells);
                } else if (cells[0].equals("row")) {
                    rows.add(Arrays.stream(cells).skip(1).mapToDouble(Double::parseDouble).toArray());
                }
            }
        }
        // The base score of one half adds nothing to the log odds.
        TreesModel model = new TreesModel(schema, 0, List.of(nodes.values().stream().map(TreeShapExplainerTest::tree).toList()), s -> s);
        assertThat(rows).hasSize(40);
        for (double[] r : rows) {
            Attribution a = explain(model, schema, new TableInstance(Arrays.copyOf(r, 5)), 0);
            assertThat(byPosition(a, 5)).containsExactly(Arrays.copyOfRange(r, 5, 10), within(2e-6));
            assertThat(a.baseValue()).isCloseTo(r[10], within(2e-6));
        }
    }

    private static Tree tree(List<String[]> nodes) {
        int n = nodes.size();
        BitSet[] categories = new BitSet[n];
        double[] threshold = new double[n];
        boolean[] missingLeft = new boolean[n];
        for (int i = 0; i < n; i++) {
            String question = nodes.get(i)[4];
            if (question.startsWith("c")) {
                categories[i] = new BitSet();
                for (String c : question.substring(1).split("\\+")) {
                    categories[i].set(Integer.parseInt(c));
                }
            } else if (!question.equals("-")) {
                threshold[i] = Double.parseDouble(question);
            }
            missingLeft[i] = Boolean.parseBoolean(nodes.get(i)[5]);
        }
        return new Tree(ints(nodes, 3), threshold, categories, missingLeft, ints(nodes, 6), ints(nodes, 7), doubles(nodes, 8), doubles(nodes, 9));
    }

    private static int[] ints(List<String[]> nodes, int cell) {
        return nodes.stream().mapToInt(c -> Integer.parseInt(c[cell])).toArray();
    }

    private static double[] doubles(List<String[]> nodes, int cell) {
        return nodes.stream().mapToDouble(c -> Double.parseDouble(c[cell])).toArray();
    }

    @Test
    void featuresOfAGroupAreOnePlayer() {
        FeatureSchema grouped = Tables.schema(FeatureSpec.number("a"), FeatureSpec.number("x").in("g"), FeatureSpec.number("b"), FeatureSpec.number("y").in("g"),
                FeatureSpec.number("z").in("g"));
        for (long seed = 1; seed <= 40; seed++) {
            TreesModel model = TreesModel.random(grouped, 2, 5, seed);
            TableInstance row = Tables.row(grouped, seed);
            Attribution a = explain(model, grouped, row, 0);
            double[] expected = model.definition(row, 0, new int[] {0, 1, 2, 1, 1}, 3);
            assertThat(a.contributions()).extracting(Contribution::feature).containsExactlyInAnyOrder("feature:a", "feature:g", "feature:b");
            assertThat(byPosition(a, 3)).containsExactly(expected, within(1e-12));
        }
    }

    @Test
    void whatIsNoSumStillAddsUpInItsOwnUnit() {
        for (long seed = 1; seed <= 30; seed++) {
            TreesModel plain = TreesModel.random(SIX, 3, 4, seed);
            TreesModel bent = plain.scaled(s -> Math.tanh(s / 4) * 3);
            TableInstance row = row(SIX, seed);
            Attribution a = explain(bent, SIX, row, 1);
            Attribution sums = explain(plain, SIX, row, 1);
            assertThat(a.score()).isCloseTo(Math.tanh(sums.score() / 4) * 3, within(1e-12));
            assertThat(a.baseValue()).isCloseTo(Math.tanh(sums.baseValue() / 4) * 3, within(1e-12));
            assertThat(a.completenessGap()).isCloseTo(0, within(1e-9));
            assertThat(a.contributions()).extracting(Contribution::position).isEqualTo(sums.contributions().stream().map(Contribution::position).toList());
        }
    }

    @Test
    void manyDeepTreesLoseNoDigits() {
        FeatureSchema wide = Tables.numbers(15);
        TreesModel model = TreesModel.random(wide, 100, 10, 3);
        for (long seed = 1; seed <= 5; seed++) {
            Attribution a = explain(model, wide, Tables.row(wide, seed), 0);
            assertThat(a.completenessGap()).isCloseTo(0, within(1e-11));
        }
    }

    @Test
    void featuresThatNoTreeAsksForGetNothing() {
        Tree stump = new Tree(new int[] {3, 0, 0}, new double[3], new BitSet[3], new boolean[3], new int[] {1, -1, -1}, new int[] {2, -1, -1}, new double[] {0, -1, 3},
                new double[] {8, 6, 2});
        Attribution a = explain(new TreesModel(SIX, 0.5, List.of(List.of(stump), List.of(stump)), s -> s), SIX, new TableInstance(9, 9, 0, 1, 9, 9), 0);
        assertThat(a.baseValue()).isEqualTo(0.5);
        assertThat(byPosition(a, 6)).containsExactly(0, 0, 0, 3, 0, 0);
    }

    @Test
    void refusesWhatIsNoSumOfTreesAndWhatIsNoRow() {
        FeatureSchema items = FeatureSchemas.items(5);
        ToyModel toy = ToyModel.additive(items);
        assertThat(explainer.supports(toy, Histories.sequence(1, 2)).reason()).contains("is none; shap explains any model");
        assertThatThrownBy(() -> explainer.explain(ExplanationContext.of(toy, items, Histories.sequence(1), 0))).isInstanceOfSatisfying(WhereforeException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.UNSUPPORTED));
        TreesModel trees = TreesModel.random(SIX, 1, 2, 1);
        assertThat(explainer.supports(trees, Histories.sequence(1)).reason()).contains("rows of a table");
        TableInstance row = Tables.row(SIX, 1);
        assertThatThrownBy(() -> explainer.explain(ExplanationContext.of(trees, SIX, row, 0).withBudget(0))).hasMessageContaining("got 0");
        assertThat(explainer.explain(ExplanationContext.of(trees, SIX, row, IntStream.range(0, 0).toArray()))).isEmpty();
    }
}
