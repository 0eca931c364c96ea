package org.wherefore.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * What every contender builds: SASRec, norm first, one head, ReLU, item vectors tied between input (times the square root
 * of {@code dim}) and output, learned positions counted from the end, a norm at the end, no dropout; Adam (0.9, 0.98,
 * 1e-8).
 *
 * <p>The loss is the softmax over all items or, with negatives, over the target and shared uniform negatives, whose scores
 * are lowered by the logarithm of how often one is expected and which do not count where they are the target.
 *
 * @param hidden width of the feed-forward layer
 * @param negatives shared by a step, or 0 for the full softmax
 */
public record Shape(int items, int length, int dim, int blocks, int hidden, int negatives, float learningRate) {
    /** What the command line asks for, otherwise 12,000 items, 2 blocks and 256 negatives. */
    static Shape of(Options o, int dim, int length) {
        return new Shape(o.number("items", 12_000), length, dim, 2, 4 * dim, o.number("negatives", 256), 1e-3f);
    }

    /** The same model with the full softmax. */
    Shape withoutNegatives() {
        return new Shape(items, length, dim, blocks, hidden, 0, learningRate);
    }

    /** Initial weights by name, row-major, matrices [in][out]; the same for the same seed. */
    public Map<String, float[]> weights(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, float[]> all = new LinkedHashMap<>();
        all.put("item", normal(random, items * dim));
        all.put("position", normal(random, length * dim));
        for (int b = 0; b < blocks; b++) {
            String n = "block" + b + ".";
            all.put(n + "norm1.gain", ones(dim));
            all.put(n + "norm1.bias", new float[dim]);
            all.put(n + "qkv", normal(random, dim * 3 * dim));
            all.put(n + "qkv.bias", new float[3 * dim]);
            all.put(n + "out", normal(random, dim * dim));
            all.put(n + "out.bias", new float[dim]);
            all.put(n + "norm2.gain", ones(dim));
            all.put(n + "norm2.bias", new float[dim]);
            all.put(n + "up", normal(random, dim * hidden));
            all.put(n + "up.bias", new float[hidden]);
            all.put(n + "down", normal(random, hidden * dim));
            all.put(n + "down.bias", new float[dim]);
        }
        all.put("norm.gain", ones(dim));
        all.put("norm.bias", new float[dim]);
        return all;
    }

    @Override
    public String toString() {
        return "d=" + dim + " length=" + length + " items=" + items + " blocks=" + blocks + " hidden=" + hidden
                + " negatives=" + negatives;
    }

    private static float[] ones(int n) {
        float[] a = new float[n];
        Arrays.fill(a, 1f);
        return a;
    }

    private static float[] normal(SplittableRandom random, int n) {
        float[] a = new float[n];
        for (int i = 0; i < n; i++) {
            double u = 1 - random.nextDouble();
            a[i] = (float) (0.02 * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * random.nextDouble()));
        }
        return a;
    }
}
