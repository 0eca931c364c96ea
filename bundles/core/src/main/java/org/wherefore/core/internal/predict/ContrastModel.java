package org.wherefore.core.internal.predict;

import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;

/**
 * A model for the question "why this and not that": each score, and each slope of it, is the difference to that of one other target.
 * Ranks are the model's own. An attribution of the difference is what any strategy says of this model. As the model inside, but
 * closing it does nothing.
 */
final class ContrastModel implements Model {
    private final Model model;
    private final int other;

    /** @param other index of the target compared with */
    ContrastModel(Model model, int other) {
        this.model = model;
        this.other = other;
    }

    @Override
    public ModelInfo info() {
        return model.info();
    }

    /** In the model's own order, which differences to one target don't change. */
    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        double compared = model.score(List.of(instance), new int[] {other}, new BitSet(), false)[0][0].score();
        return model.predict(instance, k, excluded).stream().map(o -> new Output(o.index(), o.target(), o.rank(), o.score() - compared)).toList();
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
        RankedScore[][] scores = model.score(instances, with(targets), excluded, ranks);
        RankedScore[][] out = new RankedScore[scores.length][targets.length];
        for (int i = 0; i < out.length; i++) {
            for (int t = 0; t < targets.length; t++) {
                out[i][t] = new RankedScore(scores[i][t].score() - scores[i][targets.length].score(), scores[i][t].rank());
            }
        }
        return out;
    }

    private int[] with(int[] targets) {
        int[] all = Arrays.copyOf(targets, targets.length + 1);
        all[targets.length] = other;
        return all;
    }

    /** Abilities whose differences are known; the others are not there, since what they say is not of the difference. */
    @Override
    public <T> Optional<T> adapt(Class<T> ability) {
        if (ability == Gradients.class) {
            return model.adapt(Gradients.class).map(g -> ability.cast((Gradients) (instance, targets, points) -> {
                Gradients.Slope[][] slopes = g.at(instance, with(targets), points);
                return Arrays.stream(slopes).map(s -> {
                    Gradients.Slope[] out = new Gradients.Slope[targets.length];
                    for (int t = 0; t < out.length; t++) {
                        out[t] = new Gradients.Slope(s[t].score() - s[targets.length].score(), less(s[t].products(), s[targets.length].products()));
                    }
                    return out;
                }).toArray(Gradients.Slope[][]::new);
            }));
        }
        if (ability == Attention.class) {
            return model.adapt(Attention.class).map(a -> ability.cast((Attention) (instance, targets) -> {
                Attention.Maps maps = a.of(instance, with(targets));
                double[][][][][] gradients = new double[targets.length][][][][];
                for (int t = 0; t < targets.length; t++) {
                    gradients[t] = less(maps.gradients()[t], maps.gradients()[targets.length]);
                }
                return new Attention.Maps(maps.parts(), maps.output(), maps.weights(), gradients);
            }));
        }
        return ability == Embeddings.class ? model.adapt(Embeddings.class).map(e -> ability.cast(new Differences(e))) : Optional.empty();
    }

    private static double[] less(double[] a, double[] b) {
        double[] out = new double[a.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = a[i] - b[i];
        }
        return out;
    }

    private static double[][][][] less(double[][][][] a, double[][][][] b) {
        double[][][][] out = new double[a.length][][][];
        for (int layer = 0; layer < a.length; layer++) {
            out[layer] = new double[a[layer].length][][];
            for (int head = 0; head < a[layer].length; head++) {
                out[layer][head] = new double[a[layer][head].length][];
                for (int query = 0; query < a[layer][head].length; query++) {
                    out[layer][head][query] = less(a[layer][head][query], b[layer][head][query]);
                }
            }
        }
        return out;
    }

    /** Instances lie where they lie, targets where their difference does: the inner product is the difference of scores. */
    private final class Differences implements Embeddings {
        private final Embeddings inside;

        Differences(Embeddings inside) {
            this.inside = inside;
        }

        @Override
        public int dimensions() {
            return inside.dimensions();
        }

        @Override
        public boolean innerProduct() {
            return inside.innerProduct();
        }

        @Override
        public double[] instance(Instance instance) {
            return inside.instance(instance);
        }

        @Override
        public double[] target(int target) {
            return less(inside.target(target), inside.target(other));
        }

        @Override
        public double bias(int target) {
            return inside.bias(target) - inside.bias(other);
        }
    }

    @Override
    public void close() {
        // the lease closes the model
    }
}
