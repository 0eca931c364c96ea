package org.wherefore.extractor.image.internal;

import org.wherefore.api.data.Picture;

/**
 * How a picture becomes a small square: cut to its middle square or padded with black to a whole one, then made smaller by averaging
 * areas (every sample counts, in proportion to what of it a new pixel covers) or larger by linear interpolation between the centres
 * of pixels. Immutable.
 *
 * @param size side of the square
 * @param pad whether what does not fit a square is padded, not cut off
 * @param channels 1: colours become their luminance (ITU-R BT.601); 3: grey stands in all three
 */
record Shape(int size, boolean pad, int channels) {
    static final int MIN_SIZE = 28;
    static final int MAX_SIZE = 64;

    Shape {
        if (size < MIN_SIZE || size > MAX_SIZE || channels != 1 && channels != 3) {
            throw new IllegalArgumentException(size + " pixels, " + channels + " channels");
        }
    }

    /** {@code channels x size x size} samples from 0 to 1. */
    float[] apply(Picture picture) {
        int side = pad ? Math.max(picture.height(), picture.width()) : Math.min(picture.height(), picture.width());
        Axis rows = new Axis(picture.height(), side, size);
        Axis columns = new Axis(picture.width(), side, size);
        float[] out = new float[channels * size * size];
        double[] row = new double[picture.width()];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < size; y++) {
                java.util.Arrays.fill(row, 0);
                for (int i = 0; i < rows.weights[y].length; i++) {
                    for (int x = 0; x < row.length; x++) {
                        row[x] += rows.weights[y][i] * sample(picture, c, rows.first[y] + i, x);
                    }
                }
                for (int x = 0; x < size; x++) {
                    double sum = 0;
                    for (int i = 0; i < columns.weights[x].length; i++) {
                        sum += columns.weights[x][i] * row[columns.first[x] + i];
                    }
                    out[(c * size + y) * size + x] = (float) Math.min(1, Math.max(0, sum));
                }
            }
        }
        return out;
    }

    private double sample(Picture p, int channel, int y, int x) {
        if (p.channels() == channels) {
            return p.sample(channel, y, x);
        }
        return p.channels() == 1 ? p.sample(0, y, x) : .299 * p.sample(0, y, x) + .587 * p.sample(1, y, x) + .114 * p.sample(2, y, x);
    }

    /** For each new pixel the old ones it is made of, with their weights; what lies outside has none, which makes it black. */
    private static final class Axis {
        final int[] first;
        final double[][] weights;

        Axis(int length, int side, int size) {
            first = new int[size];
            weights = new double[size][];
            double offset = (length - side) / 2.0;
            double scale = (double) side / size;
            for (int i = 0; i < size; i++) {
                double from = offset + i * scale;
                if (scale < 1) {
                    double centre = from + scale / 2 - .5;
                    // Beyond the outermost centres of the square the outermost pixel stands.
                    centre = Math.min(Math.max(centre, offset), offset + side - 1);
                    set(i, (int) Math.floor(centre), new double[] {1 - (centre - Math.floor(centre)), centre - Math.floor(centre)}, length);
                } else {
                    int low = (int) Math.floor(from);
                    int high = (int) Math.ceil(from + scale - 1e-9);
                    double[] w = new double[high - low];
                    for (int k = low; k < high; k++) {
                        w[k - low] = (Math.min(k + 1, from + scale) - Math.max(k, from)) / scale;
                    }
                    set(i, low, w, length);
                }
            }
        }

        private void set(int i, int low, double[] all, int length) {
            int from = Math.max(0, -low);
            int to = Math.min(all.length, length - low);
            first[i] = Math.max(0, low);
            weights[i] = from < to ? java.util.Arrays.copyOfRange(all, from, to) : new double[0];
        }
    }
}
