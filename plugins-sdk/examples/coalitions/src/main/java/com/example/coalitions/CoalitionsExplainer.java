package com.example.coalitions;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
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
 * Strategy {@code coalitions}: Banzhaf values by maximum sample reuse (Wang, Jia, Data Banzhaf, 2023). Half of the events, drawn at random,
 * stay; an event's contribution is the mean score of the draws it stayed in less that of the others, and its standard error comes from both
 * means. All randomness is from the seed, and all targets share the draws. Stateless, thread-safe.
 */
@Component(service = Explainer.class)
public final class CoalitionsExplainer implements Explainer {
    private static final int BATCH = 64;
    /** Draws on each side of a mean, without which its error can't be told. */
    private static final int FEWEST = 2;

    @Override
    public String name() {
        return "coalitions";
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
        return instance instanceof SequenceInstance ? Support.yes() : Support.no("strategy 'coalitions' explains behaviour histories only");
    }

    @Override
    public List<Attribution> explain(ExplanationContext context) {
        if (!(context.instance() instanceof SequenceInstance history)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, supports(context.model(), context.instance()).reason());
        }
        if (context.budget() < 2) {
            throw WhereforeException.invalid("/explain/budget", "strategy 'coalitions' needs a budget of at least 2, got " + context.budget());
        }
        Random random = new Random(context.seed());
        RankedScore[][] ends = score(context, List.of(history, history.prefix(0)));
        List<boolean[]> stayed = new ArrayList<>();
        List<RankedScore[]> scores = new ArrayList<>();
        for (int left = context.budget() - 2; left > 0 && history.length() > 0 && !context.cancelled().getAsBoolean(); left -= BATCH) {
            List<SequenceInstance> batch = new ArrayList<>();
            for (int i = 0; i < Math.min(BATCH, left); i++) {
                boolean[] stay = new boolean[history.length()];
                for (int p = 0; p < stay.length; p++) {
                    stay[p] = random.nextBoolean();
                }
                stayed.add(stay);
                batch.add(history.without(IntStream.range(0, stay.length).filter(p -> !stay[p]).toArray()));
            }
            scores.addAll(List.of(score(context, batch)));
        }
        int[] targets = context.targets();
        List<Attribution> out = new ArrayList<>();
        for (int t = 0; t < targets.length; t++) {
            List<Contribution> parts = new ArrayList<>();
            double gap = ends[0][t].score() - ends[1][t].score();
            for (int p = 0; p < history.length(); p++) {
                Mean with = new Mean();
                Mean without = new Mean();
                for (int i = 0; i < scores.size(); i++) {
                    (stayed.get(i)[p] ? with : without).add(scores.get(i)[t].score());
                }
                if (with.count >= FEWEST && without.count >= FEWEST) {
                    double value = with.mean - without.mean;
                    parts.add(new Contribution("history:" + context.schema().targets().get(history.item(p)), p, value,
                            Math.sqrt(with.squaredError() + without.squaredError())));
                    gap -= value;
                }
            }
            parts.sort(Comparator.comparingDouble(Contribution::value).reversed().thenComparingInt(Contribution::position));
            out.add(new Attribution(targets[t], ends[0][t].score(), ends[1][t].score(), parts, gap));
        }
        return out;
    }

    private static RankedScore[][] score(ExplanationContext context, List<SequenceInstance> inputs) {
        return context.model().score(inputs, context.targets(), new BitSet(), false);
    }

    /** Mean and variance as the numbers come (Welford, 1962). */
    private static final class Mean {
        private int count;
        private double mean;
        private double squares;

        void add(double x) {
            double before = x - mean;
            mean += before / ++count;
            squares += before * (x - mean);
        }

        /** Of the mean. */
        double squaredError() {
            return squares / (count - 1) / count;
        }
    }
}
