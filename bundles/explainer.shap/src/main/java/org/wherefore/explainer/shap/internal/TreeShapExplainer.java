package org.wherefore.explainer.shap.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
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
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.Trees;

/**
 * Explainer {@code tree-shap}: exact Shapley values of a model that is a sum of trees, read from the trees themselves (Lundberg et al., From Local
 * Explanations to Global Understanding with Explainable AI for Trees, Nature Machine Intelligence 2020, path-dependent). A value that is not known
 * goes both ways, as often as the training cases did. In the unit of the score; where the score is not the sum but rises with it, as of a forest's
 * mean, all contributions are scaled by how much the score changes for the sum's change, so that they still add up. Of a target the model is
 * asked once. Nothing is random. Thread-safe; keeps nothing.
 */
@Component(service = Explainer.class)
public class TreeShapExplainer implements Explainer {
    private final String version;

    @Activate
    public TreeShapExplainer(BundleContext context) {
        this(context.getBundle().getVersion());
    }

    /** Without the qualifier: two builds of one release must explain alike, byte for byte. */
    TreeShapExplainer(Version bundle) {
        version = bundle.getMajor() + "." + bundle.getMinor() + "." + bundle.getMicro();
    }

    @Override
    public String name() {
        return "tree-shap";
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
        if (model.adapt(Trees.class).isEmpty()) {
            return Support.no("tree-shap explains sums of trees, and model " + model.info().name() + ":" + model.info().version()
                    + " is none; shap explains any model");
        }
        return instance instanceof TableInstance ? Support.yes() : Support.no("tree-shap explains rows of a table; shap explains histories and images, too");
    }

    @Override
    public List<Attribution> explain(ExplanationContext context) {
        Support support = supports(context.model(), context.instance());
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, support.reason());
        }
        int[] targets = context.targets();
        if (context.budget() < 1) {
            throw WhereforeException.invalid("/explain/budget", "tree-shap needs a budget of 1 evaluation, got " + context.budget());
        }
        if (targets.length == 0) {
            return List.of();
        }
        Trees trees = context.model().adapt(Trees.class).orElseThrow();
        RankedScore[] scores = context.model().score(List.of(context.instance()), targets.clone(), new BitSet(), false)[0];
        double[] values = trees.values(context.instance());
        Players players = Players.of(context.schema(), (TableInstance) context.instance());
        List<Attribution> out = new ArrayList<>(targets.length);
        for (int t = 0; t < targets.length; t++) {
            out.add(context.cancelled().getAsBoolean() ? unknown(targets[t], scores[t].score())
                    : explain(trees, targets[t], scores[t].score(), values, players));
        }
        return List.copyOf(out);
    }

    /** Of a cancelled call: all of it is the gap. */
    private static Attribution unknown(int target, double score) {
        return new Attribution(target, score, score, List.of(), 0);
    }

    private static Attribution explain(Trees trees, int target, double score, double[] values, Players players) {
        int count = players.names.size();
        double[] shapley = TreeShapley.of(trees.trees(target), players.of, count, values);
        double baseSum = trees.base(target) + shapley[count];
        double sum = baseSum;
        for (int p = 0; p < count; p++) {
            sum += shapley[p];
        }
        double base = trees.score(target, baseSum);
        double scale = scale(trees, target, baseSum, sum, base, score);
        List<Contribution> contributions = new ArrayList<>(count);
        double gap = score - base;
        for (int p = 0; p < count; p++) {
            double value = shapley[p] * scale;
            contributions.add(new Contribution(players.names.get(p), players.positions[p], value, 0));
            gap -= value;
        }
        contributions.sort(Comparator.comparingDouble(Contribution::value).reversed().thenComparingInt(Contribution::position));
        return new Attribution(target, score, base, contributions, gap);
    }

    /** Change of the score for one of the sum, between base and whole; 1 where the sum is the score. */
    private static double scale(Trees trees, int target, double baseSum, double sum, double base, double score) {
        if (base == baseSum && trees.score(target, sum) == sum) {
            return 1;
        }
        double step = sum - baseSum;
        // Where all contributions cancel out, the slope there.
        return Math.abs(step) > 1e-9 ? (score - base) / step : (trees.score(target, baseSum + 1e-6) - trees.score(target, baseSum - 1e-6)) / 2e-6;
    }

    /**
     * Whom a score is shared out to.
     *
     * @param of each value's player @param names as in {@link Contribution#feature} @param positions likewise
     */
    private record Players(int[] of, List<String> names, int[] positions) {
        static Players of(FeatureSchema schema, TableInstance row) {
            Map<String, int[]> groups = Parts.groups(schema, row.length());
            int[] of = new int[row.length()];
            int[] positions = new int[groups.size()];
            List<String> names = new ArrayList<>();
            groups.forEach((name, members) -> {
                for (int member : members) {
                    of[member] = names.size();
                }
                positions[names.size()] = members[0];
                names.add("feature:" + name);
            });
            return new Players(of, names, positions);
        }
    }
}
