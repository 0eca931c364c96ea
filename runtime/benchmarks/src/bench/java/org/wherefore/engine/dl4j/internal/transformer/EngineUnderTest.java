package org.wherefore.engine.dl4j.internal.transformer;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.Supplier;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.kernel.ScalarKernels;
import org.wherefore.engine.dl4j.internal.kernel.nd4j.Nd4jKernels;

/**
 * Everything that the benchmarks touch of the engine's own classes, in one place; it stands in the engine's package because
 * nobody else puts given weights into a model. One thread trains or scores at a time.
 */
public final class EngineUnderTest {
    /** Names of the kernels that can be chosen. */
    public static final List<String> BACKENDS = List.of("vector", "scalar", "nd4j");

    private final Part<?> part;

    /**
     * @param backend one of {@link #BACKENDS}
     * @param weights row-major values by the engine's parameter names
     * @throws IllegalArgumentException when there is no such backend here, or the weights are not the model's
     */
    public EngineUnderTest(String backend, int items, int length, int dim, int blocks, int hidden, Map<String, float[]> weights) {
        TransformerConfig config = new TransformerConfig(items, length, dim, blocks, 1, hidden, 0f, 1, 0, null);
        part = switch (backend) {
            case "vector" -> {
                if (!Kernels.best().name().startsWith("vector")) {
                    throw new IllegalArgumentException("backend vector needs --add-modules jdk.incubator.vector");
                }
                yield new Part<>(config, Kernels::best, weights);
            }
            case "scalar" -> new Part<>(config, ScalarKernels::new, weights);
            case "nd4j" -> new Part<>(config, Nd4jKernels::new, weights);
            default -> throw new IllegalArgumentException("unknown backend '" + backend + "'; known: " + BACKENDS);
        };
    }

    /** The model of one backend. */
    private static final class Part<A> {
        final Transformer<A> model;

        Part(TransformerConfig config, Supplier<? extends Kernels<A>> kernels, Map<String, float[]> weights) {
            model = Transformer.random(config, 1, kernels);
            Kernels<A> k = model.newKernels();
            for (Layout.Entry e : model.layout.entries) {
                float[] values = weights.get(e.name());
                if (values == null || values.length != e.size()) {
                    throw new IllegalArgumentException("the engine's parameter '" + e.name() + "' has " + e.size()
                            + " values, the benchmark's shape does not");
                }
                k.write(values, 0, model.parameters, e.offset(), values.length);
            }
            model.refresh();
        }

        Trainer<A> trainer(TrainingOptions o) {
            return new Trainer<>(model, o);
        }
    }

    /** @return the best {@code k} items for each history, best first */
    public int[][] top(int[][] histories, int k) {
        int n = part.model.config().items();
        float[] scores = scores(histories);
        int[][] best = new int[histories.length][];
        for (int i = 0; i < best.length; i++) {
            best[i] = Transformer.topK(scores, i * n, n, k, null);
        }
        return best;
    }

    /** @return scores of all items, one history after another */
    public float[] scores(int[][] histories) {
        Transformer<?> model = part.model;
        float[] vectors = new float[histories.length * model.config().dim()];
        model.scoreRows(histories, null, vectors);
        float[] scores = new float[histories.length * model.config().items()];
        model.scores(vectors, histories.length, scores);
        return scores;
    }

    /** Asked before each step. */
    public interface Feed {
        /** Puts the next step's sequences into the batch. @return false to stop */
        boolean next();
    }

    /**
     * Trains a step at a time until the feed ends: every epoch is one batch.
     *
     * @param batch what a step trains on; the feed changes what is in it
     * @param negatives shared sampled negatives, 0 for the full softmax
     * @param losses gets the mean loss of each step, before it
     */
    public void train(int[][] batch, int negatives, float learningRate, int threads, Feed feed, DoubleConsumer losses)
            throws IOException {
        if (part.model.parameters instanceof INDArray) {
            // More threads than one make small operations slower. OpenMP counts per calling thread: the peer, which is called from
            // another, keeps its own number.
            Nd4j.factory().blas().setMaxThreads(1);
            NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(1);
        }
        TrainingOptions o = new TrainingOptions();
        o.loss = negatives > 0 ? Loss.SAMPLED_SOFTMAX : Loss.SOFTMAX;
        o.negatives = Math.max(1, negatives);
        o.epochs = Integer.MAX_VALUE / 4;
        o.batch = batch.length;
        o.learningRate = learningRate;
        o.warmup = 0;
        o.clip = 0;
        o.threads = threads;
        part.trainer(o).train(batch, null, null, progress -> {
            if (!progress.epochEnd()) {
                losses.accept(progress.loss());
            }
        }, () -> !feed.next());
    }
}
