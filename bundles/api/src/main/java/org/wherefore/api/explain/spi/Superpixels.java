package org.wherefore.api.explain.spi;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.wherefore.api.feature.ImageInstance;

/** Regions of like, connected pixels, and what may stand for them. No randomness. */
final class Superpixels {
    private static final int ROUNDS = 10;
    /** What a step of one region's side counts, in standard deviations of a channel. */
    private static final double COMPACTNESS = 1;

    private Superpixels() {}

    /** For each pixel, row by row, the number of its region; regions are numbered from 0 in the order of their first pixels. */
    static int[] of(ImageInstance image, int wanted) {
        int height = image.height();
        int width = image.width();
        int channels = image.channels();
        float[] values = image.values();
        int size = height * width;
        double side = Math.max(1, Math.sqrt((double) size / Math.max(1, wanted)));
        int rows = Math.max(1, (int) Math.round(height / side));
        int columns = Math.max(1, (int) Math.round(width / side));
        int count = rows * columns;
        double[] scale = new double[channels];
        for (int c = 0; c < channels; c++) {
            scale[c] = scale(values, c * size, size);
        }
        double[][] centres = new double[count][channels + 2];
        int[] region = new int[size];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                region[y * width + x] = y * rows / height * columns + x * columns / width;
            }
        }
        for (int round = 0; round < ROUNDS; round++) {
            move(centres, region, values, scale, width, size);
            int[] next = new int[size];
            double[] nearest = new double[size];
            Arrays.fill(nearest, Double.POSITIVE_INFINITY);
            for (int k = 0; k < count; k++) {
                double[] m = centres[k];
                int top = (int) Math.max(0, m[channels] - side);
                int left = (int) Math.max(0, m[channels + 1] - side);
                for (int y = top; y <= Math.min(height - 1, m[channels] + side); y++) {
                    for (int x = left; x <= Math.min(width - 1, m[channels + 1] + side); x++) {
                        double far = ((y - m[channels]) * (y - m[channels]) + (x - m[channels + 1]) * (x - m[channels + 1]))
                                * COMPACTNESS * COMPACTNESS / (side * side);
                        for (int c = 0; c < channels; c++) {
                            double d = values[c * size + y * width + x] * scale[c] - m[c];
                            far += d * d;
                        }
                        if (far < nearest[y * width + x]) {
                            nearest[y * width + x] = far;
                            next[y * width + x] = k;
                        }
                    }
                }
            }
            for (int i = 0; i < size; i++) {
                next[i] = nearest[i] == Double.POSITIVE_INFINITY ? region[i] : next[i];
            }
            boolean settled = Arrays.equals(next, region);
            region = next;
            if (settled) {
                break;
            }
        }
        return connected(region, width, Math.max(1, size / count / 4));
    }

    private static double scale(float[] values, int from, int size) {
        double sum = 0;
        double squares = 0;
        for (int i = from; i < from + size; i++) {
            sum += values[i];
        }
        for (int i = from; i < from + size; i++) {
            squares += (values[i] - sum / size) * (values[i] - sum / size);
        }
        return squares > 0 ? 1 / Math.sqrt(squares / size) : 0;
    }

    private static void move(double[][] centres, int[] region, float[] values, double[] scale, int width, int size) {
        int[] counts = new int[centres.length];
        for (int i = 0; i < size; i++) {
            counts[region[i]]++;
        }
        for (int k = 0; k < centres.length; k++) {
            if (counts[k] > 0) {
                Arrays.fill(centres[k], 0);
            }
        }
        for (int i = 0; i < size; i++) {
            double[] m = centres[region[i]];
            for (int c = 0; c < scale.length; c++) {
                m[c] += values[c * size + i] * scale[c] / counts[region[i]];
            }
            m[scale.length] += (double) (i / width) / counts[region[i]];
            m[scale.length + 1] += (double) (i % width) / counts[region[i]];
        }
    }

    /** Makes each connected patch a region of its own; one smaller than {@code least} goes to a neighbour that came before it, if there is one. */
    private static int[] connected(int[] region, int width, int least) {
        int[] out = new int[region.length];
        Arrays.fill(out, -1);
        int count = 0;
        for (int start = 0; start < out.length; start++) {
            if (out[start] >= 0) {
                continue;
            }
            int neighbour = -1;
            ArrayDeque<Integer> open = new ArrayDeque<>(List.of(start));
            ArrayDeque<Integer> patch = new ArrayDeque<>();
            out[start] = count;
            while (!open.isEmpty()) {
                int at = open.poll();
                patch.add(at);
                int x = at % width;
                int[] around = {x > 0 ? at - 1 : -1, x < width - 1 ? at + 1 : -1, at - width, at + width};
                for (int n : around) {
                    if (n >= 0 && n < out.length && out[n] < 0 && region[n] == region[start]) {
                        out[n] = count;
                        open.add(n);
                    } else if (n >= 0 && n < out.length && out[n] >= 0 && out[n] != count) {
                        neighbour = out[n];
                    }
                }
            }
            if (patch.size() < least && neighbour >= 0) {
                for (int at : patch) {
                    out[at] = neighbour;
                }
            } else {
                count++;
            }
        }
        return out;
    }

    /** {@code region:left,top,width,height} of each region. */
    static List<String> names(int[] regions, int count, int width) {
        int[][] box = new int[count][];
        for (int i = 0; i < regions.length; i++) {
            int x = i % width;
            int y = i / width;
            int[] b = box[regions[i]];
            if (b == null) {
                box[regions[i]] = new int[] {x, y, x, y};
            } else {
                b[0] = Math.min(b[0], x);
                b[2] = Math.max(b[2], x);
                b[3] = y;
            }
        }
        return IntStream.range(0, count).mapToObj(r -> "region:" + box[r][0] + "," + box[r][1] + "," + (box[r][2] - box[r][0] + 1) + ","
                + (box[r][3] - box[r][1] + 1)).toList();
    }

    /** Every pixel the mean of its channel. */
    static float[] mean(ImageInstance image) {
        float[] values = image.values();
        int size = image.height() * image.width();
        for (int from = 0; from < values.length; from += size) {
            double sum = 0;
            for (int i = from; i < from + size; i++) {
                sum += values[i];
            }
            Arrays.fill(values, from, from + size, (float) (sum / size));
        }
        return values;
    }

    /** Twice the mean over a square window that reaches {@code radius} pixels to each side, cut at the edges. */
    static float[] blurred(ImageInstance image, int radius) {
        float[] values = image.values();
        int height = image.height();
        int width = image.width();
        for (int pass = 0; pass < 2; pass++) {
            for (int from = 0; from < values.length; from += height * width) {
                for (int y = 0; y < height; y++) {
                    slide(values, from + y * width, 1, width, radius);
                }
                for (int x = 0; x < width; x++) {
                    slide(values, from + x, width, height, radius);
                }
            }
        }
        return values;
    }

    private static void slide(float[] values, int from, int step, int length, int radius) {
        double[] sums = new double[length + 1];
        for (int i = 0; i < length; i++) {
            sums[i + 1] = sums[i] + values[from + i * step];
        }
        for (int i = 0; i < length; i++) {
            int low = Math.max(0, i - radius);
            int high = Math.min(length, i + radius + 1);
            values[from + i * step] = (float) ((sums[high] - sums[low]) / (high - low));
        }
    }
}
