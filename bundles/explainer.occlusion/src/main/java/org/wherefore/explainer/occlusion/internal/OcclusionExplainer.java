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
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * Explainer {@code occlusion}: exact leave-one-out (Li, Monroe, Jurafsky, Understanding Neural Networks through
 * Representation Erasure, 2016). The contribution of an event is the score of the whole history less the score of the
 * history without that event, in the model's own score unit; raw, not normalised, so what events do together stays in the
 * completeness gap. The base value is the score with no events, 0 when the model refuses an empty history. One evaluation is
 * one history scored for all targets; {@code length + 2} explain everything, and with less budget only the newest events that
 * fit are explained and the older ones are absent. Newest events go first, in chunks, so a cancelled call answers with
 * those. Uses no randomness: the seed changes nothing. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class OcclusionExplainer implements Explainer {
    /** Histories per call of the model; cancellation is asked between chunks. */
    static final int CHUNK = 64;
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
        return List.of();
    }

    @Override
    public Support supports(Model model, Instance instance) {
        return instance instanceof SequenceInstance ? Support.yes() : Support.no("occlusion explains behaviour histories only");
    }

    @Override
    public List<Attribution> explain(ExplanationContext context) {
        Model model = context.model();
        FeatureSchema schema = context.schema();
        int[] targets = context.targets();
        int budget = context.budget();
        BooleanSupplier cancelled = context.cancelled();
        if (!(context.instance() instanceof SequenceInstance history)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "occlusion explains behaviour histories only");
        }
        if (budget < 2) {
            throw WhereforeException.invalid("/explain/budget", "occlusion needs a budget of at least 2 evaluations (the whole"
                    + " and the empty history), better the length of the history plus 2; got " + budget);
        }
        if (targets.length == 0) {
            return List.of();
        }
        BitSet none = new BitSet();
        int length = history.length();
        RankedScore[] full;
        double[] base = new double[targets.length];
        try {
            RankedScore[][] ends = score(model, List.of(history, history.prefix(0)), targets, none);
            full = ends[0];
            for (int t = 0; t < base.length; t++) {
                base[t] = ends[1][t].score();
            }
        } catch (WhereforeException e) {
            if (length == 0 || e.code() != ErrorCode.UNSUPPORTED && e.code() != ErrorCode.INVALID_INPUT) {
                throw e;
            }
            // The model refuses an empty history: it has no base value, which 0 stands for.
            full = score(model, List.of(history), targets, none)[0];
        }

        List<List<Contribution>> contributions = new ArrayList<>(targets.length);
        for (int t = 0; t < targets.length; t++) {
            contributions.add(new ArrayList<>(length));
        }
        int oldest = Math.max(0, length - (budget - 2));
        for (int end = length; end > oldest && !cancelled.getAsBoolean(); end -= CHUNK) {
            int start = Math.max(oldest, end - CHUNK);
            List<SequenceInstance> shortened = new ArrayList<>(end - start);
            for (int p = start; p < end; p++) {
                shortened.add(history.without(p));
            }
            RankedScore[][] scores = score(model, shortened, targets, none);
            for (int p = start; p < end; p++) {
                String feature = "history:" + schema.targets().get(history.item(p));
                for (int t = 0; t < targets.length; t++) {
                    contributions.get(t).add(new Contribution(feature, p, full[t].score() - scores[p - start][t].score(), 0));
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

    private static RankedScore[][] score(Model model, List<SequenceInstance> histories, int[] targets, BitSet none) {
        RankedScore[][] scores = model.score(histories, targets.clone(), none, false);
        if (scores.length != histories.size()) {
            throw new WhereforeException(ErrorCode.INTERNAL, "model " + model.info().name() + ":" + model.info().version()
                    + " scored " + scores.length + " of " + histories.size() + " histories");
        }
        return scores;
    }
}
