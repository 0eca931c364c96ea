package org.wherefore.engine.trees.internal;

import java.util.List;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;

/**
 * Rows as XGBoost takes them: floats, row after row, NaN when missing.
 *
 * @param types {@code q} of a number, {@code c} of a category, by column
 * @param targets of each row, {@link Example#NONE} for none
 */
record Table(int rows, int columns, float[] values, String[] types, int[] targets) {
    /** @throws WhereforeException {@code INVALID_INPUT} for an example that does not fit the schema, {@code UNSUPPORTED} for one that is no row */
    static Table of(FeatureSchema schema, List<Example> examples) {
        int columns = schema.features().size();
        float[] values = new float[Math.multiplyExact(examples.size(), columns)];
        int[] targets = new int[examples.size()];
        for (int i = 0; i < targets.length; i++) {
            Example e = examples.get(i);
            if (e.target() >= schema.targets().size()) {
                throw WhereforeException.invalid("training", "example " + i + " names target " + e.target() + ", the feature schema has "
                        + schema.targets().size());
            }
            double[] row = row(schema, e.instance());
            for (int c = 0; c < columns; c++) {
                values[i * columns + c] = (float) row[c];
            }
            targets[i] = e.target();
        }
        String[] types = schema.features().stream().map(f -> f.kind().equals(FeatureSpec.CATEGORY) ? "c" : "q").toArray(String[]::new);
        return new Table(targets.length, columns, values, types, targets);
    }

    /** A row's values; a category beyond those of the schema, and a number too large for a float, are refused. */
    static double[] row(FeatureSchema schema, Instance instance) {
        if (!(instance instanceof TableInstance row)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "trees read rows of a table only");
        }
        List<FeatureSpec> features = schema.features();
        double[] values = row.values();
        if (values.length != features.size()) {
            throw WhereforeException.invalid("row", "a row of " + values.length + " values, the model reads " + features.size());
        }
        for (int f = 0; f < values.length; f++) {
            int categories = features.get(f).categories().size();
            boolean fits = categories == 0 ? Math.abs(values[f]) <= Float.MAX_VALUE : values[f] == Math.rint(values[f]) && values[f] >= 0 && values[f] < categories;
            if (!fits && !Double.isNaN(values[f])) {
                throw WhereforeException.invalid(features.get(f).name(), "'" + features.get(f).name() + "' is " + values[f] + "; expected "
                        + (categories == 0 ? "a number within the range of a float" : "the index of one of " + categories + " categories")
                        + ", or NaN when missing");
            }
        }
        return values;
    }
}
