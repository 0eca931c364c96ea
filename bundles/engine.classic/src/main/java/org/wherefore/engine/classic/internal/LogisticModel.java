package org.wherefore.engine.classic.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/** A logistic regression; scores are log odds. Thread-safe; after {@link #close} every call fails with IllegalStateException. */
final class LogisticModel implements Model {
    private final ModelInfo info;
    private final FeatureSchema schema;
    private final Columns columns;
    private volatile double[][] weights;

    /** @param weights {@code [target][column]}, the intercept last */
    LogisticModel(ModelInfo info, FeatureSchema schema, Columns columns, double[][] weights) {
        this.info = info;
        this.schema = schema;
        this.columns = columns;
        this.weights = weights;
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        double[][] w = open();
        double[] row = row(instance);
        double[] scores = IntStream.range(0, w.length).mapToDouble(t -> Newton.sum(w[t], row)).toArray();
        int[] best = IntStream.range(0, w.length).filter(t -> !excluded.get(t)).boxed()
                .sorted((a, b) -> scores[a] != scores[b] ? Double.compare(scores[b], scores[a]) : Integer.compare(a, b)).limit(Math.max(0, k))
                .mapToInt(t -> t).toArray();
        List<Output> outputs = new ArrayList<>(best.length);
        for (int t : best) {
            outputs.add(new Output(t, schema.targets().get(t), outputs.size() + 1, scores[t]));
        }
        return List.copyOf(outputs);
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
        double[][] w = open();
        for (int t : targets) {
            if (t < 0 || t >= w.length) {
                throw WhereforeException.invalid("target", "target " + t + " is not 0 to " + (w.length - 1));
            }
        }
        RankedScore[][] result = new RankedScore[instances.size()][targets.length];
        for (int i = 0; i < result.length; i++) {
            double[] row = row(instances.get(i));
            for (int n = 0; n < targets.length; n++) {
                int t = targets[n];
                double own = Newton.sum(w[t], row);
                int rank = ranks ? 1 + (int) IntStream.range(0, w.length).filter(o -> o != t && !excluded.get(o)).filter(o -> {
                    double other = Newton.sum(w[o], row);
                    return other > own || other == own && o < t;
                }).count() : 0;
                result[i][n] = new RankedScore(own, rank);
            }
        }
        return result;
    }

    private double[] row(Instance instance) {
        double[] row = new double[columns.count()];
        columns.of(Columns.values(schema, instance), row);
        return row;
    }

    private double[][] open() {
        double[][] w = weights;
        if (w == null) {
            throw new IllegalStateException("model " + info.name() + ":" + info.version() + " is closed");
        }
        return w;
    }

    @Override
    public void close() {
        weights = null;
    }
}
