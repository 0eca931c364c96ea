package org.wherefore.extractor.table.internal;

import java.util.Arrays;

/**
 * The remembered records of one entity by time, and for each the exact sums over those before it, so that what a window holds is a
 * difference of two sums. Appending takes constant time (amortised), a record that comes late takes time for those after it, finding
 * the ends of a window takes the logarithm of the records. Records of the same time stand in the order they came. Not thread-safe.
 */
final class Past {
    private static final int FIRST = 4;
    final String key;
    private int head;
    private int tail;
    private long[] times = new long[FIRST];
    private int[] slots = new int[FIRST];
    /** One longer than the records: at {@code i} of those before {@code i}; null where nobody asks. */
    private int[] positives;
    /** By summed field, as {@link #positives}: values that are not missing, and their sum. */
    private final int[][] counts;
    private final long[][] highs;
    private final long[][] lows;
    private final int[] numbers;

    /**
     * @param numbers which of the number fields are summed
     * @param risk whether positives are counted
     */
    Past(String key, int[] numbers, boolean risk) {
        this.key = key;
        this.numbers = numbers;
        positives = risk ? new int[FIRST + 1] : null;
        counts = new int[numbers.length][FIRST + 1];
        highs = new long[numbers.length][FIRST + 1];
        lows = new long[numbers.length][FIRST + 1];
    }

    boolean isEmpty() {
        return head == tail;
    }

    /** The first position whose time is after {@code time}. */
    int after(long time) {
        if (head == tail || times[tail - 1] <= time) {
            return tail;
        }
        int from = head;
        int to = tail;
        while (from < to) {
            int middle = (from + to) >>> 1;
            if (times[middle] <= time) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }

    /** Of the record in {@code slot}, which has this time. */
    int position(long time, int slot) {
        int at = after(time) - 1;
        while (slots[at] != slot) {
            at--;
        }
        return at;
    }

    int slot(int position) {
        return slots[position];
    }

    int positives(int from, int to) {
        return positives[to] - positives[from];
    }

    int count(int summed, int from, int to) {
        return counts[summed][to] - counts[summed][from];
    }

    long low(int summed, int from, int to) {
        return lows[summed][to] - lows[summed][from];
    }

    long high(int summed, int from, int to) {
        int borrow = Long.compareUnsigned(lows[summed][to], lows[summed][from]) < 0 ? 1 : 0;
        return highs[summed][to] - highs[summed][from] - borrow;
    }

    /** @param values by number field, NaN where missing */
    void insert(long time, int slot, boolean positive, double[] values) {
        if (tail == times.length) {
            room();
        }
        int at = after(time);
        System.arraycopy(times, at, times, at + 1, tail - at);
        System.arraycopy(slots, at, slots, at + 1, tail - at);
        times[at] = time;
        slots[at] = slot;
        // Sums behind it move by one place and grow by it.
        for (int i = tail; positives != null && i >= at; i--) {
            positives[i + 1] = positives[i] + (positive ? 1 : 0);
        }
        for (int n = 0; n < numbers.length; n++) {
            double value = values[numbers[n]];
            boolean missing = Double.isNaN(value);
            long high = missing ? 0 : Exact.high(value);
            long low = missing ? 0 : Exact.low(value);
            for (int i = tail; i >= at; i--) {
                counts[n][i + 1] = counts[n][i] + (missing ? 0 : 1);
                lows[n][i + 1] = lows[n][i] + low;
                highs[n][i + 1] = highs[n][i] + high + Exact.carry(lows[n][i + 1], low);
            }
        }
        tail++;
    }

    /** A record turned out to be positive (1) or not to be, after all (-1). */
    void label(int position, int change) {
        for (int i = position + 1; positives != null && i <= tail; i++) {
            positives[i] += change;
        }
    }

    /** Forgets the records up to this time. */
    void forget(long time) {
        while (head < tail && times[head] <= time) {
            head++;
        }
    }

    private void room() {
        int size = tail - head;
        resize(size > times.length / 2 ? times.length * 2 : times.length);
    }

    /** Gives back what it does not need. */
    void shrink() {
        int size = tail - head;
        if (times.length > FIRST && size < times.length / 4) {
            resize(Math.max(FIRST, size + size / 2));
        }
    }

    private void resize(int capacity) {
        int size = tail - head;
        times = move(times, size, capacity);
        slots = move(slots, size, capacity);
        positives = positives == null ? null : move(positives, size + 1, capacity + 1);
        for (int n = 0; n < counts.length; n++) {
            counts[n] = move(counts[n], size + 1, capacity + 1);
            highs[n] = move(highs[n], size + 1, capacity + 1);
            lows[n] = move(lows[n], size + 1, capacity + 1);
        }
        tail = size;
        head = 0;
    }

    private long[] move(long[] from, int size, int capacity) {
        return Arrays.copyOf(Arrays.copyOfRange(from, head, head + size), capacity);
    }

    private int[] move(int[] from, int size, int capacity) {
        return Arrays.copyOf(Arrays.copyOfRange(from, head, head + size), capacity);
    }
}
