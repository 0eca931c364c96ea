package org.wherefore.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;
import org.wherefore.testkit.model.WatchedModel;

class ToyModelTest {
    private final FeatureSchema schema = FeatureSchemas.items(6);
    private final SequenceInstance history = Histories.sequence(2, 3, 3, 4, 2, 3);

    /** The definition of the Shapley value, over all orders of all events. */
    private static double[] byDefinition(ToyModel model, SequenceInstance history, int target) {
        int n = history.length();
        double[] sum = new double[n];
        int[] orders = {0};
        permute(new int[n], 0, new boolean[n], order -> {
            orders[0]++;
            boolean[] gone = new boolean[n];
            double before = model.scoreOf(history, target);
            for (int p : order) {
                gone[p] = true;
                double after = model.scoreOf(history.without(IntStream.range(0, n).filter(i -> gone[i]).toArray()), target);
                sum[p] += before - after;
                before = after;
            }
        });
        for (int p = 0; p < n; p++) {
            sum[p] /= orders[0];
        }
        return sum;
    }

    private static void permute(int[] order, int at, boolean[] used, java.util.function.Consumer<int[]> each) {
        if (at == order.length) {
            each.accept(order);
            return;
        }
        for (int i = 0; i < order.length; i++) {
            if (!used[i]) {
                used[i] = true;
                order[at] = i;
                permute(order, at + 1, used, each);
                used[i] = false;
            }
        }
    }

    @Test
    void shapleyValuesAreThoseOfTheDefinition() {
        ToyModel model = ToyModel.additive(schema).withPair(2, 3, 5);
        assertThat(model.shapley(history, 4)).containsExactly(byDefinition(model, history, 4), within(1e-9));
        SequenceInstance apart = Histories.sequence(2, 0, 4);
        assertThat(model.shapley(apart, 4)).containsExactly(byDefinition(model, apart, 4), within(1e-9));
    }

    @Test
    void leaveOneOutIsTheFallOfTheScore() {
        ToyModel model = ToyModel.additive(schema).withPair(2, 3, 5);
        for (SequenceInstance h : List.of(history, Histories.sequence(2, 3, 0), Histories.sequence(2, 2, 3))) {
            double[] exact = model.leaveOneOut(h, 1);
            for (int p = 0; p < h.length(); p++) {
                assertThat(exact[p]).isEqualTo(model.scoreOf(h, 1) - model.scoreOf(h.without(p), 1));
            }
        }
    }

    @Test
    void partsOfAnAdditiveModelAddUpExactly() {
        ToyModel model = ToyModel.additive(schema);
        double sum = model.baseValue(5) + IntStream.range(0, history.length()).mapToDouble(p -> model.leaveOneOut(history, 5)[p]).sum();
        assertThat(sum).isEqualTo(model.scoreOf(history, 5)).isEqualTo(model.score(List.of(history), new int[] {5}, new BitSet(), false)[0][0].score());
        assertThat(model.shapley(history, 5)).containsExactly(model.leaveOneOut(history, 5));
    }

    @Test
    void gradientsIntegrateToShapleyValuesAndGiveTheScoreAtTheEnd() {
        ToyModel model = ToyModel.additive(schema).withPair(2, 3, 5);
        Gradients gradients = model.adapt(Gradients.class).orElseThrow();
        int steps = 2000;
        List<Gradients.Point> points = IntStream.range(0, steps).mapToObj(i -> Gradients.Point.on((i + 0.5) / steps)).toList();
        Gradients.Slope[][] slopes = gradients.at(history, new int[] {4}, points);
        double[] exact = model.shapley(history, 4);
        for (int p = 0; p < exact.length; p++) {
            int at = p;
            assertThat(IntStream.range(0, steps).mapToDouble(i -> slopes[i][0].products()[at]).average().orElseThrow())
                    .isCloseTo(exact[p], within(1e-5));
        }
        Gradients.Slope[][] ends = gradients.at(history, new int[] {4}, List.of(Gradients.Point.on(0), Gradients.Point.on(1)));
        assertThat(ends[0][0].score()).isEqualTo(model.baseValue(4));
        assertThat(ends[1][0].score()).isEqualTo(model.scoreOf(history, 4));
    }

    @Test
    void noiseIsOfTheSeedAlone() {
        Gradients gradients = ToyModel.additive(schema).withPair(2, 3, 5).adapt(Gradients.class).orElseThrow();
        List<Gradients.Point> points = List.of(new Gradients.Point(1, 0.2, 3), new Gradients.Point(1, 0.2, 4), Gradients.Point.on(1));
        double[] scores = IntStream.range(0, 3).mapToDouble(i -> gradients.at(history, new int[] {1}, points)[i][0].score()).toArray();
        assertThat(scores).doesNotHaveDuplicates();
        assertThat(gradients.at(history, new int[] {1}, points.subList(1, 2))[0][0].score()).isEqualTo(scores[1]);
    }

    @Test
    void attentionTimesItsGradientIsWhatAnEventAddsAsTheLastToGo() {
        for (ToyModel model : List.of(ToyModel.additive(schema), ToyModel.additive(schema).withPair(2, 3, 5))) {
            for (SequenceInstance h : List.of(history, Histories.sequence(2, 3, 0))) {
                Attention.Maps maps = model.adapt(Attention.class).orElseThrow().of(h, new int[] {1, 4});
                int last = h.length() - 1;
                assertThat(maps.output()).isEqualTo(last);
                double[] row = maps.weights()[0][0][last];
                double[] gradients = maps.gradients()[1][0][0][last];
                assertThat(IntStream.rangeClosed(0, last).mapToDouble(k -> row[k] * gradients[k]).toArray())
                        .containsExactly(model.leaveOneOut(h, 4), within(1e-12));
                assertThat(maps.weights()[0][0][1]).startsWith(0.5, 0.5, 0);
            }
        }
    }

    @Test
    void embeddingsGiveTheScoreByTheirInnerProduct() {
        ToyModel model = ToyModel.additive(schema).withPair(2, 3, 5);
        Embeddings embeddings = model.adapt(Embeddings.class).orElseThrow();
        for (SequenceInstance h : List.of(history, Histories.sequence(2, 0), Histories.sequence())) {
            double[] instance = embeddings.instance(h);
            double[] target = embeddings.target(4);
            assertThat(embeddings.bias(4) + IntStream.range(0, embeddings.dimensions()).mapToDouble(i -> instance[i] * target[i]).sum())
                    .isCloseTo(model.scoreOf(h, 4), within(1e-12));
        }
    }

    @Test
    void refusesWhatItDoesNotHaveAndEverythingOnceClosed() {
        ToyModel model = ToyModel.additive(schema);
        assertThatThrownBy(() -> model.score(List.of(history), new int[] {6}, new BitSet(), false)).isInstanceOf(WhereforeException.class);
        assertThatThrownBy(() -> model.predict(Histories.sequence(6), 1, new BitSet())).isInstanceOf(WhereforeException.class);
        assertThatThrownBy(() -> model.withPair(1, 1, 2)).isInstanceOf(IllegalArgumentException.class);
        model.close();
        assertThat(model.isClosed()).isTrue();
        assertThatThrownBy(() -> model.predict(history, 1, new BitSet())).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aWatchedModelCountsEveryInputForEveryTarget() {
        WatchedModel watched = new WatchedModel(ToyModel.additive(schema), 6);
        watched.score(List.of(history, history), new int[] {1, 2}, new BitSet(), false);
        List<Output> outputs = watched.predict(history, 2, new BitSet());
        assertThat(outputs).hasSize(2);
        assertThat(watched.batches()).containsExactly(2, 1);
        assertThat(List.of(watched.evaluations(0), watched.evaluations(1), watched.evaluations(2))).containsExactly(1, 3, 3);
        watched.adapt(Gradients.class).orElseThrow().at(history, new int[] {0}, List.of(Gradients.Point.on(0.5)));
        assertThat(watched.evaluations(0)).isEqualTo(2);
        assertThat(watched.evaluations(1)).isEqualTo(3);
        watched.adapt(Attention.class).orElseThrow().of(history, new int[] {1});
        watched.adapt(Embeddings.class).orElseThrow().instance(history);
        watched.adapt(Embeddings.class).orElseThrow().target(0);
        assertThat(watched.evaluations(0)).isEqualTo(3);
        assertThat(watched.evaluations(1)).isEqualTo(5);
        assertThat(watched.isClosed()).isFalse();
    }
}
