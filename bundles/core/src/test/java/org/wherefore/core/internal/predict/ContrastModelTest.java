package org.wherefore.core.internal.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;

class ContrastModelTest {
    private final FeatureSchema schema = FeatureSchemas.items(12);
    private final ToyModel model = ToyModel.additive(schema).withPair(2, 3, 4);
    private final ContrastModel contrast = new ContrastModel(model, 7);
    private final SequenceInstance history = Histories.sequence(0, 2, 3, 4);

    private double difference(int target) {
        return model.scoreOf(history, target) - model.scoreOf(history, 7);
    }

    @Test
    void scoresAreDifferencesAndRanksTheModelsOwn() {
        RankedScore[] scores = contrast.score(List.of(history), new int[] {5, 7, 11}, new BitSet(), true)[0];
        assertThat(scores).extracting(RankedScore::score).containsExactly(difference(5), 0.0, difference(11));
        assertThat(scores).extracting(RankedScore::rank).containsExactly(7, 5, 1);
        assertThat(contrast.predict(history, 2, new BitSet())).containsExactly(new Output(11, "i11", 1, difference(11)), new Output(10, "i10", 2, difference(10)));
    }

    @Test
    void slopesAreDifferencesToo() {
        Gradients gradients = contrast.adapt(Gradients.class).orElseThrow();
        Gradients.Slope slope = gradients.at(history, new int[] {5}, List.of(Gradients.Point.on(1)))[0][0];
        assertThat(slope.score()).isCloseTo(difference(5), within(1e-12));
        for (int p = 0; p < history.length(); p++) {
            assertThat(slope.products()[p]).isCloseTo(model.leaveOneOut(history, 5)[p] - model.leaveOneOut(history, 7)[p], within(1e-12));
        }
    }

    @Test
    void givesTheOtherAbilitiesThatTheModelHasAndNoneThatItLacks() {
        assertThat(contrast.adapt(Attention.class).isPresent()).isEqualTo(model.adapt(Attention.class).isPresent());
        assertThat(contrast.adapt(Embeddings.class).isPresent()).isEqualTo(model.adapt(Embeddings.class).isPresent());
        assertThat(contrast.adapt(Runnable.class)).isEmpty();
        contrast.adapt(Attention.class).ifPresent(a -> {
            Attention.Maps own = model.adapt(Attention.class).orElseThrow().of(history, new int[] {5, 7});
            Attention.Maps maps = a.of(history, new int[] {5});
            assertThat(maps.weights()).isDeepEqualTo(own.weights());
            double[] last = maps.gradients()[0][0][0][history.length() - 1];
            for (int key = 0; key < last.length; key++) {
                assertThat(last[key]).isCloseTo(own.gradients()[0][0][0][history.length() - 1][key] - own.gradients()[1][0][0][history.length() - 1][key], within(1e-12));
            }
        });
        contrast.adapt(Embeddings.class).filter(Embeddings::innerProduct).ifPresent(e -> {
            double[] i = e.instance(history);
            double[] t = e.target(5);
            double product = e.bias(5);
            for (int d = 0; d < i.length; d++) {
                product += i[d] * t[d];
            }
            assertThat(product).isCloseTo(difference(5), within(1e-9));
        });
    }

    @Test
    void leavesTheModelOpen() {
        contrast.close();
        assertThat(model.isClosed()).isFalse();
    }
}
