package org.wherefore.explainer.lime.internal;

import java.util.ArrayList;
import java.util.Arrays;
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
 * Explainer {@code lime}: the line that answers most as the model does around an input (Ribeiro, Singh, Guestrin, "Why Should I Trust You?",
 * KDD 2016), in the model's own score unit. A contribution is a slope times what the line sees of the part, the base value is the
 * line's answer when it sees nothing, and the completeness gap is what the line leaves of the score; {@link Attribution#localFit} says
 * how well it fits. One evaluation is one input scored for all targets, which share all inputs; they come from the seed. With fewer
 * inputs than four a part, because of the budget or because it was cancelled, only the first parts get a slope of their own.
 * Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class LimeExplainer implements Explainer {
    /** Inputs per call of the model; cancellation is asked between calls. */
    static final int BATCH = 256;
    static final int INPUTS_A_SLOPE = 4;
    private static final int LEAST = 8;
    private static final List<Parameter> PARAMETERS = List.of(
            new Parameter("samples", "integer", "5000", "Most inputs that are scored, 8 to 65536; with 2^n or more, n events or regions are not sampled"),
            new Parameter("features", "integer", "0", "How many parts the line may use, 1 or more; 0 for all"),
            new Parameter("selection", "text", "lasso", "Which parts those are: lasso (first on the path) or weight (largest in the full line)"),
            new Parameter("ridge", "number", "0", "Penalty on the squares of slopes, 0 to 1e6; 0 recovers linear models exactly, the authors' code has 1"),
            new Parameter("kernel", "number", "0", "Width of the kernel, up to 1000; 0 for the authors', 0.25 for events and regions, 0.75 for tables"),
            new Parameter("table", "text", "standardised", "How numbers of a table are varied: standardised (around their value) or discretised (by quarters)"),
            new Parameter("regions", "integer", "24", "About how many regions an image is cut into, 2 to 400"),
            new Parameter("fill", "text", "blur", "What stands for an absent region of an image: blur or mean"));
    private final String version;

    @Activate
    public LimeExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    /** Without the qualifier: two builds of one release must explain alike, byte for byte. */
    LimeExplainer(Version bundle) {
        version = bundle.getMajor() + "." + bundle.getMinor() + "." + bundle.getMicro();
    }

    @Override
    public String name() {
        return "lime";
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
        int samples = Math.min(context.budget(), given.integer("samples", LEAST, 65_536));
        int features = given.integer("features", 0, Integer.MAX_VALUE);
        boolean lasso = choice(given, "selection", "lasso", "weight");
        double ridge = given.number("ridge", 0, 1e6);
        if (context.budget() < LEAST) {
            throw WhereforeException.invalid("/explain/budget", "lime needs a budget of at least " + LEAST + " evaluations, better "
                    + "10 a part; got " + context.budget());
        }
        int[] targets = context.targets();
        if (targets.length == 0) {
            return List.of();
        }
        Neighbourhood around = neighbourhood(context, given, samples);
        List<double[]> scores = ask(context, around, targets);
        int named = named(around, scores.size());
        double[][] seen = IntStream.range(0, scores.size()).mapToObj(s -> named < 0 ? new double[0] : around.seen(s, named)).toArray(double[][]::new);
        boolean sampled = !around.whole() || scores.size() < around.size();
        LocalFit.Points points = new LocalFit.Points(seen, IntStream.range(0, seen.length).mapToDouble(around::weight).toArray(),
                IntStream.range(0, seen.length).mapToDouble(around::drawn).toArray(), sampled);
        List<Attribution> out = new ArrayList<>(targets.length);
        for (int t = 0; t < targets.length; t++) {
            int target = t;
            double[] y = scores.stream().mapToDouble(s -> s[target]).toArray();
            int[] columns = IntStream.range(0, seen[0].length).toArray();
            if (features > 0 && features < named) {
                int[] chosen = LocalFit.select(points, y, ridge, named, features, lasso);
                // The column of the parts that are not seen singly always stays.
                columns = IntStream.concat(IntStream.of(chosen), IntStream.range(named, seen[0].length)).toArray();
            }
            out.add(attribution(around, targets[t], y[0], seen[0], Math.max(0, named), LocalFit.of(points, y, ridge, columns)));
        }
        return List.copyOf(out);
    }

    private static boolean choice(Parameters given, String name, String yes, String no) {
        String value = given.text(name);
        if (!value.equals(yes) && !value.equals(no)) {
            throw WhereforeException.invalid("/explain/parameters/" + name, name + " is " + yes + " or " + no + ", got '" + value + "'");
        }
        return value.equals(yes);
    }

    private static Neighbourhood neighbourhood(ExplanationContext context, Parameters given, int samples) {
        double kernel = given.number("kernel", 0, 1000);
        boolean standardised = choice(given, "table", "standardised", "discretised");
        Parts.Fill fill = choice(given, "fill", "blur", "mean") ? Parts.Fill.BLUR : Parts.Fill.MEAN;
        int regions = given.integer("regions", 2, 400);
        if (context.instance() instanceof TableInstance row) {
            List<TableInstance> cases = context.cases().stream().map(e -> e.instance()).filter(TableInstance.class::isInstance)
                    .map(TableInstance.class::cast).filter(c -> c.length() == row.length()).toList();
            if (cases.isEmpty()) {
                throw new WhereforeException(ErrorCode.UNSUPPORTED, "lime of a table needs cases, which say how values vary, and model "
                        + context.model().info().name() + ":" + context.model().info().version() + " has none; train it again, or choose another strategy");
            }
            return new Rows(context.schema(), row, cases, !standardised, samples, kernel > 0 ? kernel : Rows.WIDTH, context.seed());
        }
        Parts parts = context.instance() instanceof ImageInstance image ? Parts.regions(image, regions, fill)
                : Parts.events(context.schema(), (SequenceInstance) context.instance());
        return new Masks(parts, samples, kernel > 0 ? kernel : Masks.WIDTH, context.seed());
    }

    /** How many parts get a slope of their own from so many inputs; -1 when there are too few for any slope at all. */
    private static int named(Neighbourhood around, int inputs) {
        if (around.whole() && inputs == around.size() || inputs / INPUTS_A_SLOPE > around.parts()) {
            return around.parts();
        }
        return inputs / INPUTS_A_SLOPE - 1;
    }

    /** Scores of the inputs, as far as it got. */
    private static List<double[]> ask(ExplanationContext context, Neighbourhood around, int[] targets) {
        List<double[]> scores = new ArrayList<>(score(context.model(), around.inputs(0, 1), targets));
        for (int from = 1; from < around.size() && !context.cancelled().getAsBoolean(); from += BATCH) {
            try {
                scores.addAll(score(context.model(), around.inputs(from, Math.min(around.size(), from + BATCH)), targets));
            } catch (WhereforeException e) {
                boolean refused = e.code() == ErrorCode.UNSUPPORTED || e.code() == ErrorCode.INVALID_INPUT;
                if (refused && context.instance() instanceof SequenceInstance history && history.length() == 1) {
                    // The only other history is the empty one, and the model refuses that: nothing is known but the score.
                    return scores;
                }
                throw e;
            }
        }
        return scores;
    }

    private static List<double[]> score(Model model, List<Instance> inputs, int[] targets) {
        RankedScore[][] scores = model.score(inputs, targets.clone(), new BitSet(), false);
        if (scores.length != inputs.size()) {
            throw new WhereforeException(ErrorCode.INTERNAL, "model " + model.info().name() + ":" + model.info().version() + " scored "
                    + scores.length + " of " + inputs.size() + " inputs");
        }
        return Arrays.stream(scores).map(row -> Arrays.stream(row).mapToDouble(RankedScore::score).toArray()).toList();
    }

    private static Attribution attribution(Neighbourhood around, int target, double score, double[] seen, int named, LocalFit line) {
        List<Contribution> contributions = new ArrayList<>(named);
        for (int p = 0; p < named; p++) {
            contributions.add(new Contribution(around.feature(p), around.position(p), line.slopes()[p] * seen[p],
                    line.errors()[p] * Math.abs(seen[p])));
        }
        contributions.sort(Comparator.comparingDouble(Contribution::value).reversed().thenComparingInt(Contribution::position));
        double gap = score - line.intercept();
        for (Contribution c : contributions) {
            gap -= c.value();
        }
        return new Attribution(target, score, line.intercept(), contributions, gap, line.fit());
    }
}
