package org.wherefore.engine.dl4j.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;
import org.wherefore.engine.dl4j.internal.transformer.ClassTransformer;
import org.wherefore.engine.dl4j.internal.transformer.Transformer;

/**
 * Serves a trained {@link ClassTransformer}. A score is the log odds of a target.
 *
 * @param <I> kind of input
 */
final class ClassModel<I> implements Model {
    /** Inputs encoded at once: bounds memory. */
    private static final int CHUNK = 4096;

    private final ModelInfo info;
    private final FeatureSchema schema;
    private final ClassTransformer<float[], I> transformer;
    private final Function<Instance, I> inputs;
    private final int targets;

    /** @param inputs reads an instance, or throws what tells why it can't */
    ClassModel(ModelInfo info, FeatureSchema schema, ClassTransformer<float[], I> transformer, Function<Instance, I> inputs) {
        this.info = info;
        this.schema = schema;
        this.transformer = transformer;
        this.inputs = inputs;
        this.targets = transformer.targets();
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        float[] scores = scores(List.of(instance));
        int[] top = Transformer.topK(scores, 0, targets, k, excluded.stream().toArray());
        List<Output> out = new ArrayList<>(top.length);
        for (int i = 0; i < top.length; i++) {
            out.add(new Output(top[i], schema.targets().get(top[i]), i + 1, scores[top[i]]));
        }
        return out;
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targetIndices, BitSet excluded, boolean ranks) {
        known(targetIndices);
        RankedScore[][] out = new RankedScore[instances.size()][targetIndices.length];
        for (int from = 0; from < instances.size(); from += CHUNK) {
            List<? extends Instance> some = instances.subList(from, Math.min(instances.size(), from + CHUNK));
            float[] scores = scores(some);
            for (int r = 0; r < some.size(); r++) {
                for (int t = 0; t < targetIndices.length; t++) {
                    out[from + r][t] = new RankedScore(scores[r * targets + targetIndices[t]],
                            ranks ? rank(scores, r * targets, targetIndices[t], excluded) : 0);
                }
            }
        }
        return out;
    }

    private int rank(float[] scores, int offset, int target, BitSet excluded) {
        int better = 0;
        for (int i = 0; i < targets; i++) {
            int order = Float.compare(scores[offset + i], scores[offset + target]);
            if (i != target && !excluded.get(i) && (order > 0 || order == 0 && i < target)) {
                better++;
            }
        }
        return better + 1;
    }

    private void known(int[] targetIndices) {
        for (int target : targetIndices) {
            if (target < 0 || target >= targets) {
                throw WhereforeException.invalid("targets", "there is no target " + target + "; " + info.name() + ":" + info.version()
                        + " knows 0 to " + (targets - 1));
            }
        }
    }

    private float[] scores(List<? extends Instance> instances) {
        float[] vectors = vectors(instances);
        float[] scores = new float[instances.size() * targets];
        transformer.scores(vectors, instances.size(), scores);
        return scores;
    }

    private float[] vectors(List<? extends Instance> instances) {
        List<I> read = new ArrayList<>(instances.size());
        instances.forEach(i -> read.add(inputs.apply(i)));
        float[] vectors = new float[read.size() * transformer.dim()];
        transformer.vectors(read, vectors);
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
        return transformer.slopes(inputs.apply(instance), targetIndices, points);
    }

    private Attention.Maps attention(Instance instance, int[] targetIndices) {
        known(targetIndices);
        return transformer.attention(inputs.apply(instance), targetIndices);
    }

    private final class Vectors implements Embeddings {
        @Override
        public int dimensions() {
            return transformer.dim();
        }

        @Override
        public boolean innerProduct() {
            return true;
        }

        @Override
        public double[] instance(Instance instance) {
            return doubles(vectors(List.of(instance)));
        }

        @Override
        public double[] target(int target) {
            known(new int[] {target});
            float[] vector = new float[transformer.dim()];
            transformer.targetVector(target, vector);
            return doubles(vector);
        }

        @Override
        public double bias(int target) {
            known(new int[] {target});
            return transformer.bias(target);
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
