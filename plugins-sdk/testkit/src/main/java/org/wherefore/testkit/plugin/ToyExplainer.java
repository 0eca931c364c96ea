package org.wherefore.testkit.plugin;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * Strategy {@code toy}: Shapley values by sampled permutations (Castro, Gómez, Tejada, Polynomial calculation of the Shapley
 * value based on sampling, 2009), up to {@value #ROUNDS} of them. A round costs {@code length - 1} evaluations, the whole and the
 * empty history two more; rounds that no longer fit the budget are left out, and with none at all the whole
 * difference stays in the completeness gap. Stateless, thread-safe.
 */
public final class ToyExplainer implements Explainer {
    private static final int ROUNDS = 32;
    private static final int CHUNK = 64;

    @Override
    public String name() {
        return "toy";
    }

    @Override
    public String version() {
        return "1.0.0";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public Support supports(Model model, Instance instance) {
        return instance instanceof SequenceInstance ? Support.yes() : Support.no("strategy 'toy' explains behaviour histories only");
    }

    @Override
    public List<Attribution> explain(ExplanationContext context) {
        Model model = context.model();
        int[] targets = context.targets();
        int budget = context.budget();
        BooleanSupplier cancelled = context.cancelled();
        if (!(context.instance() instanceof SequenceInstance history)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "strategy 'toy' explains behaviour histories only");
        }
        if (budget < 2) {
            throw WhereforeException.invalid("/explain/budget", "strategy 'toy' needs a budget of at least 2, got " + budget);
        }
        int n = history.length();
        RankedScore[][] ends = model.score(List.of(history, history.prefix(0)), targets.clone(), new BitSet(), false);
        double[][] sum = new double[targets.length][n];
        double[][] squares = new double[targets.length][n];
        Random random = new Random(context.seed());
        int left = budget - 2;
        int rounds = 0;
        for (int cost = Math.max(0, n - 1); rounds < ROUNDS && n > 0 && left >= cost; left -= cost) {
            int[] order = shuffled(n, random);
            double[][] scores = new double[n - 1][];
            boolean whole = !cancelled.getAsBoolean();
            for (int from = 0; from < n - 1 && whole; from += CHUNK) {
                List<SequenceInstance> shrinking = new ArrayList<>();
                for (int gone = from + 1; gone < Math.min(n, from + 1 + CHUNK); gone++) {
                    shrinking.add(history.without(Arrays.copyOf(order, gone)));
                }
                RankedScore[][] chunk = model.score(shrinking, targets.clone(), new BitSet(), false);
                for (int i = 0; i < chunk.length; i++) {
                    scores[from + i] = Arrays.stream(chunk[i]).mapToDouble(RankedScore::score).toArray();
                }
                whole = from + CHUNK >= n - 1 || !cancelled.getAsBoolean();
            }
            if (!whole) {
                break;
            }
            for (int t = 0; t < targets.length; t++) {
                double before = ends[0][t].score();
                for (int p = 0; p < n; p++) {
                    double after = p == n - 1 ? ends[1][t].score() : scores[p][t];
                    sum[t][order[p]] += before - after;
                    squares[t][order[p]] += (before - after) * (before - after);
                    before = after;
                }
            }
            rounds++;
        }
        List<Attribution> out = new ArrayList<>();
        for (int t = 0; t < targets.length; t++) {
            List<Contribution> parts = new ArrayList<>();
            double gap = ends[0][t].score() - ends[1][t].score();
            for (int p = 0; p < n && rounds > 0; p++) {
                double mean = sum[t][p] / rounds;
                double variance = Math.max(0, squares[t][p] / rounds - mean * mean);
                parts.add(new Contribution("history:" + context.schema().targets().get(history.item(p)), p, mean, Math.sqrt(variance / rounds)));
                gap -= mean;
            }
            parts.sort(Comparator.comparingDouble(Contribution::value).reversed().thenComparingInt(Contribution::position));
            out.add(new Attribution(targets[t], ends[0][t].score(), ends[1][t].score(), parts, gap));
        }
        return List.copyOf(out);
    }

    private static int[] shuffled(int n, Random random) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            int j = random.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return order;
    }
}
