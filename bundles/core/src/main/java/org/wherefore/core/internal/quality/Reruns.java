package org.wherefore.core.internal.quality;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.feature.Instance;

/** Figures that need the strategy to explain again: with other seeds, and for histories that lack one event. Stateless. */
public final class Reruns {
    private static final int SEEDS = 2;
    private static final int NEIGHBOURS = 3;

    /** @param stability {@code [target]} @param rankStability {@code [target]} @param sensitivity {@code [target]} */
    public record Figures(double[] stability, double[] rankStability, double[] sensitivity) {
        /** Of attributions that nothing was explained again for: 1 where the method has no sampling error, otherwise NaN. */
        public static Figures without(List<Attribution> first) {
            double[] known = first.stream().mapToDouble(a -> exact(a) ? 1 : Double.NaN).toArray();
            double[] unknown = new double[known.length];
            Arrays.fill(unknown, Double.NaN);
            return new Figures(known, known.clone(), unknown);
        }
    }

    /** Explains again. */
    public interface Again {
        /** @return attributions of all targets, in the same order; empty when that failed or time ran out */
        List<Attribution> explain(Instance instance, long seed);
    }

    private Reruns() {}

    /** Whether the method has no sampling error. */
    static boolean exact(Attribution a) {
        return a.contributions().stream().allMatch((Contribution c) -> c.stdError() == 0);
    }

    public static Figures measure(List<Attribution> first, Ablation ablation, long seed, Again again) {
        int n = first.size();
        Figures out = Figures.without(first);
        SplittableRandom draws = new SplittableRandom(~seed);
        if (!first.stream().allMatch(Reruns::exact)) {
            double[][] jaccard = new double[n][SEEDS];
            double[][] correlation = new double[n][SEEDS];
            for (int s = 0; s < SEEDS; s++) {
                List<Attribution> other = again.explain(ablation.without(), draws.nextLong());
                for (int t = 0; t < n; t++) {
                    jaccard[t][s] = other.isEmpty() ? Double.NaN : Agreement.jaccard(first.get(t), other.get(t));
                    correlation[t][s] = other.isEmpty() ? Double.NaN : Agreement.correlation(first.get(t), other.get(t));
                }
            }
            for (int t = 0; t < n; t++) {
                if (!exact(first.get(t))) {
                    out.stability()[t] = Agreement.mean(jaccard[t]);
                    out.rankStability()[t] = Agreement.mean(correlation[t]);
                }
            }
        }
        List<Integer> places = new ArrayList<>();
        for (int p : ablation.positions()) {
            places.add(p);
        }
        for (int i = 0; i < NEIGHBOURS && places.size() > 1; i++) {
            int gone = places.remove(draws.nextInt(places.size()));
            List<Attribution> other = again.explain(ablation.without(gone), seed);
            for (int t = 0; t < n && !other.isEmpty(); t++) {
                double change = Agreement.change(first.get(t), other.get(t), p -> ablation.moved(p, gone));
                out.sensitivity()[t] = Double.isNaN(out.sensitivity()[t]) ? change : Math.max(out.sensitivity()[t], change);
            }
        }
        return out;
    }
}
