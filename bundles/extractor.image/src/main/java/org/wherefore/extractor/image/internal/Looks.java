package org.wherefore.extractor.image.internal;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.wherefore.api.data.Picture;

/**
 * What the pictures of the training data look like, so that one of another kind is noticed: their sizes, how much colour and contrast
 * they have, and how light is spread. The last is the Mahalanobis distance of 23 figures (the means of 4 x 4 fields, five quantiles of the
 * grey levels, two measures of detail) from their mean, over a covariance with a ridge; a picture is far when it is farther than nearly
 * all training pictures by a fifth. Immutable.
 */
final class Looks {
    /** With fewer pictures the spread of light is not judged: its 23 figures could not be told from chance. */
    static final int MIN_PICTURES = 100;
    private static final int FIELDS = 4;
    private static final int FIGURES = FIELDS * FIELDS + 5 + 2;
    private static final double QUANTILE = .999;
    private static final double MARGIN = 1.2;
    private static final double RIDGE = 1e-3;
    private static final double MAX_RATIO = 2;
    private static final double COLOUR_MARGIN = .03;

    private final int pictures;
    private final int minSide;
    private final double maxRatio;
    private final double maxColour;
    private final double minContrast;
    private final double[] mean;
    private final double[][] cholesky;
    private final double far;

    private Looks(int pictures, int minSide, double maxRatio, double maxColour, double minContrast, double[] mean, double[][] cholesky, double far) {
        this.pictures = pictures;
        this.minSide = minSide;
        this.maxRatio = maxRatio;
        this.maxColour = maxColour;
        this.minContrast = minContrast;
        this.mean = mean;
        this.cholesky = cholesky;
        this.far = far;
    }

    /** Gathers the training pictures, one by one. */
    static final class Fit {
        private final List<double[]> figures = new ArrayList<>();
        private int minSide = Integer.MAX_VALUE;
        private double maxRatio = 1;
        private double maxColour;
        private double minContrast = 1;

        /** @param grey the picture as a grey square */
        void add(Picture picture, float[] grey, int size) {
            minSide = Math.min(minSide, Math.min(picture.height(), picture.width()));
            maxRatio = Math.max(maxRatio, ratio(picture));
            maxColour = Math.max(maxColour, colour(picture));
            minContrast = Math.min(minContrast, contrast(grey));
            figures.add(figures(grey, size));
        }

        Looks done() {
            int n = figures.size();
            double[] mean = new double[FIGURES];
            for (double[] f : figures) {
                for (int i = 0; i < FIGURES; i++) {
                    mean[i] += f[i] / n;
                }
            }
            double[][] covariance = new double[FIGURES][FIGURES];
            for (double[] f : figures) {
                for (int i = 0; i < FIGURES; i++) {
                    for (int j = 0; j <= i; j++) {
                        covariance[i][j] += (f[i] - mean[i]) * (f[j] - mean[j]) / n;
                    }
                }
            }
            double trace = 0;
            for (int i = 0; i < FIGURES; i++) {
                trace += covariance[i][i];
            }
            for (int i = 0; i < FIGURES; i++) {
                covariance[i][i] += RIDGE * trace / FIGURES + 1e-9;
            }
            double[][] cholesky = cholesky(covariance);
            double[] distances = figures.stream().mapToDouble(f -> distance(f, mean, cholesky)).sorted().toArray();
            return new Looks(n, minSide, maxRatio, maxColour, minContrast, mean, cholesky,
                    MARGIN * distances[(int) Math.min(n - 1, Math.ceil(QUANTILE * n))]);
        }
    }

    /** Why the picture is not of the kind of the training data; empty when nothing speaks against it. */
    Optional<String> strange(Picture picture, float[] grey, int size) {
        int side = Math.min(picture.height(), picture.width());
        if (side < Math.min(size, minSide)) {
            return Optional.of("the image has " + picture.width() + " x " + picture.height() + " pixels; the smallest that the model knows has "
                    + "a side of " + minSide + ", and it looks at " + size + " x " + size);
        }
        double limit = Math.max(MAX_RATIO, 1.25 * maxRatio);
        if (ratio(picture) > limit) {
            return Optional.of("the image is " + number(ratio(picture)) + " times as long as wide or high; at most " + number(limit));
        }
        if (colour(picture) > maxColour + COLOUR_MARGIN) {
            return Optional.of("the image is in colour (" + number(colour(picture)) + " between its channels on average); the images that the"
                    + " model knows have at most " + number(maxColour));
        }
        if (contrast(grey) < minContrast / 2) {
            return Optional.of("the image is empty or nearly so: its grey levels spread by " + number(contrast(grey))
                    + "; those that the model knows by " + number(minContrast) + " at least");
        }
        double distance = distance(figures(grey, size), mean, cholesky);
        if (pictures >= MIN_PICTURES && distance > far) {
            return Optional.of("light and detail are not spread as in the images that the model knows: a distance of " + number(distance)
                    + ", at most " + number(far));
        }
        return Optional.empty();
    }

    private static String number(double v) {
        return String.format(Locale.ROOT, "%.3g", v);
    }

    private static double ratio(Picture p) {
        return Math.max(p.height(), p.width()) / (double) Math.min(p.height(), p.width());
    }

    /** The mean distance of the most and the least of a pixel's channels. */
    private static double colour(Picture p) {
        if (p.channels() == 1) {
            return 0;
        }
        double sum = 0;
        for (int y = 0; y < p.height(); y++) {
            for (int x = 0; x < p.width(); x++) {
                float r = p.sample(0, y, x);
                float g = p.sample(1, y, x);
                float b = p.sample(2, y, x);
                sum += Math.max(r, Math.max(g, b)) - Math.min(r, Math.min(g, b));
            }
        }
        return sum / ((double) p.height() * p.width());
    }

    private static double contrast(float[] grey) {
        double sum = 0;
        double squares = 0;
        for (float v : grey) {
            sum += v;
            squares += (double) v * v;
        }
        double mean = sum / grey.length;
        return Math.sqrt(Math.max(0, squares / grey.length - mean * mean));
    }

    private static double[] figures(float[] grey, int size) {
        double[] f = new double[FIGURES];
        int[] counts = new int[FIELDS * FIELDS];
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                int field = y * FIELDS / size * FIELDS + x * FIELDS / size;
                f[field] += grey[y * size + x];
                counts[field]++;
            }
        }
        int at = FIELDS * FIELDS;
        for (int i = 0; i < at; i++) {
            f[i] /= counts[i];
        }
        float[] sorted = grey.clone();
        Arrays.sort(sorted);
        for (double q : new double[] {.02, .25, .5, .75, .98}) {
            f[at++] = sorted[(int) (q * (sorted.length - 1))];
        }
        double slope = 0;
        double curve = 0;
        for (int y = 1; y < size - 1; y++) {
            for (int x = 1; x < size - 1; x++) {
                int i = y * size + x;
                slope += Math.abs(grey[i + 1] - grey[i - 1]) + Math.abs(grey[i + size] - grey[i - size]);
                curve += Math.abs(4 * grey[i] - grey[i - 1] - grey[i + 1] - grey[i - size] - grey[i + size]);
            }
        }
        double inner = (double) (size - 2) * (size - 2);
        f[at++] = slope / inner;
        f[at] = curve / inner;
        return f;
    }

    private static double[][] cholesky(double[][] a) {
        int n = a.length;
        double[][] l = new double[n][];
        for (int i = 0; i < n; i++) {
            l[i] = new double[i + 1];
            for (int j = 0; j <= i; j++) {
                double sum = a[i][j];
                for (int k = 0; k < j; k++) {
                    sum -= l[i][k] * l[j][k];
                }
                l[i][j] = i == j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / l[j][j];
            }
        }
        return l;
    }

    private static double distance(double[] figures, double[] mean, double[][] cholesky) {
        double[] z = new double[figures.length];
        double sum = 0;
        for (int i = 0; i < z.length; i++) {
            double v = figures[i] - mean[i];
            for (int k = 0; k < i; k++) {
                v -= cholesky[i][k] * z[k];
            }
            z[i] = v / cholesky[i][i];
            sum += z[i] * z[i];
        }
        return Math.sqrt(sum);
    }

    void write(DataOutput out) throws IOException {
        out.writeInt(pictures);
        out.writeInt(minSide);
        for (double v : new double[] {maxRatio, maxColour, minContrast, far}) {
            out.writeDouble(v);
        }
        for (int i = 0; i < FIGURES; i++) {
            out.writeDouble(mean[i]);
            for (double v : cholesky[i]) {
                out.writeDouble(v);
            }
        }
    }

    /** @throws IllegalArgumentException when a figure can't be one */
    static Looks read(DataInput in) throws IOException {
        int pictures = in.readInt();
        int minSide = in.readInt();
        double[] bounds = new double[4];
        for (int i = 0; i < bounds.length; i++) {
            bounds[i] = finite(in.readDouble());
        }
        double[] mean = new double[FIGURES];
        double[][] cholesky = new double[FIGURES][];
        for (int i = 0; i < FIGURES; i++) {
            mean[i] = finite(in.readDouble());
            cholesky[i] = new double[i + 1];
            for (int k = 0; k <= i; k++) {
                cholesky[i][k] = finite(in.readDouble());
            }
            if (cholesky[i][i] <= 0) {
                throw new IllegalArgumentException("a spread that is not above 0");
            }
        }
        if (pictures < 1 || minSide < 1) {
            throw new IllegalArgumentException(pictures + " pictures, smallest side " + minSide);
        }
        return new Looks(pictures, minSide, bounds[0], bounds[1], bounds[2], mean, cholesky, bounds[3]);
    }

    private static double finite(double v) {
        if (!Double.isFinite(v)) {
            throw new IllegalArgumentException("a figure that is not finite");
        }
        return v;
    }
}
