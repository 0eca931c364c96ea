package org.wherefore.engine.classic.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.Parameter;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.TrainingProgress;

/**
 * Engine {@code markov}: a first-order Markov chain with Dirichlet back-off to popularity. After last item {@code i} a
 * target's score is the probability {@code (n(i->t) + backoff * share(t)) / (n(i) + backoff)}, where {@code share} is the
 * target's share of all training events; with no history it is {@code share(t)}. Thread-safe.
 */
@Component(service = Engine.class)
public class MarkovEngine extends ClassicEngine {
    @Activate
    public MarkovEngine() {
        super("markov", new Parameter("backoff", "number", "20",
                "how many transitions the popularity prior is worth, 0.001 to 1000000"));
    }

    @Override
    ClassicData learn(int targets, int[] events, List<int[]> sequences, Map<String, String> parameters,
            TrainingProgress progress) {
        double backoff = number(parameters, "backoff", 0.001, 1e6);
        int[] out = new int[targets];
        for (int[] s : sequences) {
            for (int p = 0; p + 1 < s.length; p++) {
                out[s[p]]++;
            }
        }
        int[][] next = new int[targets][];
        for (int i = 0; i < targets; i++) {
            next[i] = new int[out[i]];
        }
        Arrays.fill(out, 0);
        for (int[] s : sequences) {
            for (int p = 0; p + 1 < s.length; p++) {
                next[s[p]][out[s[p]]++] = s[p + 1];
            }
        }
        PairRows rows = new PairRows(targets);
        for (int i = 0; i < targets; i++) {
            if (i % 1024 == 0) {
                step(progress, (double) i / targets);
            }
            Arrays.sort(next[i]);
            for (int p = 0; p < next[i].length;) {
                int first = p;
                while (p < next[i].length && next[i][p] == next[i][first]) {
                    p++;
                }
                rows.add(next[i][first], p - first);
            }
            rows.end();
        }
        return rows.data(name(), events, backoff);
    }

    @Override
    Scorer scorer(ClassicData data) {
        int[] events = data.events();
        double all = Math.max(1, Arrays.stream(events).asLongStream().sum());
        double backoff = data.setting();
        double[] out = new double[events.length];
        for (int i = 0; i < out.length; i++) {
            for (int c = data.starts()[i]; c < data.starts()[i + 1]; c++) {
                out[i] += data.weights()[c];
            }
        }
        return new Scorer() {
            @Override
            public void all(SequenceInstance history, double[] scores) {
                Arrays.fill(scores, 0);
                int last = history.length() == 0 ? -1 : history.item(history.length() - 1);
                if (last >= 0) {
                    for (int c = data.starts()[last]; c < data.starts()[last + 1]; c++) {
                        scores[data.columns()[c]] = data.weights()[c];
                    }
                }
                for (int t = 0; t < scores.length; t++) {
                    scores[t] = probability(last, scores[t], t);
                }
            }

            @Override
            public double one(SequenceInstance history, int target) {
                int last = history.length() == 0 ? -1 : history.item(history.length() - 1);
                return probability(last, last < 0 ? 0 : data.weight(last, target), target);
            }

            private double probability(int last, double count, int target) {
                double share = events[target] / all;
                return last < 0 ? share : (count + backoff * share) / (out[last] + backoff);
            }
        };
    }
}
