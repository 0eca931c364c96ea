package org.wherefore.engine.trees.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.Parameter;
import org.wherefore.api.Parameters;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Trees.Tree;

/**
 * Engine {@code random-forest}: trees grown each on its own rows, each question chosen among a few features (Breiman, Random Forests, 2001).
 * A leaf holds the share of its cases that are positive, which is what least squares on 0 and 1 gives; the sum is the mean over the trees, a
 * probability. The score is the log odds of that mean with one more tree that says the share of all cases, so that neither never nor always is
 * said. Rows are drawn without replacement. Thread-safe.
 */
@Component(service = Engine.class)
public class RandomForestEngine extends TreesEngine {
    /** Trees between two reports of progress. */
    private static final int CHUNK = 10;

    @Activate
    public RandomForestEngine() {
        super("random-forest",
                new Parameter("trees", "integer", "100", "How many trees, 1 to 10000"),
                new Parameter("depth", "integer", "20", "Most questions from the root of a tree to a leaf, 1 to 60"),
                new Parameter("minLeaf", "number", "3", "Least weight of the cases in a leaf, 0 to 1000000"),
                new Parameter("subsample", "number", "0.632", "Share of the rows that a tree is grown on, 0.01 to 1"),
                new Parameter("columns", "number", "0", "Share of the features that a question is chosen among, 0 to 1; 0 is their square root"));
    }

    @Override
    void check(Parameters given) {
        given.integer("trees", 1, 10_000);
        given.number("columns", 0, 1);
        settings(given);
    }

    private static Map<String, Object> settings(Parameters given) {
        Map<String, Object> own = new HashMap<>();
        own.put("objective", "reg:squarederror");
        own.put("max_depth", given.integer("depth", 1, 60));
        own.put("eta", 1);
        own.put("min_child_weight", given.number("minLeaf", 0, 1e6));
        own.put("lambda", 0);
        own.put("subsample", given.number("subsample", 0.01, 1));
        own.put("base_score", 0);
        return own;
    }

    @Override
    Forest.Target learn(Xgboost rows, double prior, boolean[] labels, Parameters given, Map<String, Object> settings, long seed, Done done) {
        int count = given.integer("trees", 1, 10_000);
        double columns = given.number("columns", 0, 1);
        Map<String, Object> own = settings(given);
        own.putAll(settings);
        own.put("colsample_bynode", columns > 0 ? columns : Math.min(1, Math.sqrt(rows.columns()) / rows.columns()));
        List<Tree> trees = new ArrayList<>();
        while (trees.size() < count) {
            int more = Math.min(CHUNK, count - trees.size());
            own.put("num_parallel_tree", more);
            own.put("seed", Math.floorMod(seed * 1_000_003 + trees.size(), Integer.MAX_VALUE));
            rows.begin(own);
            rows.train(0);
            trees.addAll(rows.trees((double) more / count));
            done.at((double) trees.size() / count, Map.of("trees", (double) trees.size()));
        }
        return new Forest.Target(0, prior, trees);
    }

    @Override
    double score(Forest.Target target, double sum) {
        int n = target.trees().size();
        return logit((Math.max(0, Math.min(1, sum)) * n + target.prior()) / (n + 1));
    }
}
