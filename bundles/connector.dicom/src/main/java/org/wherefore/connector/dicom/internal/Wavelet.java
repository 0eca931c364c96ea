package org.wherefore.connector.dicom.internal;

/** The inverse wavelet transforms of JPEG 2000 (ITU-T T.800 annex F), in place on one line with the low samples at even places. Stateless. */
final class Wavelet {
    private static final int MARGIN = 4;
    private static final float ALPHA = -1.586134342059924f;
    private static final float BETA = -.052980118572961f;
    private static final float GAMMA = .882911075530934f;
    private static final float DELTA = .443506852043971f;
    private static final float K = 1.230174104914001f;

    private Wavelet() {}

    /**
     * Puts four bands together: rows first, then columns.
     *
     * @param values the samples where the bands have been spread to: low ones at even, high ones at odd places of the whole image
     * @param x0 the left edge in the whole image, y0 the upper one
     */
    static void inverse(float[] values, int x0, int y0, int width, int height, boolean reversible) {
        float[] line = new float[Math.max(width, height) + 2 * MARGIN + 2];
        for (int y = 0; y < height; y++) {
            line(values, y * width, 1, width, x0, line, reversible);
        }
        for (int x = 0; x < width; x++) {
            line(values, x, width, height, y0, line, reversible);
        }
    }

    private static void line(float[] values, int from, int step, int length, int start, float[] line, boolean reversible) {
        int odd = start & 1;
        if (length == 1) {
            if (odd == 1) {
                values[from] = reversible ? (float) Math.floor(values[from] / 2) : values[from] / 2;
            }
            return;
        }
        // Even places of the line are low samples.
        int base = MARGIN + odd;
        for (int i = 0; i < length; i++) {
            line[base + i] = values[from + i * step];
        }
        for (int i = 1; i <= MARGIN; i++) {
            line[base - i] = line[base + mirror(-i, length)];
            line[base + length - 1 + i] = line[base + mirror(length - 1 + i, length)];
        }
        int end = base + length;
        if (reversible) {
            for (int i = base - odd; i < end + 1; i += 2) {
                line[i] -= (float) Math.floor((line[i - 1] + line[i + 1] + 2) / 4);
            }
            for (int i = base - odd + 1; i < end; i += 2) {
                line[i] += (float) Math.floor((line[i - 1] + line[i + 1]) / 2);
            }
        } else {
            for (int i = base - MARGIN; i < end + MARGIN; i++) {
                line[i] *= (i & 1) == 0 ? K : 1 / K;
            }
            lift(line, MARGIN - 2, end + 3, DELTA);
            lift(line, MARGIN - 1, end + 2, GAMMA);
            lift(line, MARGIN, end + 1, BETA);
            lift(line, MARGIN + 1, end, ALPHA);
        }
        for (int i = 0; i < length; i++) {
            values[from + i * step] = line[base + i];
        }
    }

    private static void lift(float[] line, int from, int to, float by) {
        for (int i = from; i < to; i += 2) {
            line[i] -= by * (line[i - 1] + line[i + 1]);
        }
    }

    private static int mirror(int i, int length) {
        int period = 2 * (length - 1);
        int m = Math.floorMod(i, period);
        return m < length ? m : period - m;
    }
}
