package org.wherefore.benchmarks;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.SynchronousQueue;
import org.wherefore.engine.dl4j.internal.transformer.EngineUnderTest;

/**
 * Our engine's plain classes with one of its backends. The trainer runs whole trainings, so a thread of its own runs one whose
 * every epoch is a single batch, and waits before each step for the next one's sequences. It draws its shared negatives itself.
 */
public final class WhereforeContender implements Contender {
    private final String backend;
    private final int threads;
    private Shape shape;
    private EngineUnderTest engine;
    private Thread training;
    private SynchronousQueue<int[][]> batches;
    private SynchronousQueue<Object> losses;

    /** @param threads that training uses; a prediction is the work of one */
    public WhereforeContender(String backend, int threads) {
        if (!EngineUnderTest.BACKENDS.contains(backend)) {
            throw new IllegalArgumentException("unknown backend '" + backend + "'; known: " + EngineUnderTest.BACKENDS);
        }
        this.backend = backend;
        this.threads = threads;
    }

    @Override
    public String name() {
        return OURS + backend + " " + threads + "t";
    }

    @Override
    public void init(Shape s, Map<String, float[]> weights) {
        close();
        shape = s;
        engine = new EngineUnderTest(backend, s.items(), s.length(), s.dim(), s.blocks(), s.hidden(), weights);
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
        int[][] current = new int[size][];
        Arrays.fill(current, new int[] {0, 0});
        SynchronousQueue<int[][]> in = new SynchronousQueue<>();
        SynchronousQueue<Object> out = new SynchronousQueue<>();
        batches = in;
        losses = out;
        EngineUnderTest trained = engine;
        training = new Thread(() -> {
            Object last;
            try {
                trained.train(current, shape.negatives(), shape.learningRate(), threads, () -> next(in, current),
                        loss -> hand(out, loss));
                return;
            } catch (IOException | RuntimeException | Error e) {
                last = e;
            }
            hand(out, last);
        }, "benchmark-training");
        training.setDaemon(true);
        training.start();
    }

    private static boolean next(SynchronousQueue<int[][]> in, int[][] current) {
        try {
            int[][] next = in.take();
            if (next.length != current.length) {
                throw new IllegalArgumentException("all batches between two init have the same size");
            }
            System.arraycopy(next, 0, current, 0, next.length);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    private static void hand(SynchronousQueue<Object> out, Object value) {
        try {
            out.put(value);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public float[] scores(int[] history) {
        return engine.scores(new int[][] {history});
    }

    @Override
    public int[][] top(int[][] histories, int k) {
        return engine.top(histories, k);
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
