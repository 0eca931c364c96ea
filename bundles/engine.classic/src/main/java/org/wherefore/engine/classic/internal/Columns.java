package org.wherefore.engine.classic.internal;

import java.util.Arrays;
import java.util.List;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;

/**
 * How a row becomes columns of a linear model. A number is one column, in standard deviations from its mean, the mean when missing; a category
 * one column for each of its names, 1 or 0; and a feature that was missing in training has one more that says so. Fitted on training data only.
 *
 * @param categories of each feature, 0 of a number
 * @param means of each number, 0 of a category @param spreads likewise, never 0
 * @param gaps whether each feature has a column for a missing value
 */
record Columns(int[] categories, double[] means, double[] spreads, boolean[] gaps) {
    static Columns fit(FeatureSchema schema, List<Example> training) {
        List<FeatureSpec> features = schema.features();
        int n = features.size();
        int[] categories = features.stream().mapToInt(f -> f.categories().size()).toArray();
        double[] means = new double[n];
        double[] spreads = new double[n];
        Arrays.fill(spreads, 1);
        boolean[] gaps = new boolean[n];
        for (int f = 0; f < n; f++) {
            int count = 0;
            for (Example e : training) {
                double v = ((TableInstance) e.instance()).value(f);
                gaps[f] |= Double.isNaN(v);
                if (!Double.isNaN(v) && categories[f] == 0) {
                    count++;
                    double step = (v - means[f]) / count;
                    means[f] += step;
                }
            }
            double squares = 0;
            for (Example e : training) {
                double v = ((TableInstance) e.instance()).value(f);
                squares += Double.isNaN(v) || categories[f] > 0 ? 0 : (v - means[f]) * (v - means[f]) / count;
            }
            double spread = Math.sqrt(squares);
            spreads[f] = spread > 1e-12 * Math.abs(means[f]) && spread > 0 && Double.isFinite(spread) ? spread : 1;
        }
        return new Columns(categories, means, spreads, gaps);
    }

    int count() {
        int count = 0;
        for (int f = 0; f < categories.length; f++) {
            count += Math.max(1, categories[f]) + (gaps[f] ? 1 : 0);
        }
        return count;
    }

    /**
     * @throws WhereforeException {@code UNSUPPORTED} for what is no row, {@code INVALID_INPUT} for one of another length or with a category that there is not
     */
    static double[] values(FeatureSchema schema, Instance instance) {
        if (!(instance instanceof TableInstance row)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "logistic regression reads rows of a table only");
        }
        List<FeatureSpec> features = schema.features();
        if (row.length() != features.size()) {
            throw WhereforeException.invalid("row", "a row of " + row.length() + " values, the model reads " + features.size());
        }
        double[] values = row.values();
        for (int f = 0; f < values.length; f++) {
            int categories = features.get(f).categories().size();
            if (categories > 0 && !Double.isNaN(values[f]) && !(values[f] == Math.rint(values[f]) && values[f] >= 0 && values[f] < categories)) {
                throw WhereforeException.invalid(features.get(f).name(), "'" + features.get(f).name() + "' is " + values[f] + "; expected the index of one of "
                        + categories + " categories, or NaN when missing");
            }
        }
        return values;
    }

    /** Fills all of {@code out}. */
    void of(double[] values, double[] out) {
        int at = 0;
        for (int f = 0; f < categories.length; f++) {
            boolean missing = Double.isNaN(values[f]);
            if (categories[f] == 0) {
                out[at++] = missing ? 0 : (values[f] - means[f]) / spreads[f];
            } else {
                Arrays.fill(out, at, at + categories[f], 0);
                if (!missing) {
                    out[at + (int) values[f]] = 1;
                }
                at += categories[f];
            }
            if (gaps[f]) {
                out[at++] = missing ? 1 : 0;
            }
        }
    }
}
