package org.wherefore.core.internal.predict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.core.internal.claim.ToyModel;
import org.wherefore.core.internal.guard.Overspent;
import org.wherefore.testkit.data.FeatureSchemas;

class CountingModelTest {
    @Test
    void countsEveryInputThatIsScored() {
        ToyModel toy = new ToyModel(new double[] {1, 2}, new double[2][2]);
        CountingModel counted = new CountingModel(toy);
        SequenceInstance one = new SequenceInstance(new int[] {0}, new int[1]);
        assertThat(counted.predict(one, 2, new BitSet())).isEqualTo(toy.predict(one, 2, new BitSet()));
        counted.score(List.of(one, one, one), new int[] {0}, new BitSet(), true);
        assertThat(counted.evaluations()).isEqualTo(4);
    }

    @Test
    void scoresNoInputTwiceForTheSameTargets() {
        ToyModel toy = new ToyModel(new double[] {1, 2}, new double[][] {{3, 4}, {5, 6}});
        CountingModel counted = new CountingModel(toy);
        SequenceInstance one = new SequenceInstance(new int[] {0}, new int[1]);
        SequenceInstance two = new SequenceInstance(new int[] {0, 1}, new int[2]);
        int[] targets = {1, 0};
        counted.score(List.of(one, one), targets, new BitSet(), false)[0][0] = null;
        assertThat(counted.evaluations()).isEqualTo(1);
        assertThat(counted.score(List.of(two, one, two.prefix(1)), targets, new BitSet(), false))
                .isDeepEqualTo(toy.score(List.of(two, one, one), targets, new BitSet(), false));
        assertThat(counted.evaluations()).isEqualTo(2);
        assertThat(counted.score(List.of(one), new int[] {0}, new BitSet(), false))
                .isDeepEqualTo(toy.score(List.of(one), new int[] {0}, new BitSet(), false));
        assertThat(counted.evaluations()).isEqualTo(3);
    }

    @Test
    void countsThePointsAtWhichGradientsAreAsked() {
        SequenceInstance one = new SequenceInstance(new int[] {0}, new int[1]);
        CountingModel counted = new CountingModel(org.wherefore.testkit.model.ToyModel.additive(FeatureSchemas.items(4)));
        Gradients gradients = counted.adapt(Gradients.class).orElseThrow();
        assertThat(gradients.at(one, new int[] {2, 3}, List.of(Gradients.Point.on(0), Gradients.Point.on(1)))).hasNumberOfRows(2);
        assertThat(counted.evaluations()).isEqualTo(2);
        assertThat(new CountingModel(new ToyModel(new double[] {1, 2}, new double[2][2])).adapt(Gradients.class)).isEmpty();
    }

    @Test
    void countsTheInstancesOfAttentionAndEmbeddings() {
        SequenceInstance one = new SequenceInstance(new int[] {0}, new int[1]);
        CountingModel counted = new CountingModel(org.wherefore.testkit.model.ToyModel.additive(FeatureSchemas.items(4)));
        assertThat(counted.adapt(Attention.class).orElseThrow().of(one, new int[] {2, 3}).output()).isZero();
        assertThat(counted.evaluations()).isEqualTo(1);
        Embeddings embeddings = counted.adapt(Embeddings.class).orElseThrow();
        assertThat(embeddings.instance(one)).hasSize(embeddings.dimensions());
        assertThat(embeddings.target(1)).hasSize(embeddings.dimensions());
        assertThat(embeddings.innerProduct()).isTrue();
        assertThat(embeddings.bias(1)).isEqualTo(0.5);
        assertThat(counted.evaluations()).isEqualTo(2);
    }

    @Test
    void givesEachTargetTheBudget() {
        CountingModel counted = new CountingModel(org.wherefore.testkit.model.ToyModel.additive(FeatureSchemas.items(4)));
        SequenceInstance one = new SequenceInstance(new int[] {0}, new int[1]);
        Gradients gradients = counted.adapt(Gradients.class).orElseThrow();
        counted.allow(3);
        for (int target = 0; target < 4; target++) {
            gradients.at(one, new int[] {target}, List.of(Gradients.Point.on(0), Gradients.Point.on(1)));
        }
        assertThat(counted.evaluations()).isEqualTo(8);
        counted.score(List.of(one), new int[] {0, 1}, new BitSet(), true);
        assertThatThrownBy(() -> counted.score(List.of(one), new int[] {1}, new BitSet(), true)).isInstanceOf(Overspent.class);
        assertThatThrownBy(() -> counted.predict(one, 1, new BitSet())).isInstanceOf(Overspent.class);
        counted.score(List.of(one), new int[] {2}, new BitSet(), true);
        assertThat(counted.evaluations()).isEqualTo(10);
        counted.allow(1);
        counted.predict(one, 1, new BitSet());
    }
}
