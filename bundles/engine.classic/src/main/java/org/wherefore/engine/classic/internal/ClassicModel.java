package org.wherefore.engine.classic.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;

/**
 * A model of one of the classical engines. One whose score is linear in the events has {@link Gradients}, the content of an event being
 * the one number 1: that it is there. Thread-safe; after {@link #close} every call fails with IllegalStateException.
 */
final class ClassicModel implements Model {
    private final ModelInfo info;
    private final List<String> ids;
    private volatile Scorer scorer;

    ClassicModel(ModelInfo info, List<String> ids, Scorer scorer) {
        this.info = info;
        this.ids = ids;
        this.scorer = scorer;
    }

    @Override
    public ModelInfo info() {
        return info;
    }

    @Override
    public List<Output> predict(Instance instance, int k, BitSet excluded) {
        Scorer s = open();
        SequenceInstance history = checked(instance);
        double[] scores = new double[ids.size()];
        s.all(history, scores);
        // The worst kept answer is on top: lowest score, then highest index.
        PriorityQueue<Integer> best = new PriorityQueue<>((a, b) -> scores[a] != scores[b]
                ? Double.compare(scores[a], scores[b]) : Integer.compare(b, a));
        for (int t = 0; t < scores.length && k > 0; t++) {
            if (excluded.get(t)) {
                continue;
            }
            if (best.size() < k) {
                best.add(t);
            } else if (scores[t] > scores[best.peek()]) {
                best.poll();
                best.add(t);
            }
        }
        List<Output> outputs = new ArrayList<>(best.size());
        while (!best.isEmpty()) {
            int rank = best.size();
            int t = best.poll();
            outputs.add(new Output(t, ids.get(t), rank, scores[t]));
        }
        Collections.reverse(outputs);
        return List.copyOf(outputs);
    }

    @Override
    public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
        Scorer s = open();
        known(targets);
        RankedScore[][] result = new RankedScore[instances.size()][targets.length];
        double[] all = ranks ? new double[ids.size()] : null;
        for (int i = 0; i < result.length; i++) {
            SequenceInstance history = checked(instances.get(i));
            if (ranks) {
                s.all(history, all);
            }
            for (int n = 0; n < targets.length; n++) {
                int t = targets[n];
                result[i][n] = ranks ? new RankedScore(all[t], rank(all, t, excluded)) : new RankedScore(s.one(history, t), 0);
            }
        }
        return result;
    }

    private void known(int[] targets) {
        for (int t : targets) {
            if (t < 0 || t >= ids.size()) {
                throw WhereforeException.invalid("target", "target " + t + " is not 0 to " + (ids.size() - 1));
            }
        }
    }

    private static int rank(double[] scores, int target, BitSet excluded) {
        int rank = 1;
        double own = scores[target];
        for (int t = excluded.nextClearBit(0); t < scores.length; t = excluded.nextClearBit(t + 1)) {
            if (scores[t] > own || scores[t] == own && t < target) {
                rank++;
            }
        }
        return rank;
    }

    @Override
    public <T> Optional<T> adapt(Class<T> ability) {
        return ability == Gradients.class && open() instanceof LinearScorer ? Optional.of(ability.cast((Gradients) this::slopes))
                : Optional.empty();
    }

    private Gradients.Slope[][] slopes(Instance instance, int[] targets, List<Gradients.Point> points) {
        LinearScorer s = (LinearScorer) open();
        known(targets);
        SequenceInstance history = checked(instance);
        Gradients.Slope[][] out = new Gradients.Slope[points.size()][targets.length];
        for (int n = 0; n < targets.length; n++) {
            double[] terms = s.terms(history, targets[n]);
            for (int i = 0; i < out.length; i++) {
                Gradients.Point point = points.get(i);
                Random random = new Random(point.seed());
                double score = 0;
                for (int p = terms.length - 1; p >= 0; p--) {
                    score += terms[p] * (point.alpha() + (point.noise() > 0 ? point.noise() * random.nextGaussian() : 0));
                }
                out[i][n] = new Gradients.Slope(score + s.constant(targets[n]), terms.clone());
            }
        }
        return out;
    }

    private SequenceInstance checked(Instance instance) {
        SequenceInstance history = ClassicEngine.sequence(instance);
        for (int p = 0; p < history.length(); p++) {
            if (history.item(p) < 0 || history.item(p) >= ids.size()) {
                throw WhereforeException.invalid("history", "event " + p + " names item " + history.item(p)
                        + ", the model knows 0 to " + (ids.size() - 1));
            }
        }
        return history;
    }

    private Scorer open() {
        Scorer s = scorer;
        if (s == null) {
            throw new IllegalStateException("model " + info.name() + ":" + info.version() + " is closed");
        }
        return s;
    }

    @Override
    public void close() {
        scorer = null;
    }
}
