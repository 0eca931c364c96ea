package org.wherefore.engine.dl4j.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;
import org.wherefore.engine.dl4j.internal.transformer.Transformer;

/** Serves a trained {@link Transformer}. An empty history scores every target 0: the base value of explanations. */
final class TransformerModel implements Model {
    /** Histories encoded at once: bounds memory, long enough for the kernels to run at speed. */
    private static final int CHUNK = 64;

    private final ModelInfo info;
    private final List<String> targets;
    private final Transformer<float[]> transformer;
    private final int dim;
    private final int items;

    TransformerModel(ModelInfo info, List<String> targets, Transformer<float[]> transformer) {
        this.info = info;
        this.targets = targets;
        this.transformer = transformer;
        this.dim = transformer.config().dim();
        this.items = transformer.config().items();
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        float[] scores = new float[items];
        transformer.scores(encode(List.of(instance), 0, 1), 1, scores);
        int[] top = Transformer.topK(scores, 0, items, k, excluded.stream().toArray());
        List<Output> out = new ArrayList<>(top.length);
        for (int i = 0; i < top.length; i++) {
            out.add(new Output(top[i], targets.get(top[i]), i + 1, scores[top[i]]));
        }
        return out;
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targetIndices, BitSet excluded, boolean ranks) {
        known(targetIndices);
        RankedScore[][] out = new RankedScore[instances.size()][targetIndices.length];
        for (int from = 0; from < instances.size(); from += CHUNK) {
            int n = Math.min(CHUNK, instances.size() - from);
            float[] vectors = encode(instances, from, n);
            if (ranks) {
                float[] scores = new float[n * items];
                transformer.scores(vectors, n, scores);
                for (int r = 0; r < n; r++) {
                    for (int t = 0; t < targetIndices.length; t++) {
                        out[from + r][t] = ranked(scores, r * items, targetIndices[t], excluded);
                    }
                }
            } else {
                float[] scores = new float[targetIndices.length];
                for (int r = 0; r < n; r++) {
                    transformer.scores(vectors, r, targetIndices, scores);
                    for (int t = 0; t < targetIndices.length; t++) {
                        out[from + r][t] = new RankedScore(scores[t], 0);
                    }
                }
            }
        }
        return out;
    }

    private void known(int[] targetIndices) {
        for (int target : targetIndices) {
            if (target < 0 || target >= items) {
                throw WhereforeException.invalid("targets", "there is no target " + target + "; " + info.name() + ":" + info.version()
                        + " knows 0 to " + (items - 1));
            }
        }
    }

    private RankedScore ranked(float[] scores, int offset, int target, BitSet excluded) {
        float s = scores[offset + target];
        int better = 0;
        for (int i = 0; i < items; i++) {
            float o = scores[offset + i];
            if (o > s || o == s && i < target) {
                better++;
            }
        }
        for (int x = excluded.nextSetBit(0); x >= 0 && x < items; x = excluded.nextSetBit(x + 1)) {
            float o = scores[offset + x];
            if (x != target && (o > s || o == s && x < target)) {
                better--;
            }
        }
        return new RankedScore(s, better + 1);
    }

    private float[] encode(List<? extends Instance> instances, int from, int n) {
        int[][] histories = new int[n][];
        int[][] kinds = new int[n][];
        for (int i = 0; i < n; i++) {
            SequenceInstance s = (SequenceInstance) instances.get(from + i);
            histories[i] = s.items();
            kinds[i] = s.kinds();
        }
        float[] vectors = new float[n * dim];
        transformer.scoreRows(histories, transformer.config().kinds() > 1 ? kinds : null, vectors);
        return vectors;
    }

    @Override
    public <T> Optional<T> adapt(Class<T> ability) {
        Object given = ability == Gradients.class ? (Gradients) this::slopes : ability == Attention.class ? (Attention) this::attention
                : ability == Embeddings.class ? new Vectors() : null;
        return Optional.ofNullable(given).map(ability::cast);
    }

    private Gradients.Slope[][] slopes(Instance instance, int[] targetIndices, List<Gradients.Point> points) {
        known(targetIndices);
        SequenceInstance history = history(instance);
        return transformer.slopes(history.items(), kinds(history), targetIndices, points);
    }

    private Attention.Maps attention(Instance instance, int[] targetIndices) {
        known(targetIndices);
        SequenceInstance history = history(instance);
        return transformer.attention(history.items(), kinds(history), targetIndices);
    }

    private SequenceInstance history(Instance instance) {
        if (instance instanceof SequenceInstance history) {
            return history;
        }
        throw new WhereforeException(ErrorCode.UNSUPPORTED, info.engine() + " reads behaviour histories only");
    }

    private int[] kinds(SequenceInstance history) {
        return transformer.config().kinds() > 1 ? history.kinds() : null;
    }

    private final class Vectors implements Embeddings {
        @Override
        public int dimensions() {
            return dim;
        }

        @Override
        public boolean innerProduct() {
            return true;
        }

        @Override
        public double[] instance(Instance instance) {
            return doubles(encode(List.of(history(instance)), 0, 1));
        }

        @Override
        public double[] target(int target) {
            known(new int[] {target});
            float[] vector = new float[dim];
            transformer.itemVector(target, vector);
            return doubles(vector);
        }

        @Override
        public double bias(int target) {
            known(new int[] {target});
            return 0;
        }

        private static double[] doubles(float[] vector) {
            double[] out = new double[vector.length];
            Arrays.setAll(out, i -> vector[i]);
            return out;
        }
    }

    @Override
    public void close() {
        // plain arrays: nothing to release
    }
}
