package org.wherefore.api.feature;

import java.util.Arrays;

/**
 * A row of a table as model input: one number for each of {@link FeatureSchema#features()}, by position. A value of kind
 * {@link FeatureSpec#CATEGORY} is the index of its category; NaN is a missing value. Immutable; two rows with the same bits are equal.
 */
public final class TableInstance implements Instance {
    private final double[] values;

    /** @throws IllegalArgumentException for an infinite value */
    public TableInstance(double... values) {
        for (int i = 0; i < values.length; i++) {
            if (Double.isInfinite(values[i])) {
                throw new IllegalArgumentException("value " + i + " is " + values[i] + "; values are finite, or NaN when missing");
            }
        }
        this.values = values.clone();
    }

    public int length() {
        return values.length;
    }

    public double value(int feature) {
        return values[feature];
    }

    public boolean missing(int feature) {
        return Double.isNaN(values[feature]);
    }

    /** A copy. */
    public double[] values() {
        return values.clone();
    }

    /** The row with another value of one feature. */
    public TableInstance with(int feature, double value) {
        double[] other = values.clone();
        other[feature] = value;
        return new TableInstance(other);
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof TableInstance t && Arrays.equals(values, t.values);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(values);
    }
}
