package org.wherefore.extractor.table.internal;

/**
 * Numbers with 64 bits before and 64 bits after the point, as two longs: sums of them don't depend on the order of the summands, and a
 * summand that was added can be taken away without a trace. That is what makes aggregates the same bit by bit whatever the way they
 * came about. Exact for doubles up to {@link #MAX} that are multiples of 2^-64, which all from 2^-12 on are; of smaller ones the bits
 * below 2^-64 are cut. Stateless.
 */
final class Exact {
    /** The largest magnitude of a summand; 2^23 of them can be summed. */
    static final double MAX = 0x1p40;
    private static final double TWO_32 = 0x1p32;

    private Exact() {}

    /** The part before the point, rounded down. */
    static long high(double value) {
        double a = Math.abs(value);
        long high = (long) a;
        return value >= 0 ? high : ~high + (fraction(a - high) == 0 ? 1 : 0);
    }

    /** The part behind the point, unsigned, in 2^-64. */
    static long low(double value) {
        double a = Math.abs(value);
        long low = fraction(a - (long) a);
        return value >= 0 ? low : -low;
    }

    private static long fraction(double part) {
        double scaled = part * TWO_32;
        long top = (long) scaled;
        return top << 32 | (long) ((scaled - top) * TWO_32);
    }

    /** What is carried into the higher part when {@code low} became a sum by adding {@code added}. */
    static int carry(long low, long added) {
        return Long.compareUnsigned(low, added) < 0 ? 1 : 0;
    }

    /** The nearest double, ties to even. */
    static double toDouble(long high, long low) {
        boolean negative = high < 0;
        long l = negative ? -low : low;
        long h = negative ? ~high + (l == 0 ? 1 : 0) : high;
        if ((h | l) == 0) {
            return 0;
        }
        int zeros = h != 0 ? Long.numberOfLeadingZeros(h) : 64 + Long.numberOfLeadingZeros(l);
        long top = zeros == 0 ? h : zeros < 64 ? h << zeros | l >>> 64 - zeros : l << zeros - 64;
        long rest = zeros < 64 ? l << zeros : 0;
        // 63 bits are more than a double has: the last one only says whether anything was cut.
        double rounded = (double) (top >>> 1 | ((top & 1) != 0 || rest != 0 ? 1 : 0));
        return Math.scalb(negative ? -rounded : rounded, 1 - zeros);
    }
}
