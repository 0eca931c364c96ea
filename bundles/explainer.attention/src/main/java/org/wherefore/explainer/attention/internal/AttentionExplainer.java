package org.wherefore.explainer.attention.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.osgi.framework.Version;
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
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Model;

/**
 * What the strategies on {@link Attention} share. Relevance by attention has no unit: it says how much of the whole an event is, so
 * a contribution is that share of the score's difference from the base value, the score with no events (0 when the model refuses an
 * empty history). The shares sum to 1 and the completeness gap is 0 by this construction, which proves nothing; it is the whole
 * difference when nothing is relevant. Three evaluations. Uses no randomness: the seed changes nothing. Thread-safe; keeps
 * nothing.
 */
abstract class AttentionExplainer implements Explainer {
    /** The whole history, the empty one, and the attention. */
    private static final int EVALUATIONS = 3;
    private final String name;
    private final String version;

    /** @param bundle its qualifier is left out: two builds of one release must explain alike, byte for byte */
    AttentionExplainer(String name, Version bundle) {
        this.name = name;
        version = bundle.getMajor() + "." + bundle.getMinor() + "." + bundle.getMicro();
    }

    /**
     * Relevance of each token to the output, none negative, in any unit.
     *
     * @param maps of at least one token
     * @param target index into its gradients
     */
    abstract double[] relevance(Attention.Maps maps, int target);

    /** Whether {@link #relevance} needs gradients. */
    abstract boolean gradients();

    /**
     * The part of a difference that the relevant events share. What only speaks for a target can't have lowered its score.
     *
     * @param difference of the score from the base value
     */
    abstract double shared(double difference);

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String version() {
        return version;
    }

    @Override
    public final List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public final Support supports(Model model, Instance instance) {
        if (!(instance instanceof SequenceInstance)) {
            return Support.no(name + " explains behaviour histories only");
        }
        return model.adapt(Attention.class).isPresent() ? Support.yes() : Support.no(name + " needs a model with attention, which "
                + model.info().engine() + " does not have; occlusion explains every model");
    }

    @Override
    public final List<Attribution> explain(ExplanationContext context) {
        Model model = context.model();
        Support support = supports(model, context.instance());
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, support.reason());
        }
        if (context.budget() < EVALUATIONS) {
            throw WhereforeException.invalid("/explain/budget", name + " needs a budget of " + EVALUATIONS + " evaluations (the whole"
                    + " history, the empty one and the attention); got " + context.budget());
        }
        int[] targets = context.targets();
        if (targets.length == 0) {
            return List.of();
        }
        SequenceInstance history = (SequenceInstance) context.instance();
        double[] scores = score(model, history, targets);
        double[] bases = base(model, history, targets, scores);
        Attention.Maps maps = null;
        if (history.length() > 0 && !context.cancelled().getAsBoolean()) {
            maps = model.adapt(Attention.class).orElseThrow().of(history, gradients() ? targets : new int[0]);
        }
        List<Attribution> result = new ArrayList<>(targets.length);
        for (int t = 0; t < targets.length; t++) {
            double gap = scores[t] - bases[t];
            List<Contribution> contributions = maps == null ? List.of()
                    : contributions(context, maps.parts(), relevance(maps, t), shared(gap));
            for (Contribution c : contributions) {
                gap -= c.value();
            }
            result.add(new Attribution(targets[t], scores[t], bases[t], contributions, gap));
        }
        return List.copyOf(result);
    }

    private List<Contribution> contributions(ExplanationContext context, int[] parts, double[] relevance, double shared) {
        SequenceInstance history = (SequenceInstance) context.instance();
        double[] byPosition = new double[history.length()];
        double sum = 0;
        for (int i = 0; i < parts.length; i++) {
            if (parts[i] >= 0) {
                byPosition[parts[i]] += relevance[i];
                sum += relevance[i];
            }
        }
        List<Contribution> contributions = new ArrayList<>(byPosition.length);
        for (int p = 0; p < byPosition.length; p++) {
            double value = byPosition[p] == 0 ? 0 : shared * byPosition[p] / sum;
            contributions.add(new Contribution("history:" + context.schema().targets().get(history.item(p)), p, value, 0));
        }
        contributions.sort(Comparator.comparingDouble(Contribution::value).reversed().thenComparingInt(Contribution::position));
        return contributions;
    }

    private static double[] score(Model model, SequenceInstance history, int[] targets) {
        RankedScore[][] scored = model.score(List.of(history), targets, new BitSet(), false);
        if (scored.length != 1) {
            throw new WhereforeException(ErrorCode.INTERNAL, "model " + model.info().name() + ":" + model.info().version() + " scored "
                    + scored.length + " of 1 histories");
        }
        double[] out = new double[targets.length];
        for (int t = 0; t < out.length; t++) {
            out[t] = scored[0][t].score();
        }
        return out;
    }

    private static double[] base(Model model, SequenceInstance history, int[] targets, double[] scores) {
        if (history.length() == 0) {
            return scores;
        }
        try {
            return score(model, history.prefix(0), targets);
        } catch (WhereforeException e) {
            if (e.code() != ErrorCode.UNSUPPORTED && e.code() != ErrorCode.INVALID_INPUT) {
                throw e;
            }
            // The model refuses an empty history: it has no base value, which 0 stands for.
            return new double[targets.length];
        }
    }

    /** The mean over the heads of a layer of one query's row. */
    static double[] meanRow(double[][][] heads, int query) {
        double[] mean = new double[heads[0].length];
        for (double[][] head : heads) {
            for (int k = 0; k < mean.length; k++) {
                mean[k] += head[query][k] / heads.length;
            }
        }
        return mean;
    }
}
