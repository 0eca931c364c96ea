package org.wherefore.engine.trees.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.Trees;

/**
 * A model of one of the engines of trees, answering in Java alone; its scores are log odds. It has {@link Trees}. Thread-safe; after
 * {@link #close} every call fails with IllegalStateException.
 */
final class TreesModel implements Model, Trees {
    /** The score that a target's sum stands for. */
    interface Scale {
        double of(Forest.Target target, double sum);
    }

    private final ModelInfo info;
    private final FeatureSchema schema;
    private final Scale score;
    private volatile Forest forest;

    TreesModel(ModelInfo info, FeatureSchema schema, Forest forest, Scale score) {
        this.info = info;
        this.schema = schema;
        this.forest = forest;
        this.score = score;
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        double[] scores = all(open(), values(instance));
        int[] best = IntStream.range(0, scores.length).filter(t -> !excluded.get(t)).boxed()
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
        Forest f = open();
        for (int t : targets) {
            known(f, t);
        }
        RankedScore[][] result = new RankedScore[instances.size()][targets.length];
        for (int i = 0; i < result.length; i++) {
            double[] values = values(instances.get(i));
            double[] all = ranks ? all(f, values) : null;
            for (int n = 0; n < targets.length; n++) {
                int t = targets[n];
                result[i][n] = ranks ? new RankedScore(all[t], rank(all, t, excluded)) : new RankedScore(one(f, t, values), 0);
            }
        }
        return result;
    }

    private double[] all(Forest f, double[] values) {
        return IntStream.range(0, f.targets().size()).mapToDouble(t -> one(f, t, values)).toArray();
    }

    private double one(Forest f, int target, double[] values) {
        Forest.Target t = f.targets().get(target);
        return score.of(t, t.sum(values));
    }

    private static int rank(double[] scores, int target, BitSet excluded) {
        int rank = 1;
        for (int t = excluded.nextClearBit(0); t < scores.length; t = excluded.nextClearBit(t + 1)) {
            if (scores[t] > scores[target] || scores[t] == scores[target] && t < target) {
                rank++;
            }
        }
        return rank;
    }

    @Override
    public <T> Optional<T> adapt(Class<T> ability) {
        return ability == Trees.class ? Optional.of(ability.cast(this)) : Optional.empty();
    }

    @Override
    public double[] values(Instance instance) {
        open();
        return Table.row(schema, instance);
    }

    @Override
    public double base(int target) {
        return known(open(), target).base();
    }

    @Override
    public List<Tree> trees(int target) {
        return known(open(), target).trees();
    }

    @Override
    public double score(int target, double sum) {
        return score.of(known(open(), target), sum);
    }

    private static Forest.Target known(Forest f, int target) {
        if (target < 0 || target >= f.targets().size()) {
            throw WhereforeException.invalid("target", "target " + target + " is not 0 to " + (f.targets().size() - 1));
        }
        return f.targets().get(target);
    }

    private Forest open() {
        Forest f = forest;
        if (f == null) {
            throw new IllegalStateException("model " + info.name() + ":" + info.version() + " is closed");
        }
        return f;
    }

    @Override
    public void close() {
        forest = null;
    }
}
