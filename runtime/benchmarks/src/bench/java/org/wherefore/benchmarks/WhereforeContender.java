package org.wherefore.benchmarks;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import org.wherefore.engine.dl4j.internal.transformer.Loss;
import org.wherefore.engine.dl4j.internal.transformer.Trainer;
import org.wherefore.engine.dl4j.internal.transformer.TrainingOptions;
import org.wherefore.engine.dl4j.internal.transformer.Transformer;
import org.wherefore.engine.dl4j.internal.transformer.TransformerConfig;
import org.wherefore.engine.dl4j.internal.transformer.WeightAccess;

/**
 * Our engine's plain classes. The trainer runs whole trainings, so a thread of its own runs one whose every epoch is a single
 * batch, and waits before each step for the next one's sequences. It draws its shared negatives itself.
 */
public final class WhereforeContender implements Contender {
    private Shape shape;
    private Transformer model;
    private Thread training;
    private SynchronousQueue<int[][]> batches;
    private SynchronousQueue<Object> losses;

    @Override
    public String name() {
        return "wherefore";
    }

    @Override
    public void init(Shape s, Map<String, float[]> weights) {
        close();
        shape = s;
        model = new Transformer(new TransformerConfig(s.items(), s.length(), s.dim(), s.blocks(), 1, s.hidden(), 0f, 1, 0, null), 1);
        WeightAccess.set(model, weights);
    }

    @Override
    public double trainStep(Batch batch) {
        try {
            if (training == null) {
                start(batch.sequences().length);
            }
            batches.put(batch.sequences());
            Object result = losses.take();
            if (result instanceof Throwable t) {
                throw new IllegalStateException("our training failed", t);
            }
            return (Double) result;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void start(int size) {
        TrainingOptions o = new TrainingOptions();
        o.loss = shape.negatives() > 0 ? Loss.SAMPLED_SOFTMAX : Loss.SOFTMAX;
        o.negatives = Math.max(1, shape.negatives());
        o.epochs = Integer.MAX_VALUE / 4;
        o.batch = size;
        o.learningRate = shape.learningRate();
        o.warmup = 0;
        o.clip = 0;
        o.threads = shape.threads();
        int[][] current = new int[size][];
        java.util.Arrays.fill(current, new int[] {0, 0});
        SynchronousQueue<int[][]> in = new SynchronousQueue<>();
        SynchronousQueue<Object> out = new SynchronousQueue<>();
        batches = in;
        losses = out;
        Transformer trained = model;
        training = new Thread(() -> {
            Object last;
            try {
                new Trainer(trained, o).train(current, null, null, progress -> {
                    if (!progress.epochEnd()) {
                        hand(out, progress.loss());
                    }
                }, () -> {
                    try {
                        int[][] next = in.take();
                        if (next.length != size) {
                            throw new IllegalArgumentException("all batches between two init have the same size");
                        }
                        System.arraycopy(next, 0, current, 0, size);
                        return false;
                    } catch (InterruptedException e) {
                        return true;
                    }
                });
                return;
            } catch (IOException | RuntimeException | Error e) {
                last = e;
            }
            hand(out, last);
        }, "benchmark-training");
        training.setDaemon(true);
        training.start();
    }

    private static void hand(SynchronousQueue<Object> out, Object value) {
        try {
            out.put(value);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public float[] score(int[] history) {
        float[] vector = new float[shape.dim()];
        model.scoreRows(new int[][] {history}, null, vector);
        float[] scores = new float[shape.items()];
        model.scores(vector, 1, scores);
        return scores;
    }

    @Override
    public Map<String, float[]> weights() {
        return model.parameters();
    }

    @Override
    public void close() {
        if (training != null) {
            training.interrupt();
            try {
                training.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            training = null;
        }
    }
}
