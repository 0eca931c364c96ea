package org.wherefore.engine.classic.internal;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.TrainingProgress;

/**
 * Engine {@code item-to-item}: what people have together (Sarwar et al., Item-based Collaborative Filtering, WWW 2001). With
 * {@code n(i)} people who have {@code i} and {@code n(i,j)} who have both, {@code sim = n(i,j)/sqrt(n(i) n(j))} (cosine) or
 * {@code n(i,j)/(n(i)+n(j)-n(i,j))} (Jaccard), times {@code n(i,j)/(n(i,j)+shrinkage)}. A target's score is the weighted sum
 * of its similarities to the events of the history plus {@value #PRIOR} times its share of the most popular target's events.
 * That prior only orders what similarities leave equal; with no history it is the whole score, so the ranking is popularity.
 * Thread-safe.
 */
@Component(service = Engine.class)
public class ItemToItemEngine extends ClassicEngine {
    static final double PRIOR = 1e-6;

    @Activate
    public ItemToItemEngine() {
        super("item-to-item",
                new Parameter("similarity", "text", "cosine", "cosine or jaccard"),
                new Parameter("shrinkage", "number", "10", "people added to the denominator of a pair's support, 0 to 1000000"),
                new Parameter("neighbours", "integer", "200", "neighbours kept of each item, 1 to 100000"),
                new Parameter("recency", "number", "2", "half-life of a history event in events, 0 (all weigh the same) to 1000000"),
                new Parameter("maxItems", "integer", "2000", "newest different items of a person that count, 2 to 100000"));
    }

    @Override
    ClassicData learn(int targets, int[] events, List<int[]> sequences, Map<String, String> parameters,
            TrainingProgress progress) {
        String similarity = parameters.getOrDefault("similarity", "cosine").strip();
        if (!similarity.equals("cosine") && !similarity.equals("jaccard")) {
            throw WhereforeException.invalid("similarity", "parameter 'similarity' of engine 'item-to-item' is '" + similarity
                    + "'; expected cosine or jaccard");
        }
        boolean cosine = similarity.equals("cosine");
        double shrinkage = number(parameters, "shrinkage", 0, 1e6);
        int keep = (int) number(parameters, "neighbours", 1, 100_000);
        double recency = number(parameters, "recency", 0, 1e6);
        int maxItems = (int) number(parameters, "maxItems", 2, 100_000);

        int[][] baskets = new int[sequences.size()][];
        int[] people = new int[targets];
        int[] lastSeen = new int[targets];
        for (int u = 0; u < baskets.length; u++) {
            int[] sequence = sequences.get(u);
            int[] basket = new int[Math.min(maxItems, sequence.length)];
            int size = 0;
            for (int p = sequence.length - 1; p >= 0 && size < basket.length; p--) {
                if (lastSeen[sequence[p]] != u + 1) {
                    lastSeen[sequence[p]] = u + 1;
                    people[sequence[p]]++;
                    basket[size++] = sequence[p];
                }
            }
            baskets[u] = Arrays.copyOf(basket, size);
        }
        int[][] owners = new int[targets][];
        for (int i = 0; i < targets; i++) {
            owners[i] = new int[people[i]];
        }
        int[] filled = new int[targets];
        for (int u = 0; u < baskets.length; u++) {
            for (int i : baskets[u]) {
                owners[i][filled[i]++] = u;
            }
        }

        PairRows rows = new PairRows(targets);
        int[] together = new int[targets];
        int[] touched = new int[targets];
        for (int i = 0; i < targets; i++) {
            if (i % 128 == 0) {
                step(progress, (double) i / targets);
            }
            int count = 0;
            for (int u : owners[i]) {
                for (int j : baskets[u]) {
                    if (together[j]++ == 0) {
                        touched[count++] = j;
                    }
                }
            }
            long[] ranked = new long[count];
            int n = 0;
            for (int c = 0; c < count; c++) {
                int j = touched[c];
                int both = together[j];
                together[j] = 0;
                if (j != i) {
                    double sim = (cosine ? both / Math.sqrt((double) people[i] * people[j])
                            : both / ((double) people[i] + people[j] - both)) * both / (both + shrinkage);
                    // Bits of a positive float sort like the float: best first, ties by lower index.
                    ranked[n++] = (long) ~Float.floatToIntBits((float) sim) << 32 | j;
                }
            }
            Arrays.sort(ranked, 0, n);
            n = Math.min(n, keep);
            for (int c = 0; c < n; c++) {
                ranked[c] = ranked[c] << 32 | ~(ranked[c] >> 32) & 0xffff_ffffL;
            }
            Arrays.sort(ranked, 0, n);
            for (int c = 0; c < n; c++) {
                rows.add((int) (ranked[c] >> 32), Float.intBitsToFloat((int) ranked[c]));
            }
            rows.end();
        }
        return rows.data(name(), events, recency);
    }

    @Override
    Scorer scorer(ClassicData data) {
        int[] events = data.events();
        double[] prior = new double[events.length];
        int most = Math.max(1, Arrays.stream(events).max().orElse(1));
        for (int t = 0; t < prior.length; t++) {
            prior[t] = PRIOR * events[t] / most;
        }
        double fade = data.setting() == 0 ? 1 : Math.pow(0.5, 1 / data.setting());
        return new LinearScorer() {
            @Override
            public void all(SequenceInstance history, double[] scores) {
                Arrays.fill(scores, 0);
                double weight = 1;
                for (int p = history.length() - 1; p >= 0; p--, weight *= fade) {
                    int row = history.item(p);
                    for (int c = data.starts()[row]; c < data.starts()[row + 1]; c++) {
                        scores[data.columns()[c]] += weight * data.weights()[c];
                    }
                }
                for (int t = 0; t < scores.length; t++) {
                    scores[t] += prior[t];
                }
            }

            @Override
            public double one(SequenceInstance history, int target) {
                double score = 0;
                double weight = 1;
                for (int p = history.length() - 1; p >= 0; p--, weight *= fade) {
                    score += weight * data.weight(history.item(p), target);
                }
                return score + prior[target];
            }

            @Override
            public double[] terms(SequenceInstance history, int target) {
                double[] terms = new double[history.length()];
                double weight = 1;
                for (int p = terms.length - 1; p >= 0; p--, weight *= fade) {
                    terms[p] = weight * data.weight(history.item(p), target);
                }
                return terms;
            }

            @Override
            public double constant(int target) {
                return prior[target];
            }
        };
    }
}
