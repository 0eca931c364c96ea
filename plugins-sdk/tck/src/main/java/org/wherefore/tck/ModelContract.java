package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.Trees;

/**
 * What every loaded model promises to the platform and to explainers. Engine authors subclass {@link EngineContract}, which
 * brings these rules along; subclass this one for a model that comes without an engine.
 */
public abstract class ModelContract {
    /** An ability that no model has. */
    private interface NoSuchAbility {}

    /** A model, open; the contract closes it. Always with the same weights. */
    protected abstract Model open();

    /** What {@link #open}'s model was trained for; at least four targets. */
    protected abstract FeatureSchema schema();

    /** At least three different inputs of different length, none of them empty. */
    protected abstract List<? extends Instance> instances();

    /**
     * How far the scores of one input may be apart when it is scored in another batch, for other targets or by
     * {@code predict}, as a share of the score. 1e-6 by default: rounding, nothing else.
     */
    protected double scoreTolerance() {
        return 1e-6;
    }

    private int targets() {
        return schema().targets().size();
    }

    private int[] all() {
        return IntStream.range(0, targets()).toArray();
    }

    private static BitSet bits(int... set) {
        BitSet bits = new BitSet();
        IntStream.of(set).forEach(bits::set);
        return bits;
    }

    private void same(String what, double a, double b) {
        assertThat(a).as(what).isCloseTo(b, within(scoreTolerance() * Math.max(1, Math.abs(b))));
    }

    private static double[][] scores(RankedScore[][] ranked) {
        return Arrays.stream(ranked).map(r -> Arrays.stream(r).mapToDouble(RankedScore::score).toArray()).toArray(double[][]::new);
    }

    private RankedScore[][] score(Model model, List<? extends Instance> inputs, int[] asked, BitSet excluded, boolean ranks) {
        RankedScore[][] out = model.score(inputs, asked, excluded, ranks);
        assertThat(out).as("score(): one row per instance").hasNumberOfRows(inputs.size());
        for (RankedScore[] row : out) {
            assertThat(row).as("score(): one column per target, in the order asked").hasSize(asked.length).doesNotContainNull();
        }
        return out;
    }

    @Test
    @DisplayName("predicts the best k targets, best first, ties by index, ranks from 1")
    protected void predictsTheBest() {
        try (Model model = open()) {
            for (Instance input : instances()) {
                double[] scores = scores(score(model, List.of(input), all(), new BitSet(), false))[0];
                for (int k : new int[] {1, 3, targets(), targets() + 10}) {
                    List<Output> best = model.predict(input, k, new BitSet());
                    assertThat(best).as("answers for k = %d of %d targets", k, targets()).hasSize(Math.min(k, targets()));
                    for (int r = 0; r < best.size(); r++) {
                        Output o = best.get(r);
                        assertThat(o.rank()).as("rank of answer %d", r).isEqualTo(r + 1);
                        assertThat(o.target()).as("target id of index %d", o.index()).isEqualTo(schema().targets().get(o.index()));
                        assertThat(o.score()).as("score of %s", o).isFinite();
                        if (r > 0) {
                            Output before = best.get(r - 1);
                            assertThat(before.score() > o.score() || before.score() == o.score() && before.index() < o.index())
                                    .as("%s comes before %s: best first, equal scores by index", before, o).isTrue();
                        }
                    }
                    assertThat(best).extracting(Output::index).as("each target at most once").doesNotHaveDuplicates();
                    double worst = best.get(best.size() - 1).score();
                    HashSet<Integer> named = new HashSet<>(best.stream().map(Output::index).toList());
                    for (int t : all()) {
                        if (!named.contains(t)) {
                            assertThat(scores[t]).as("score of target %d, which is not among the best %d", t, k)
                                    .isLessThanOrEqualTo(worst + scoreTolerance() * Math.max(1, Math.abs(worst)));
                        }
                    }
                }
            }
        }
    }

    @Test
    @DisplayName("never answers with an excluded target, and leaves the set of them as it is")
    protected void excludedIsRespected() {
        try (Model model = open()) {
            for (Instance input : instances()) {
                List<Integer> order = model.predict(input, targets(), new BitSet()).stream().map(Output::index).toList();
                BitSet excluded = bits(order.get(0), order.get(2));
                BitSet copy = (BitSet) excluded.clone();
                List<Output> rest = model.predict(input, targets(), excluded);
                assertThat(excluded).as("excluded: read it, don't change it").isEqualTo(copy);
                List<Integer> expected = new ArrayList<>(order);
                expected.removeAll(List.of(order.get(0), order.get(2)));
                assertThat(rest).extracting(Output::index).as("answers without targets %s", copy).containsExactlyElementsOf(expected);
                assertThat(rest).extracting(Output::rank).as("ranks count only what is not excluded")
                        .containsExactlyElementsOf(IntStream.rangeClosed(1, expected.size()).boxed().toList());
                assertThat(model.predict(input, 3, bits(all()))).as("answers when every target is excluded").isEmpty();
                score(model, List.of(input), all(), excluded, true);
                assertThat(excluded).as("excluded, after score()").isEqualTo(copy);
            }
        }
    }

    @Test
    @DisplayName("scores an input the same in every batch")
    protected void batchesDoNotMatter() {
        try (Model model = open()) {
            List<Instance> many = new ArrayList<>();
            for (int i = 0; i < 150; i++) {
                many.add(instances().get(i * 7 % instances().size()));
            }
            double[][] alone = instances().stream().map(i -> scores(score(model, List.of(i), all(), new BitSet(), false))[0])
                    .toArray(double[][]::new);
            double[][] together = scores(score(model, many, all(), new BitSet(), false));
            List<Instance> reversed = new ArrayList<>(many);
            Collections.reverse(reversed);
            double[][] backwards = scores(score(model, reversed, all(), new BitSet(), false));
            for (int i = 0; i < many.size(); i++) {
                for (int t = 0; t < targets(); t++) {
                    String what = "score of target " + t + " for input " + i + " of a batch; nothing of the other inputs may leak into it"
                            + " (padding, normalisation over the batch)";
                    same(what, together[i][t], alone[i * 7 % instances().size()][t]);
                    same(what, backwards[many.size() - 1 - i][t], together[i][t]);
                }
            }
            assertThat(model.score(List.of(), all(), new BitSet(), false)).as("score() of no input").isEmpty();
        }
    }

    @Test
    @DisplayName("scores a target the same whichever others are asked for, and as predict does")
    protected void targetsDoNotMatter() {
        try (Model model = open()) {
            for (Instance input : instances()) {
                double[] scores = scores(score(model, List.of(input), all(), new BitSet(), false))[0];
                int[] some = {3, 0, 2};
                RankedScore[] few = score(model, List.of(input), some, new BitSet(), false)[0];
                for (int i = 0; i < some.length; i++) {
                    same("score of target " + some[i] + " among three in another order", few[i].score(), scores[some[i]]);
                    assertThat(few[i].rank()).as("rank when ranks are not wanted").isZero();
                }
                assertThat(some).as("the targets asked for: copy before you sort").containsExactly(3, 0, 2);
                for (Output o : model.predict(input, targets(), new BitSet())) {
                    same("score of target " + o.index() + " by predict and by score", o.score(), scores[o.index()]);
                }
            }
        }
    }

    @Test
    @DisplayName("ranks agree with the scores, count nothing excluded, and count the asked target itself")
    protected void ranksAgreeWithScores() {
        try (Model model = open()) {
            for (Instance input : instances()) {
                for (BitSet excluded : List.of(new BitSet(), bits(0), bits(1, 3))) {
                    RankedScore[] ranked = score(model, List.of(input), all(), excluded, true)[0];
                    for (int t : all()) {
                        double s = ranked[t].score();
                        int target = t;
                        long better = IntStream.of(all()).filter(o -> o != target && !excluded.get(o))
                                .filter(o -> ranked[o].score() > s || ranked[o].score() == s && o < target).count();
                        assertThat(ranked[t].rank()).as("rank of target %d with %s excluded: one more than the targets with a higher"
                                + " score (or the same and a lower index)", t, excluded).isEqualTo((int) better + 1);
                    }
                    for (Output o : model.predict(input, targets(), excluded)) {
                        assertThat(ranked[o.index()].rank()).as("rank of target %d by score() and by predict()", o.index()).isEqualTo(o.rank());
                    }
                }
            }
        }
    }

    @Test
    @DisplayName("gives the same answers to many threads at once")
    protected void isThreadSafe() {
        try (Model model = open()) {
            List<Output> expected = model.predict(instances().get(0), 4, bits(1));
            Checks.concurrently("predict()", expected, () -> model.predict(instances().get(0), 4, bits(1)));
            List<List<RankedScore>> scored = rows(model);
            Checks.concurrently("score()", scored, () -> rows(model));
        }
    }

    private List<List<RankedScore>> rows(Model model) {
        return Arrays.stream(model.score(instances(), all(), bits(2), true)).map(List::of).toList();
    }

    @Test
    @DisplayName("asking leaves no trace: the same question gets the same answer later")
    protected void answersDoNotDependOnEarlierQuestions() {
        try (Model model = open()) {
            List<List<RankedScore>> first = rows(model);
            for (int i = instances().size() - 1; i >= 0; i--) {
                model.predict(instances().get(i), 2, new BitSet());
            }
            assertThat(rows(model)).as("scores after other questions; serving must not teach the model").isEqualTo(first);
        }
    }

    @Test
    @DisplayName("refuses a target that it does not have")
    protected void unknownTargetsAreRefused() {
        try (Model model = open()) {
            for (int wrong : new int[] {-1, targets()}) {
                WhereforeException e = Checks.refusal("score() of target " + wrong + " of " + targets(),
                        () -> model.score(instances(), new int[] {0, wrong}, new BitSet(), false), ErrorCode.INVALID_INPUT);
                assertThat(e.getMessage()).as("the refusal names the target").contains(Integer.toString(wrong));
            }
        }
    }

    @Test
    @DisplayName("answers an empty history, or says that it can't")
    protected void emptyHistory() {
        assumeTrue(instances().get(0) instanceof SequenceInstance, "the model reads no histories");
        SequenceInstance empty = new SequenceInstance(new int[0], new int[0]);
        try (Model model = open()) {
            double[][] scores;
            try {
                scores = scores(score(model, List.of(empty), all(), new BitSet(), false));
            } catch (WhereforeException e) {
                assertThat(e.code()).as("a model that can't score an empty history says so").isIn(ErrorCode.UNSUPPORTED, ErrorCode.INVALID_INPUT);
                return;
            }
            assertThat(scores[0]).as("scores of an empty history: the base value of explanations").doesNotContain(Double.NaN)
                    .doesNotContain(Double.POSITIVE_INFINITY).doesNotContain(Double.NEGATIVE_INFINITY);
            assertThat(model.predict(empty, 2, new BitSet())).as("answers to an empty history").hasSize(2);
        }
    }

    @Test
    @DisplayName("gives gradients that follow its scores, where it has them")
    protected void gradientsFollowTheScores() {
        try (Model model = open()) {
            Optional<Gradients> ability = model.adapt(Gradients.class);
            assumeTrue(ability.isPresent(), "the model has no gradients");
            double step = 1e-3;
            for (Instance input : instances()) {
                List<Gradients.Point> points = List.of(Gradients.Point.on(1), Gradients.Point.on(0.5), Gradients.Point.on(0.5 - step),
                        Gradients.Point.on(0.5 + step), new Gradients.Point(0.5, 0.1, 7));
                Gradients.Slope[][] slopes = ability.get().at(input, all(), points);
                assertThat(slopes).as("at(): one row per point").hasNumberOfRows(points.size());
                double[] scores = scores(score(model, List.of(input), all(), new BitSet(), false))[0];
                for (int t : all()) {
                    double scale = Math.max(1, Math.abs(scores[t]));
                    assertThat(slopes[0][t].score()).as("score of target %d at alpha = 1: the model's own", t)
                            .isCloseTo(scores[t], within(1e-4 * scale));
                    double slope = DoubleStream.of(slopes[1][t].products()).sum();
                    double expected = (slopes[3][t].score() - slopes[2][t].score()) / (2 * step);
                    assertThat(slope).as("sum of the products of target %d: the derivative of its score by alpha", t)
                            .isCloseTo(expected, within(0.02 * Math.abs(expected) + 5e-3 * scale));
                    Gradients.Slope alone = ability.get().at(input, new int[] {t}, points.subList(4, 5))[0][0];
                    assertThat(alone.products()).as("products of target %d at a noisy point, alone and among others: the noise is of the"
                            + " point's seed alone", t).containsExactly(slopes[4][t].products());
                    if (input instanceof SequenceInstance history) {
                        assertThat(alone.products()).as("products: one for each event").hasSize(history.length());
                    }
                }
            }
            Checks.refusal("at() of target " + targets(), () -> ability.get().at(instances().get(0), new int[] {targets()},
                    List.of(Gradients.Point.on(1))), ErrorCode.INVALID_INPUT);
        }
    }

    @Test
    @DisplayName("gives attention whose rows are shares and gradients that are each target's own, where it has it")
    protected void attentionIsWellFormed() {
        try (Model model = open()) {
            Optional<Attention> ability = model.adapt(Attention.class);
            assumeTrue(ability.isPresent(), "the model has no attention");
            for (Instance input : instances()) {
                Attention.Maps maps = ability.get().of(input, all());
                int n = maps.parts().length;
                assertThat(maps.output()).as("the token that the scores are read from, of %d tokens", n).isBetween(0, n - 1);
                assertThat(IntStream.of(maps.parts()).filter(p -> p >= 0)).as("positions of the tokens' parts: ascending")
                        .isSorted().doesNotHaveDuplicates();
                if (input instanceof SequenceInstance history) {
                    for (int p : maps.parts()) {
                        assertThat(p).as("position of a token's part in a history of %d events", history.length())
                                .isBetween(-1, history.length() - 1);
                    }
                }
                assertThat(maps.weights()).as("weights: at least one layer").isNotEmpty();
                String first = Arrays.toString(maps.parts()) + Arrays.deepToString(maps.weights());
                boolean causal = input instanceof SequenceInstance;
                for (double[][][] layer : maps.weights()) {
                    for (double[][] head : layer) {
                        shaped("weights", head, n, causal);
                        for (double[] row : head) {
                            assertThat(DoubleStream.of(row).min().orElseThrow()).as("weights: none is negative").isNotNegative();
                            assertThat(DoubleStream.of(row).sum()).as("weights of one query: they sum to 1").isCloseTo(1, within(1e-4));
                        }
                    }
                }
                assertThat(maps.gradients().length).as("gradients: one for each target").isEqualTo(targets());
                for (int t : all()) {
                    double[][][][] gradients = maps.gradients()[t];
                    assertThat(gradients.length).as("gradients of target %d: as many layers as weights", t).isEqualTo(maps.weights().length);
                    for (int l = 0; l < gradients.length; l++) {
                        assertThat(gradients[l].length).as("gradients of target %d, layer %d: as many heads as weights", t, l)
                                .isEqualTo(maps.weights()[l].length);
                        for (double[][] head : gradients[l]) {
                            shaped("gradients of target " + t, head, n, causal);
                            for (int q = 0; q < n && l == gradients.length - 1; q++) {
                                if (q != maps.output()) {
                                    assertThat(head[q]).as("gradients of target %d in the last layer, query %d, which no score is read from",
                                            t, q).containsOnly(0);
                                }
                            }
                        }
                    }
                    Attention.Maps alone = ability.get().of(input, new int[] {t});
                    assertThat(Arrays.deepEquals(alone.gradients()[0], gradients))
                            .as("gradients of target %d alone and among others are the same; nothing of the other targets may leak into"
                                    + " them", t).isTrue();
                    Arrays.fill(alone.weights()[0][0][0], Double.NaN);
                    Arrays.fill(alone.parts(), -2);
                }
                Attention.Maps again = ability.get().of(input, new int[0]);
                assertThat(again.gradients().length).as("gradients when no target is asked for").isZero();
                assertThat(Arrays.toString(again.parts()) + Arrays.deepToString(again.weights()))
                        .as("attention, asked again after somebody wrote into an answer: the arrays belong to whoever asked").isEqualTo(first);
            }
            Attention.Maps shared = ability.get().of(instances().get(0), new int[] {0, 1});
            Checks.concurrently("of()", List.of(Arrays.deepToString(shared.weights()), Arrays.deepToString(shared.gradients())), () -> {
                Attention.Maps mine = ability.get().of(instances().get(0), new int[] {0, 1});
                return List.of(Arrays.deepToString(mine.weights()), Arrays.deepToString(mine.gradients()));
            });
            Checks.refusal("of() with target " + targets(), () -> ability.get().of(instances().get(0), new int[] {targets()}),
                    ErrorCode.INVALID_INPUT);
        }
    }

    private static void shaped(String what, double[][] head, int n, boolean causal) {
        assertThat(head).as("%s: a row for each of %d tokens", what, n).hasNumberOfRows(n);
        for (int q = 0; q < n; q++) {
            finite(what + ", query " + q, head[q], n);
            for (int k = q + 1; k < n && causal; k++) {
                assertThat(head[q][k]).as("%s, query %d, key %d: no event looks at a later one", what, q, k).isZero();
            }
        }
    }

    private static void finite(String what, double[] numbers, int n) {
        assertThat(numbers).as("%s: %d numbers", what, n).hasSize(n);
        assertThat(DoubleStream.of(numbers).allMatch(Double::isFinite)).as("%s: finite numbers", what).isTrue();
    }

    @Test
    @DisplayName("gives trees whose leaves add up to the score, where it has them")
    protected void treesAddUpToTheScores() {
        try (Model model = open()) {
            Optional<Trees> ability = model.adapt(Trees.class);
            if (ability.isEmpty()) {
                return;
            }
            Trees trees = ability.get();
            for (Instance input : instances()) {
                double[] scores = scores(score(model, List.of(input), all(), new BitSet(), false))[0];
                double[] values = trees.values(input);
                double[] kept = values.clone();
                for (int t : all()) {
                    assertThat(trees.trees(t)).as("trees of target %d: at least one", t).isNotEmpty();
                    double sum = trees.base(t);
                    for (Trees.Tree tree : trees.trees(t)) {
                        sum += tree.value(tree.leafOf(values));
                        covered(tree);
                    }
                    same("score of the sum of base and leaves of target " + t, trees.score(t, sum), scores[t]);
                    assertThat(trees.score(t, sum + 1e-3)).as("score of a larger sum of target %d: it rises with the sum", t)
                            .isGreaterThanOrEqualTo(trees.score(t, sum));
                }
                Arrays.fill(values, -7);
                assertThat(trees.values(input)).as("values(), asked again after somebody wrote into an answer").containsExactly(kept);
            }
            for (int wrong : new int[] {-1, targets()}) {
                Checks.refusal("trees(" + wrong + ")", () -> trees.trees(wrong), ErrorCode.INVALID_INPUT);
                Checks.refusal("base(" + wrong + ")", () -> trees.base(wrong), ErrorCode.INVALID_INPUT);
                Checks.refusal("score(" + wrong + ", 0)", () -> trees.score(wrong, 0), ErrorCode.INVALID_INPUT);
            }
        }
    }

    private static void covered(Trees.Tree tree) {
        for (int i = 0; i < tree.nodes(); i++) {
            if (!tree.leaf(i)) {
                double children = tree.cover(tree.left(i)) + tree.cover(tree.right(i));
                assertThat(tree.cover(i)).as("cover of node %d: that of its children together", i).isCloseTo(children, within(1e-3 * Math.max(1, children)));
            }
        }
    }

    @Test
    @DisplayName("gives embeddings whose inner product is the score, where it says so")
    protected void embeddingsGiveTheScores() {
        try (Model model = open()) {
            Optional<Embeddings> ability = model.adapt(Embeddings.class);
            assumeTrue(ability.isPresent(), "the model has no embeddings");
            Embeddings embeddings = ability.get();
            assertThat(embeddings.dimensions()).as("dimensions()").isPositive();
            for (Instance input : instances()) {
                double[] scores = scores(score(model, List.of(input), all(), new BitSet(), false))[0];
                double[] vector = embeddings.instance(input);
                finite("instance()", vector, embeddings.dimensions());
                for (int t : all()) {
                    double[] target = embeddings.target(t);
                    finite("target(" + t + ")", target, embeddings.dimensions());
                    double product = embeddings.bias(t) + IntStream.range(0, target.length).mapToDouble(i -> vector[i] * target[i]).sum();
                    if (embeddings.innerProduct()) {
                        assertThat(product).as("bias and inner product for target %d, which innerProduct() says are the score", t)
                                .isCloseTo(scores[t], within(1e-4 * Math.max(1, Math.abs(scores[t]))));
                    }
                    double[] kept = target.clone();
                    Arrays.fill(target, Double.NaN);
                    assertThat(embeddings.target(t)).as("target(%d), asked again after somebody wrote into an answer: the array belongs to"
                            + " whoever asked", t).containsExactly(kept);
                }
                double[] kept = vector.clone();
                Arrays.fill(vector, Double.NaN);
                assertThat(embeddings.instance(input)).as("instance(), asked again after somebody wrote into an answer").containsExactly(kept);
            }
            for (int wrong : new int[] {-1, targets()}) {
                Checks.refusal("target(" + wrong + ")", () -> embeddings.target(wrong), ErrorCode.INVALID_INPUT);
                Checks.refusal("bias(" + wrong + ")", () -> embeddings.bias(wrong), ErrorCode.INVALID_INPUT);
            }
        }
    }

    @Test
    @DisplayName("has no ability that nobody asked to implement, and can be closed twice")
    protected void abilitiesAndClosing() {
        Model model = open();
        assertThat(model.info()).as("info(): what load() was given").isNotNull();
        assertThat(model.adapt(NoSuchAbility.class)).as("adapt() of an unknown ability: Optional.empty()").isEmpty();
        model.close();
        model.close();
    }
}
