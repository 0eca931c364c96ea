package ${package};

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.osgi.service.component.annotations.Component;
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
 * Strategy {@code ${pluginName}}: what each event changed when it arrived. The history is cut to its first 0, 1, 2, … events; an event's
 * contribution is the score with it less the score just before it. Exact for what it claims, without randomness. The newest events are
 * scored first, so that a small budget or a cancelled call still explains them. Stateless, thread-safe.
 */
@Component(service = Explainer.class)
public final class ${className} implements Explainer {
    /** Inputs scored between two questions whether the call is cancelled. */
    private static final int BATCH = 64;

    @Override
    public String name() {
        return "${pluginName}";
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
        return instance instanceof SequenceInstance ? Support.yes()
                : Support.no("strategy '" + name() + "' explains behaviour histories, not " + instance.getClass().getSimpleName());
    }

    @Override
    public List<Attribution> explain(ExplanationContext context) {
        if (!(context.instance() instanceof SequenceInstance history)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, supports(context.model(), context.instance()).reason());
        }
        if (context.budget() < 2) {
            throw WhereforeException.invalid("/explain/budget", "strategy '" + name() + "' needs a budget of at least 2, the whole history"
                    + " and none of it; got " + context.budget());
        }
        int[] targets = context.targets();
        int length = history.length();
        double[][] scores = new double[length + 1][]; // by length of the prefix; null where not scored
        score(context, List.of(history, history.prefix(0)), new int[] {length, 0}, scores);
        int oldest = Math.max(1, length + 1 - Math.max(0, context.budget() - 1));
        int known = length; // all prefixes from here on are scored
        while (known > oldest && !context.cancelled().getAsBoolean()) {
            int from = Math.max(oldest, known - BATCH);
            List<SequenceInstance> batch = new ArrayList<>();
            int[] lengths = new int[known - from];
            for (int n = from; n < known; n++) {
                lengths[n - from] = n;
                batch.add(history.prefix(n));
            }
            score(context, batch, lengths, scores);
            known = from;
        }
        int first = known <= 1 ? 0 : known;
        List<Attribution> out = new ArrayList<>();
        for (int t = 0; t < targets.length; t++) {
            List<Contribution> parts = new ArrayList<>();
            double base = scores[0][t];
            double gap = scores[length][t] - base;
            for (int p = first; p < length; p++) {
                double value = scores[p + 1][t] - scores[p][t];
                parts.add(new Contribution("history:" + context.schema().targets().get(history.item(p)), p, value, 0));
                gap -= value;
            }
            parts.sort(Comparator.comparingDouble(Contribution::value).reversed().thenComparingInt(Contribution::position));
            out.add(new Attribution(targets[t], scores[length][t], base, parts, gap));
        }
        return out;
    }

    private static void score(ExplanationContext context, List<SequenceInstance> inputs, int[] lengths, double[][] scores) {
        RankedScore[][] answer = context.model().score(inputs, context.targets(), new BitSet(), false);
        for (int i = 0; i < lengths.length; i++) {
            scores[lengths[i]] = new double[answer[i].length];
            for (int t = 0; t < answer[i].length; t++) {
                scores[lengths[i]][t] = answer[i][t].score();
            }
        }
    }
}
