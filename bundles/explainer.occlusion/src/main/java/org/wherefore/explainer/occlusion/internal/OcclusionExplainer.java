package org.wherefore.explainer.occlusion.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.explain.spi.Parts;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * Explainer {@code occlusion}: exact leave-one-out (Li, Monroe, Jurafsky, Understanding Neural Networks through
 * Representation Erasure, 2016). The contribution of a part is the score of the whole input less the score of the input
 * without that part, in the model's own score unit; raw, not normalised, so what parts do together stays in the completeness
 * gap. Parts are events of a history, features of a row (an absent one has its typical value, see {@link Parts#typical}) or
 * regions of an image (an absent one is blurred). The base value is the score without any part, 0 when the model refuses an
 * empty history. One evaluation is one input scored for all targets; as many as there are parts and 2 explain everything, and
 * with less budget only the first parts that fit are explained (the newest events), and the others are absent. They go in
 * chunks in that order, so a cancelled call answers with the first. Uses no randomness: the seed changes nothing. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class OcclusionExplainer implements Explainer {
    /** Inputs per call of the model; cancellation is asked between chunks. */
    static final int CHUNK = 64;
    private static final String REGIONS = "regions";
    private static final List<Parameter> PARAMETERS = List.of(new Parameter(REGIONS, "integer", "49", "About how many regions an image is parted into, 4 to 1000"));
    private final String version;

    @Activate
    public OcclusionExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    /** Without the qualifier: two builds of one release must explain alike, byte for byte. */
    OcclusionExplainer(Version bundle) {
        version = bundle.getMajor() + "." + bundle.getMinor() + "." + bundle.getMicro();
    }

    @Override
    public String name() {
        return "occlusion";
    }

    @Override
    public String version() {
        return version;
    }

    @Override
    public List<Parameter> parameters() {
        return PARAMETERS;
    }

    @Override
    public Support supports(Model model, Instance instance) {
        return Support.yes();
    }

    @Override
    public List<Attribution> explain(ExplanationContext context) {
        Model model = context.model();
        int[] targets = context.targets();
        int budget = context.budget();
        BooleanSupplier cancelled = context.cancelled();
        if (budget < 2) {
            throw WhereforeException.invalid("/explain/budget", "occlusion needs a budget of at least 2 evaluations (the whole"
                    + " and the empty input), better the number of its parts plus 2; got " + budget);
        }
        if (targets.length == 0) {
            return List.of();
        }
        Parts parts = parts(context);
        int count = parts.count();
        BitSet none = new BitSet();
        RankedScore[] full;
        double[] base = new double[targets.length];
        try {
            RankedScore[][] ends = score(model, List.of(context.instance(), parts.keeping(none).get(0)), targets, none);
            full = ends[0];
            for (int t = 0; t < base.length; t++) {
                base[t] = ends[1][t].score();
            }
        } catch (WhereforeException e) {
            if (count == 0 || e.code() != ErrorCode.UNSUPPORTED && e.code() != ErrorCode.INVALID_INPUT) {
                throw e;
            }
            // The model refuses an empty history: it has no base value, which 0 stands for.
            full = score(model, List.of(context.instance()), targets, none)[0];
        }

        List<List<Contribution>> contributions = new ArrayList<>(targets.length);
        for (int t = 0; t < targets.length; t++) {
            contributions.add(new ArrayList<>(count));
        }
        int explained = Math.min(count, budget - 2);
        for (int from = 0; from < explained && !cancelled.getAsBoolean(); from += CHUNK) {
            int to = Math.min(explained, from + CHUNK);
            List<Instance> shortened = new ArrayList<>(to - from);
            for (int p = from; p < to; p++) {
                BitSet kept = new BitSet();
                kept.set(0, count);
                kept.clear(p);
                shortened.add(parts.keeping(kept).get(0));
            }
            RankedScore[][] scores = score(model, shortened, targets, none);
            for (int p = from; p < to; p++) {
                for (int t = 0; t < targets.length; t++) {
                    contributions.get(t).add(new Contribution(parts.feature(p), parts.position(p), full[t].score() - scores[p - from][t].score(), 0));
                }
            }
        }

        List<Attribution> result = new ArrayList<>(targets.length);
        for (int t = 0; t < targets.length; t++) {
            List<Contribution> sorted = contributions.get(t);
            sorted.sort(Comparator.comparingDouble(Contribution::value).reversed().thenComparingInt(Contribution::position));
            double gap = full[t].score() - base[t];
            for (Contribution c : sorted) {
                gap -= c.value();
            }
            result.add(new Attribution(targets[t], full[t].score(), base[t], sorted, gap));
        }
        return List.copyOf(result);
    }

    private static Parts parts(ExplanationContext context) {
        Instance instance = context.instance();
        if (instance instanceof SequenceInstance history) {
            return Parts.events(context.schema(), history);
        }
        if (instance instanceof ImageInstance image) {
            return Parts.regions(image, context.parameters().integer(REGIONS, 4, 1_000), Parts.Fill.BLUR);
        }
        if (context.cases().isEmpty()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "occlusion of a row needs cases, whose values stand for absent ones, and model "
                    + context.model().info().name() + ":" + context.model().info().version() + " keeps none; train it again");
        }
        return Parts.features(context.schema(), (TableInstance) instance, List.of(Parts.typical(context.schema(), context.cases())), new double[] {1});
    }

    private static RankedScore[][] score(Model model, List<Instance> inputs, int[] targets, BitSet none) {
        RankedScore[][] scores = model.score(inputs, targets.clone(), none, false);
        if (scores.length != inputs.size()) {
            throw new WhereforeException(ErrorCode.INTERNAL, "model " + model.info().name() + ":" + model.info().version()
                    + " scored " + scores.length + " of " + inputs.size() + " inputs");
        }
        return scores;
    }
}
