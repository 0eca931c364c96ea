package org.wherefore.explainer.shap.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.TableInstance;

/**
 * A few rows that stand for many: all of them when they are few, otherwise for each of so many clusters (k-means: Lloyd, Least Squares
 * Quantization in PCM, 1982; seeds as Arthur, Vassilvitskii, k-means++, 2007) the row nearest to its middle, weighing as much of the whole as
 * the cluster holds. Numbers count in standard deviations, categories as equal or not, a missing number as the mean. Depends on rows alone: the
 * base value is the same whatever the seed of the request.
 *
 * @param weights in sum 1
 */
record Background(List<TableInstance> rows, double[] weights) {
    /** More rows are thinned out evenly before they are clustered. */
    private static final int MOST = 2_000;
    private static final int ROUNDS = 10;

    /** @param most at least 1 */
    static Background of(FeatureSchema schema, List<TableInstance> rows, int most) {
        if (rows.size() <= most) {
            double[] even = new double[rows.size()];
            Arrays.fill(even, 1.0 / even.length);
            return new Background(rows, even);
        }
        List<TableInstance> thinned = rows;
        if (rows.size() > MOST) {
            thinned = new ArrayList<>(MOST);
            for (int i = 0; i < MOST; i++) {
                thinned.add(rows.get((int) ((long) i * rows.size() / MOST)));
            }
        }
        double[][] points = points(schema, thinned);
        double[][] centres = seeds(points, most);
        int[] cluster = new int[points.length];
        for (int round = 0; round < ROUNDS; round++) {
            if (!assign(points, centres, cluster) && round > 0) {
                break;
            }
            move(points, centres, cluster);
        }
        return nearest(thinned, points, centres, cluster);
    }

    private static Background nearest(List<TableInstance> rows, double[][] points, double[][] centres, int[] cluster) {
        int[] best = new int[centres.length];
        int[] sizes = new int[centres.length];
        double[] distance = new double[centres.length];
        Arrays.fill(distance, Double.POSITIVE_INFINITY);
        for (int i = 0; i < points.length; i++) {
            sizes[cluster[i]]++;
            double d = distance(points[i], centres[cluster[i]]);
            if (d < distance[cluster[i]]) {
                distance[cluster[i]] = d;
                best[cluster[i]] = i;
            }
        }
        List<TableInstance> chosen = new ArrayList<>();
        List<Double> weights = new ArrayList<>();
        for (int k = 0; k < sizes.length; k++) {
            if (sizes[k] > 0) {
                chosen.add(rows.get(best[k]));
                weights.add((double) sizes[k] / points.length);
            }
        }
        return new Background(chosen, weights.stream().mapToDouble(w -> w).toArray());
    }

    private static double[][] points(FeatureSchema schema, List<TableInstance> rows) {
        List<double[]> columns = new ArrayList<>();
        for (int f = 0; f < schema.features().size(); f++) {
            int feature = f;
            double[] values = rows.stream().mapToDouble(r -> r.value(feature)).toArray();
            int categories = schema.features().get(f).categories().size();
            for (int c = 0; c < categories; c++) {
                int category = c;
                columns.add(Arrays.stream(values).map(v -> v == category ? Math.sqrt(0.5) : 0).toArray());
            }
            if (categories == 0) {
                double mean = Arrays.stream(values).filter(v -> !Double.isNaN(v)).average().orElse(0);
                double spread = Math.sqrt(Arrays.stream(values).filter(v -> !Double.isNaN(v)).map(v -> (v - mean) * (v - mean)).average().orElse(0));
                columns.add(Arrays.stream(values).map(v -> Double.isNaN(v) || spread == 0 ? 0 : (v - mean) / spread).toArray());
            }
        }
        double[][] points = new double[rows.size()][columns.size()];
        for (int i = 0; i < points.length; i++) {
            for (int c = 0; c < columns.size(); c++) {
                points[i][c] = columns.get(c)[i];
            }
        }
        return points;
    }

    private static double[][] seeds(double[][] points, int count) {
        Random random = new Random(0);
        double[][] centres = new double[count][];
        double[] far = new double[points.length];
        Arrays.fill(far, Double.POSITIVE_INFINITY);
        int next = random.nextInt(points.length);
        for (int k = 0; k < count; k++) {
            centres[k] = points[next].clone();
            double sum = 0;
            for (int i = 0; i < points.length; i++) {
                far[i] = Math.min(far[i], distance(points[i], centres[k]));
                sum += far[i];
            }
            double at = random.nextDouble() * sum;
            next = 0;
            while (next < points.length - 1 && (at -= far[next]) > 0) {
                next++;
            }
        }
        return centres;
    }

    private static boolean assign(double[][] points, double[][] centres, int[] cluster) {
        boolean changed = false;
        for (int i = 0; i < points.length; i++) {
            int best = 0;
            double least = Double.POSITIVE_INFINITY;
            for (int k = 0; k < centres.length; k++) {
                double d = distance(points[i], centres[k]);
                if (d < least) {
                    least = d;
                    best = k;
                }
            }
            changed |= cluster[i] != best;
            cluster[i] = best;
        }
        return changed;
    }

    private static void move(double[][] points, double[][] centres, int[] cluster) {
        int[] sizes = new int[centres.length];
        for (int c : cluster) {
            sizes[c]++;
        }
        for (int k = 0; k < centres.length; k++) {
            if (sizes[k] > 0) {
                Arrays.fill(centres[k], 0);
            }
        }
        for (int i = 0; i < points.length; i++) {
            for (int d = 0; d < points[i].length; d++) {
                centres[cluster[i]][d] += points[i][d] / sizes[cluster[i]];
            }
        }
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int d = 0; d < a.length; d++) {
            sum += (a[d] - b[d]) * (a[d] - b[d]);
        }
        return sum;
    }
}
