package org.wherefore.benchmarks;

import java.util.SplittableRandom;

/**
 * One training step's data: sequences without padding, oldest first. The first {@code n - 1} events of each are input, the
 * last {@code n - 1} what comes next. {@code negatives} are shared by all positions.
 */
public record Batch(int[][] sequences, int[] negatives) {
    /** @param full whether every sequence has the full length; otherwise a quarter of it to all of it */
    static Batch random(SplittableRandom random, Shape shape, int size, boolean full) {
        int[][] sequences = new int[size][];
        for (int s = 0; s < size; s++) {
            int length = full ? shape.length() : shape.length() / 4 + random.nextInt(shape.length() - shape.length() / 4 + 1);
            sequences[s] = random.ints(length + 1, 0, shape.items()).toArray();
            for (int i = 1; i <= length; i++) { // something to learn: every second event follows from the one before
                if (i % 2 == 1) {
                    sequences[s][i] = (int) ((sequences[s][i - 1] * 31L + 7) % shape.items());
                }
            }
        }
        return new Batch(sequences, random.ints(shape.negatives(), 0, shape.items()).toArray());
    }
}
