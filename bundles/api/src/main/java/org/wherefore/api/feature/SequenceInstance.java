package org.wherefore.api.feature;

import java.util.Arrays;

/**
 * A behaviour history as model input: item indices (0-based, into {@link FeatureSchema#targets()}) and event kind indices,
 * oldest first. Immutable.
 */
public final class SequenceInstance implements Instance {
    private final int[] items;
    private final int[] kinds;

    public SequenceInstance(int[] items, int[] kinds) {
        if (items.length != kinds.length) {
            throw new IllegalArgumentException(items.length + " items but " + kinds.length + " kinds");
        }
        this.items = items.clone();
        this.kinds = kinds.clone();
    }

    public int length() {
        return items.length;
    }

    public int item(int position) {
        return items[position];
    }

    public int kind(int position) {
        return kinds[position];
    }

    /** A copy. */
    public int[] items() {
        return items.clone();
    }

    /** A copy. */
    public int[] kinds() {
        return kinds.clone();
    }

    /** The first {@code length} events. */
    public SequenceInstance prefix(int length) {
        return new SequenceInstance(Arrays.copyOf(items, length), Arrays.copyOf(kinds, length));
    }

    /** The history as if the events at these positions had not happened. */
    public SequenceInstance without(int... positions) {
        boolean[] drop = new boolean[items.length];
        int left = items.length;
        for (int p : positions) {
            if (!drop[p]) {
                drop[p] = true;
                left--;
            }
        }
        int[] i = new int[left];
        int[] k = new int[left];
        for (int p = 0, n = 0; p < items.length; p++) {
            if (!drop[p]) {
                i[n] = items[p];
                k[n++] = kinds[p];
            }
        }
        return new SequenceInstance(i, k);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof SequenceInstance s && Arrays.equals(items, s.items) && Arrays.equals(kinds, s.kinds);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(items) + Arrays.hashCode(kinds);
    }
}
