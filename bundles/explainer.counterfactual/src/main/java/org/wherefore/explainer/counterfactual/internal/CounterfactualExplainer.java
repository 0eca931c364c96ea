package org.wherefore.explainer.counterfactual.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
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
 * all targets together; then each target has its own {@link Search} on its share of the budget, and what one asked is known to the
 * next. Every set that is given was ranked by the
 * model, and so was every set with one change less. Uses no randomness: the seed changes nothing. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class CounterfactualExplainer implements Explainer {
    private static final List<Parameter> PARAMETERS = List.of(
            new Parameter("maxChanges", "integer", "20", "most events taken away, 1 to 50"),
            new Parameter("beam", "integer", "2", "sets of one size that are grown further, 1 to 32"));
    /** How often what others left of their share is given to those without an answer. */
    private static final int PASSES = 3;
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
        RankedScore[] whole = asked.rank(List.of(context.instance())).get(0);
        List<BitSet> moves = moves(changes, maxChanges, context.budget() - 1);
        List<BitSet> alone = moves.subList(0, asked.ask(moves));
        Typicality typicality = new Typicality(context.cases());
        // the lowest ranked are the easiest to bring down: what they leave of their share is for those above
        List<Integer> order = IntStream.range(0, targets.length).boxed().filter(t -> whole[t].rank() <= context.k())
                .sorted(Comparator.comparingInt(t -> -whole[t].rank())).toList();
        Search.Found[] found = new Search.Found[targets.length];
        int left = context.budget() - 1 - alone.size();
        for (int pass = 0; pass < PASSES; pass++) {
            for (int n = 0; n < order.size(); n++) {
                int t = order.get(n);
                if (found[t] == null) {
                    int share = left / unsolved(asked, order.subList(n, order.size()), found, context.k());
                    Search search = new Search(asked, changes, typicality, t, context.k(), maxChanges, beam, share);
                    found[t] = search.run(alone);
                    left -= search.spent();
                }
            }
        }
        List<Counterfactual> out = new ArrayList<>(targets.length);
        for (int t = 0; t < targets.length; t++) {
            double[] effect = new double[changes.size()];
            for (BitSet move : alone) {
                if (move.cardinality() == 1) {
                    effect[move.nextSetBit(0)] = asked.known().get(move)[t].score();
                }
            }
            out.add(counterfactual(targets[t], whole[t], found[t], effect, changes, typicality));
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

    /** Targets without an answer that nothing asked so far brings down, and at least 1: what is left of the budget is for them. */
    private static int unsolved(Asked asked, List<Integer> targets, Search.Found[] found, int k) {
        return Math.max(1, (int) targets.stream().filter(t -> found[t] == null && asked.known().values().stream().noneMatch(a -> a[t].rank() > k))
                .count());
    }

    /** @param alone score with each change alone: the lower, the more it matters */
    private static Counterfactual counterfactual(int target, RankedScore whole, Search.Found found, double[] alone, Changes changes,
            Typicality typicality) {
        if (found == null) {
            return new Counterfactual(target, whole.score(), whole.rank(), List.of(), whole.score(), whole.rank(), Double.NaN);
        }
        List<Change> list = found.set().stream().boxed().sorted(Comparator.comparingDouble((Integer c) -> alone[c]).thenComparing(c -> c))
                .map(changes::describe).toList();
        return new Counterfactual(target, whole.score(), whole.rank(), list, found.after().score(), found.after().rank(),
                typicality.of(changes.with(found.set())));
    }
}
