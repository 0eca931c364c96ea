package org.wherefore.explainer.gradients.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.osgi.framework.Version;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Gradients.Point;
import org.wherefore.api.model.spi.Gradients.Slope;
import org.wherefore.api.model.spi.Model;

/**
 * What the strategies on {@link Gradients} share. A contribution is a weighted mean of slopes over points that the strategy
 * chooses, in the model's own score unit; the base value is the score of the baseline, events without content at their
 * positions; what the contributions leave of the difference is the completeness gap. The whole history and the baseline cost one
 * evaluation each, every point one more. Thread-safe; keeps nothing.
 */
abstract class GradientExplainer implements Explainer {
    /** Points per call of the model; cancellation is asked between chunks. */
    static final int CHUNK = 16;
    /** Evaluations besides the points. */
    private static final int ENDS = 2;
    private final String name;
    private final String version;

    /** @param bundle its qualifier is left out: two builds of one release must explain alike, byte for byte */
    GradientExplainer(String name, Version bundle) {
        this.name = name;
        version = bundle.getMajor() + "." + bundle.getMinor() + "." + bundle.getMicro();
    }

    /** What each event adds to one target's score, by position, and the standard error of that; empty when nothing is known. */
    record Estimate(double[] values, double[] errors) {
        static final Estimate NOTHING = new Estimate(new double[0], new double[0]);
    }

    /** The way from the baseline to a history, which is not empty, as the model answers for it. */
    record Path(Model model, Gradients gradients, SequenceInstance history, int[] targets, double[] scores, Slope[] baseline,
            BooleanSupplier cancelled) {
        /** Slopes of the targets asked for, {@code [point][target]}. */
        Slope[][] at(int[] asked, List<Point> points) {
            return GradientExplainer.at(model, gradients, history, asked, points);
        }
    }

    /**
     * @param most as many points as the budget allows for each target, at least 1
     * @return one for each target of the path
     */
    abstract Estimate[] estimate(Path path, int most, long seed);

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
        return model.adapt(Gradients.class).isPresent() ? Support.yes() : Support.no(name + " needs a model with gradients, which "
                + model.info().engine() + " does not have; occlusion explains every model");
    }

    @Override
    public final List<Attribution> explain(ExplanationContext context) {
        Model model = context.model();
        FeatureSchema schema = context.schema();
        int[] targets = context.targets();
        int budget = context.budget();
        Support support = supports(model, context.instance());
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, support.reason());
        }
        if (budget <= ENDS) {
            throw WhereforeException.invalid("/explain/budget", name + " needs a budget of at least " + (ENDS + 1)
                    + " evaluations (the whole history, the baseline and a point); got " + budget);
        }
        if (targets.length == 0) {
            return List.of();
        }
        SequenceInstance history = (SequenceInstance) context.instance();
        Gradients gradients = model.adapt(Gradients.class).orElseThrow();
        double[] full = new double[targets.length];
        var scored = model.score(List.of(history), targets.clone(), new BitSet(), false);
        Slope[][] baseline = at(model, gradients, history, targets, List.of(Point.on(0)));
        for (int t = 0; t < full.length; t++) {
            full[t] = scored[0][t].score();
        }
        Estimate[] estimates = new Estimate[targets.length];
        Arrays.fill(estimates, Estimate.NOTHING);
        if (history.length() > 0) {
            estimates = estimate(new Path(model, gradients, history, targets, full, baseline[0], context.cancelled()), budget - ENDS,
                    context.seed());
        }
        List<Attribution> result = new ArrayList<>(targets.length);
        for (int t = 0; t < targets.length; t++) {
            result.add(attribution(schema, history, targets[t], full[t], baseline[0][t].score(), estimates[t]));
        }
        return List.copyOf(result);
    }

    private static Slope[][] at(Model model, Gradients gradients, SequenceInstance history, int[] targets, List<Point> points) {
        Slope[][] slopes = gradients.at(history, targets.clone(), points);
        if (slopes.length != points.size()) {
            throw new WhereforeException(ErrorCode.INTERNAL, "model " + model.info().name() + ":" + model.info().version() + " gave slopes at "
                    + slopes.length + " of " + points.size() + " points");
        }
        return slopes;
    }

    private static Attribution attribution(FeatureSchema schema, SequenceInstance history, int target, double score, double base,
            Estimate estimate) {
        List<Contribution> contributions = new ArrayList<>(history.length());
        for (int p = 0; p < estimate.values().length; p++) {
            contributions.add(new Contribution("history:" + schema.targets().get(history.item(p)), p, estimate.values()[p],
                    estimate.errors()[p]));
        }
        contributions.sort(Comparator.comparingDouble(Contribution::value).reversed().thenComparingInt(Contribution::position));
        double gap = score - base;
        for (Contribution c : contributions) {
            gap -= c.value();
        }
        return new Attribution(target, score, base, contributions, gap);
    }

    /**
     * The mean slopes over points, asked in chunks; of a cancelled call over those that are known.
     *
     * @param sampled whether the points are random draws, which leave a standard error
     */
    static Estimate[] mean(Path path, List<Point> points, boolean sampled) {
        List<Slope[]> known = new ArrayList<>(points.size());
        for (int from = 0; from < points.size() && !path.cancelled().getAsBoolean(); from += CHUNK) {
            known.addAll(List.of(path.at(path.targets(), points.subList(from, Math.min(points.size(), from + CHUNK)))));
        }
        Estimate[] out = new Estimate[path.targets().length];
        Arrays.fill(out, Estimate.NOTHING);
        for (int t = 0; t < out.length && !known.isEmpty(); t++) {
            int target = t;
            out[t] = mean(known.stream().map(row -> row[target].products()).toList(), sampled);
        }
        return out;
    }

    private static Estimate mean(List<double[]> draws, boolean sampled) {
        double[] values = new double[draws.get(0).length];
        double[] errors = new double[values.length];
        for (int p = 0; p < values.length; p++) {
            for (double[] draw : draws) {
                values[p] += draw[p] / draws.size();
            }
            double squares = 0;
            for (double[] draw : draws) {
                squares += (draw[p] - values[p]) * (draw[p] - values[p]);
            }
            if (sampled) {
                // A single draw tells nothing of its spread: its own size stands for that.
                errors[p] = draws.size() == 1 ? Math.abs(values[p]) : Math.sqrt(squares / (draws.size() - 1) / draws.size());
            }
        }
        return new Estimate(values, errors);
    }
}
