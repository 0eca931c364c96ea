package org.wherefore.core.internal.claim;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/** A model whose score is a sum: {@code score(target) = bias[target] + sum over events of weight[item][target]}. */
public final class ToyModel implements Model {
    private final double[] bias;
    private final double[][] weight;

    public ToyModel(double[] bias, double[][] weight) {
        this.bias = bias;
        this.weight = weight;
    }

    public double score(Instance instance, int target) {
        SequenceInstance s = (SequenceInstance) instance;
        double sum = bias[target];
        for (int p = 0; p < s.length(); p++) {
            sum += weight[s.item(p)][target];
        }
        return sum;
    }

    @Override
    public ModelInfo info() {
        return new ModelInfo("toy", 1, "toy", "sha256:0");
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        List<Integer> all = new ArrayList<>();
        for (int t = 0; t < bias.length; t++) {
            if (!excluded.get(t)) {
                all.add(t);
            }
        }
        all.sort((a, b) -> Double.compare(score(instance, b), score(instance, a)));
        List<Output> out = new ArrayList<>();
        for (int i = 0; i < Math.min(k, all.size()); i++) {
            out.add(new Output(all.get(i), "t" + all.get(i), i + 1, score(instance, all.get(i))));
        }
        return out;
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
        RankedScore[][] out = new RankedScore[instances.size()][targets.length];
        for (int i = 0; i < out.length; i++) {
            for (int j = 0; j < targets.length; j++) {
                double s = score(instances.get(i), targets[j]);
                int rank = 1;
                for (int t = 0; t < bias.length; t++) {
                    if (t != targets[j] && !excluded.get(t) && score(instances.get(i), t) > s) {
                        rank++;
                    }
                }
                out[i][j] = new RankedScore(s, ranks ? rank : 0);
            }
        }
        return out;
    }

    @Override
    public void close() {
        // nothing held
    }
}
