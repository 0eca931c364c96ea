package org.wherefore.explainer.shap.internal;

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
import org.wherefore.api.Parameters;
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
 * Explainer {@code shap}: Shapley values of the parts of an instance (Shapley, A Value for n-Person Games, 1953), in the model's
 * own score unit. Exact when all sets of parts fit the budget, otherwise by Kernel SHAP (Lundberg, Lee, A Unified Approach to
 * Interpreting Model Predictions, NIPS 2017) with pairs of complementary sets (Covert, Lee, Improving KernelSHAP, AISTATS 2021).
 * Contributions sum to score less base value; the completeness gap is what the parts that the budget left out are worth
 * together. One evaluation is one instance scored for all targets, which share all sets. Where the order of sets is free it comes from
 * the seed. A cancelled call answers with the sets known by then, for fewer parts if need be. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class ShapExplainer implements Explainer {
    /** Instances per call of the model, unless one set takes more; cancellation is asked between calls. */
    static final int BATCH = 256;
    /** Up to so many parts, all sets of them are asked for when the budget allows. */
    static final int EXACT = 12;
    /** Sets that each part costs at least when not all are asked: its own, all but it, and two sampled ones. */
    static final int SETS_A_PART = 4;
    /** Sets a part that the background is cut down for. */
    private static final int SETS_WANTED = 8;
    /** Rows of background that sampling is preferred to fewer of. */
    private static final int ROWS_WANTED = 10;
    private static final int MOST_SETS = 65_536;
    private static final List<Parameter> PARAMETERS = List.of(
            new Parameter("sets", "integer", "4096", "Most sets of parts that are scored, 4 to 65536; with 2^n or more, n parts are exact"),
            new Parameter("background", "integer", "200", "Most cases whose values stand for absent ones of a table, 1 to 200"),
            new Parameter("regions", "integer", "24", "About how many regions an image is cut into, 2 to 400"),
            new Parameter("fill", "text", "blur", "What stands for an absent region of an image: blur or mean"));
    private final String version;

    @Activate
    public ShapExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    /** Without the qualifier: two builds of one release must explain alike, byte for byte. */
    ShapExplainer(Version bundle) {
        version = bundle.getMajor() + "." + bundle.getMinor() + "." + bundle.getMicro();
    }

    @Override
    public String name() {
        return "shap";
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
        Parameters given = context.parameters();
        int budget = context.budget();
        int sets = given.integer("sets", 4, MOST_SETS);
        if (budget < 4) {
            throw WhereforeException.invalid("/explain/budget", "shap needs a budget of at least 4 evaluations (the whole, nothing, one part and"
                    + " all others), better 8 a part; got " + budget);
        }
        int[] targets = context.targets();
        if (targets.length == 0) {
            return List.of();
        }
        Parts parts = parts(context, given);
        double[] weights = parts.weights();
        int affordable = Math.min(sets - 2, (budget - 1) / weights.length - 1);
        parts = parts.limitedTo(most(affordable));

        double[] full = score(context.model(), List.of(context.instance()), targets)[0];
        Worths worths = new Worths(parts, targets, full, empty(context, parts, targets));
        if (parts.count() > 1) {
            ask(context, worths, Coalitions.plan(parts.count(), affordable, context.seed()));
        }
        Shapley found = Shapley.of(worths.count(), worths.full, worths.base, worths.sets, worths.scores);
        return attributions(context, parts, worths, found);
    }

    private static Parts parts(ExplanationContext context, Parameters given) {
        if (context.instance() instanceof SequenceInstance history) {
            return Parts.events(context.schema(), history);
        }
        if (context.instance() instanceof ImageInstance image) {
            return Parts.regions(image, given.integer("regions", 2, 400), fill(given));
        }
        TableInstance row = (TableInstance) context.instance();
        List<TableInstance> rows = context.cases().stream().map(e -> e.instance()).filter(TableInstance.class::isInstance)
                .map(TableInstance.class::cast).toList();
        if (rows.isEmpty()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "shap of a table needs cases, whose values stand for absent ones, and model "
                    + context.model().info().name() + ":" + context.model().info().version() + " has none; train it again, or choose another strategy");
        }
        int wanted = Math.min(rows.size(), given.integer("background", 1, 200));
        int features = Parts.groups(context.schema(), row.length()).size();
        Background background = Background.of(context.schema(), rows, affordableRows(context.budget() - 1, features, wanted));
        return Parts.features(context.schema(), row, background.rows(), background.weights());
    }

    private static Parts.Fill fill(Parameters given) {
        return switch (given.text("fill")) {
            case "blur" -> Parts.Fill.BLUR;
            case "mean" -> Parts.Fill.MEAN;
            default -> throw WhereforeException.invalid("/explain/parameters/fill", "fill is blur or mean, got '" + given.text("fill") + "'");
        };
    }

    /** Each set is scored once a row: many rows leave few sets. Exact values over enough rows are best, then enough sets. */
    static int affordableRows(int evaluations, int parts, int wanted) {
        int all = parts <= EXACT ? evaluations / Math.max(1, (1 << parts) - 1) : 0;
        int rows = all >= Math.min(wanted, ROWS_WANTED) ? all : evaluations / (SETS_WANTED * parts + 1);
        return Math.max(1, Math.min(wanted, rows));
    }

    /** How many parts so many sets besides the whole and the empty one can explain. */
    static int most(int sets) {
        int exact = 1;
        while (exact < EXACT && (1 << exact + 1) - 2 <= sets) {
            exact++;
        }
        return Math.max(exact, sets / SETS_A_PART);
    }

    /** Scores of nothing, for each target; 0 when the model refuses an empty history: it has no base value then. */
    private static double[] empty(ExplanationContext context, Parts parts, int[] targets) {
        try {
            return mean(parts.weights(), score(context.model(), parts.keeping(new BitSet()), targets), 0);
        } catch (WhereforeException e) {
            boolean refused = e.code() == ErrorCode.UNSUPPORTED || e.code() == ErrorCode.INVALID_INPUT;
            if (refused && context.instance() instanceof SequenceInstance history && history.length() > 0) {
                return new double[targets.length];
            }
            throw e;
        }
    }

    private static void ask(ExplanationContext context, Worths worths, List<BitSet> plan) {
        double[] weights = worths.parts.weights();
        int chunk = Math.max(1, BATCH / weights.length);
        for (int from = 0; from < plan.size() && !context.cancelled().getAsBoolean(); from += chunk) {
            List<BitSet> sets = plan.subList(from, Math.min(plan.size(), from + chunk));
            List<Instance> instances = new ArrayList<>(sets.size() * weights.length);
            sets.forEach(s -> instances.addAll(worths.parts.keeping(s)));
            double[][] scores = score(context.model(), instances, worths.targets);
            for (int s = 0; s < sets.size(); s++) {
                worths.sets.add(sets.get(s));
                worths.scores.add(mean(weights, scores, s * weights.length));
            }
        }
    }

    private static double[] mean(double[] weights, double[][] scores, int from) {
        double[] mean = new double[scores[from].length];
        for (int r = 0; r < weights.length; r++) {
            for (int t = 0; t < mean.length; t++) {
                mean[t] += weights[r] * scores[from + r][t];
            }
        }
        return mean;
    }

    private static double[][] score(Model model, List<Instance> instances, int[] targets) {
        RankedScore[][] scores = model.score(instances, targets.clone(), new BitSet(), false);
        if (scores.length != instances.size()) {
            throw new WhereforeException(ErrorCode.INTERNAL, "model " + model.info().name() + ":" + model.info().version() + " scored "
                    + scores.length + " of " + instances.size() + " instances");
        }
        double[][] out = new double[scores.length][targets.length];
        for (int i = 0; i < out.length; i++) {
            for (int t = 0; t < targets.length; t++) {
                out[i][t] = scores[i][t].score();
            }
        }
        return out;
    }

    private static List<Attribution> attributions(ExplanationContext context, Parts parts, Worths worths, Shapley found) {
        List<Attribution> out = new ArrayList<>(worths.targets.length);
        for (int t = 0; t < worths.targets.length; t++) {
            int target = t;
            List<Contribution> contributions = new ArrayList<>(IntStream.range(0, found.players()).filter(p -> !parts.rest(p))
                    .mapToObj(p -> new Contribution(parts.feature(p), parts.position(p), found.values()[target][p], found.errors()[target][p])).toList());
            contributions.sort(Comparator.comparingDouble(Contribution::value).reversed().thenComparingInt(Contribution::position));
            double gap = worths.full[t] - worths.base[t];
            for (Contribution c : contributions) {
                gap -= c.value();
            }
            out.add(new Attribution(worths.targets[t], worths.full[t], worths.base[t], contributions, gap));
        }
        return List.copyOf(out);
    }

    /** What sets of parts are worth, as far as it is known. */
    private static final class Worths {
        final Parts parts;
        final int[] targets;
        final double[] full;
        final double[] base;
        final List<BitSet> sets = new ArrayList<>();
        final List<double[]> scores = new ArrayList<>();

        Worths(Parts parts, int[] targets, double[] full, double[] base) {
            this.parts = parts;
            this.targets = targets;
            this.full = full;
            this.base = base;
        }

        int count() {
            return parts.count();
        }
    }
}
