package org.wherefore.engine.classic.internal;

import java.util.Arrays;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/** Collects rows of pairs in order. One thread. */
final class PairRows {
    private static final int MOST = 200_000_000;
    private final int[] starts;
    private int row;
    private int size;
    private int[] columns = new int[1024];
    private float[] weights = new float[1024];

    PairRows(int rows) {
        starts = new int[rows + 1];
    }

    /** Columns ascend within a row. */
    void add(int column, float weight) {
        if (size == columns.length) {
            if (size >= MOST) {
                throw new WhereforeException(ErrorCode.UNSUPPORTED, "more than " + MOST
                        + " pairs of items; keep fewer neighbours");
            }
            columns = Arrays.copyOf(columns, size * 2);
            weights = Arrays.copyOf(weights, size * 2);
        }
        columns[size] = column;
        weights[size++] = weight;
    }

    void end() {
        starts[++row] = size;
    }

    ClassicData data(String family, int[] events, double setting) {
        return new ClassicData(family, events, setting, starts, Arrays.copyOf(columns, size), Arrays.copyOf(weights, size));
    }
}
