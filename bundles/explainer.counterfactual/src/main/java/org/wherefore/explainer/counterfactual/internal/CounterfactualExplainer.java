package org.wherefore.explainer.counterfactual.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Counterfactual.Change;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * Explainer {@code counterfactual}: the smallest set of events found without which a target is not among the best {@code k} any
 * more (Wachter, Mittelstadt, Russell, Counterfactual Explanations without Opening the Black Box, 2018; for recommendation Tran,
 * Ghazimatin, Saha Roy, Counterfactual Explanations for Neural Recommenders, SIGIR 2021). Every single removal is asked first, for
 * all targets together; then each target has its own {@link Search}, on the same budget. Every set that is given was ranked by the
 * model, and so was every set with one change less. Uses no randomness: the seed changes nothing. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class CounterfactualExplainer implements Explainer {
    private static final List<Parameter> PARAMETERS = List.of(
            new Parameter("maxChanges", "integer", "20", "most events taken away, 1 to 50"),
            new Parameter("beam", "integer", "3", "sets of one size that are grown further, 1 to 32"));
    private final String version;

    @Activate
    public CounterfactualExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    /** Without the qualifier: two builds of one release must explain alike, byte for byte. */
    CounterfactualExplainer(Version bundle) {
        version = bundle.getMajor() + "." + bundle.getMinor() + "." + bundle.getMicro();
    }

    @Override
    public String name() {
        return "counterfactual";
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
        return changes(instance, null) != null ? Support.yes() : Support.no("counterfactual changes behaviour histories only");
    }

    /** What may be changed of an input of this kind, or null when nothing is known of it. */
    private static Changes changes(Instance instance, FeatureSchema schema) {
        return instance instanceof SequenceInstance history ? new EventRemovals(history, schema) : null;
    }

    @Override
    public List<Counterfactual> explain(ExplanationContext context) {
        int wanted = context.parameters().integer("maxChanges", 1, 50);
        int beam = context.parameters().integer("beam", 1, 32);
        Changes changes = changes(context.instance(), context.schema());
        if (changes == null) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "counterfactual changes behaviour histories only");
        }
        if (context.budget() < 2) {
            throw WhereforeException.invalid("/explain/budget", "counterfactual needs a budget of at least 2 evaluations (the whole"
                    + " history and one without an event), better three times the length of the history; got " + context.budget());
        }
        int maxChanges = Math.min(wanted, changes.most());
        int[] targets = context.targets();
        if (targets.length == 0) {
            return List.of();
        }
        Asked asked = new Asked(context, changes);
        RankedScore[] whole = asked.rank(List.of(context.instance()), targets).get(0);
        List<BitSet> moves = moves(changes, maxChanges, context.budget() - 1);
        List<RankedScore[]> alone = asked.score(moves, targets);
        Typicality typicality = new Typicality(context.cases());
        List<Counterfactual> out = new ArrayList<>(targets.length);
        for (int t = 0; t < targets.length; t++) {
            List<Search.Found> known = new ArrayList<>();
            for (int m = 0; m < alone.size(); m++) {
                known.add(new Search.Found(moves.get(m), alone.get(m)[t]));
            }
            Search.Found found = whole[t].rank() > context.k() ? null : new Search(asked, changes, typicality, targets[t], context.k(),
                    maxChanges, beam, context.budget() - 1 - alone.size()).run(known);
            out.add(counterfactual(targets[t], whole[t], found, known, changes, typicality));
        }
        return List.copyOf(out);
    }

    /** Each move alone; where the budget is small, the newest events, so that a third of it is left for sets of several. */
    private static List<BitSet> moves(Changes changes, int maxChanges, int budget) {
        return changes.moves().stream().filter(m -> m.length <= maxChanges).limit(Math.max(1, budget * 2L / 3)).map(m -> {
            BitSet set = new BitSet();
            for (int change : m) {
                set.set(change);
            }
            return set;
        }).toList();
    }

    private static Counterfactual counterfactual(int target, RankedScore whole, Search.Found found, List<Search.Found> alone,
            Changes changes, Typicality typicality) {
        if (found == null) {
            return new Counterfactual(target, whole.score(), whole.rank(), List.of(), whole.score(), whole.rank(), Double.NaN);
        }
        double[] effect = new double[changes.size()];
        for (Search.Found f : alone) {
            if (f.set().cardinality() == 1) {
                effect[f.set().nextSetBit(0)] = f.after().score() - whole.score();
            }
        }
        List<Change> list = found.set().stream().boxed().sorted(Comparator.comparingDouble((Integer c) -> effect[c]).thenComparing(c -> c))
                .map(changes::describe).toList();
        return new Counterfactual(target, whole.score(), whole.rank(), list, found.after().score(), found.after().rank(),
                typicality.of(changes.with(found.set())));
    }
}
