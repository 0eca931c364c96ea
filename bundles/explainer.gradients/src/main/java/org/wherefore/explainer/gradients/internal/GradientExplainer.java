package org.wherefore.explainer.gradients.internal;

import java.util.ArrayList;
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
 * evaluation each, every point one more. Points are asked in chunks spread over all of them, so a cancelled call answers with
 * the mean over those that are known. Thread-safe; keeps nothing.
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

    /** Points and the weights of their slopes, which sum to 1. {@code sampled}: the points are random draws of equal weight. */
    record Plan(List<Point> points, double[] weights, boolean sampled) {}

    /** @param most as many points as the budget allows, at least 1 */
    abstract Plan plan(int most, long seed);

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
        Plan plan = plan(budget - ENDS, context.seed());
        Slope[][] slopes = ask(model, gradients, history, targets, plan.points(), context.cancelled());

        List<Attribution> result = new ArrayList<>(targets.length);
        for (int t = 0; t < targets.length; t++) {
            result.add(attribution(schema, history, targets[t], full[t], baseline[0][t].score(), plan, column(slopes, t)));
        }
        return List.copyOf(result);
    }

    /** Rows of points that were not asked any more are null. */
    private static Slope[][] ask(Model model, Gradients gradients, SequenceInstance history, int[] targets, List<Point> points,
            BooleanSupplier cancelled) {
        Slope[][] slopes = new Slope[points.size()][];
        int chunks = (points.size() + CHUNK - 1) / CHUNK;
        for (int c = 0; c < chunks && history.length() > 0 && !cancelled.getAsBoolean(); c++) {
            List<Point> chunk = new ArrayList<>();
            for (int i = c; i < points.size(); i += chunks) {
                chunk.add(points.get(i));
            }
            Slope[][] part = at(model, gradients, history, targets, chunk);
            for (int i = 0; i < part.length; i++) {
                slopes[c + i * chunks] = part[i];
            }
        }
        return slopes;
    }

    private static Slope[][] at(Model model, Gradients gradients, SequenceInstance history, int[] targets, List<Point> points) {
        Slope[][] slopes = gradients.at(history, targets.clone(), points);
        if (slopes.length != points.size()) {
            throw new WhereforeException(ErrorCode.INTERNAL, "model " + model.info().name() + ":" + model.info().version() + " gave slopes at "
                    + slopes.length + " of " + points.size() + " points");
        }
        return slopes;
    }

    private static Slope[] column(Slope[][] slopes, int target) {
        Slope[] column = new Slope[slopes.length];
        for (int i = 0; i < column.length; i++) {
            column[i] = slopes[i] == null ? null : slopes[i][target];
        }
        return column;
    }

    private static Attribution attribution(FeatureSchema schema, SequenceInstance history, int target, double score, double base,
            Plan plan, Slope[] slopes) {
        double known = 0;
        int count = 0;
        for (int i = 0; i < slopes.length; i++) {
            if (slopes[i] != null) {
                known += plan.weights()[i];
                count++;
            }
        }
        List<Contribution> contributions = new ArrayList<>(history.length());
        double gap = score - base;
        for (int p = 0; p < history.length() && count > 0; p++) {
            double mean = 0;
            for (int i = 0; i < slopes.length; i++) {
                mean += slopes[i] == null ? 0 : plan.weights()[i] / known * slopes[i].products()[p];
            }
            contributions.add(new Contribution("history:" + schema.targets().get(history.item(p)), p, mean,
                    plan.sampled() ? standardError(slopes, p, mean, count) : 0));
        }
        contributions.sort(Comparator.comparingDouble(Contribution::value).reversed().thenComparingInt(Contribution::position));
        for (Contribution c : contributions) {
            gap -= c.value();
        }
        return new Attribution(target, score, base, contributions, gap);
    }

    /** Of the mean of {@code count} draws; of a single one, which tells nothing of its spread, its own size. */
    private static double standardError(Slope[] slopes, int position, double mean, int count) {
        if (count == 1) {
            return Math.abs(mean);
        }
        double squares = 0;
        for (Slope s : slopes) {
            squares += s == null ? 0 : (s.products()[position] - mean) * (s.products()[position] - mean);
        }
        return Math.sqrt(squares / (count - 1) / count);
    }
}
