package org.wherefore.engine.trees.internal;

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
 * Engine {@code boosted-trees}: gradient-boosted trees (Chen, Guestrin, XGBoost: A Scalable Tree Boosting System, KDD 2016), whose sum is
 * the log odds. With validation examples the round with the best average precision is kept. Thread-safe.
 */
@Component(service = Engine.class)
public class BoostedTreesEngine extends TreesEngine {
    @Activate
    public BoostedTreesEngine() {
        super("boosted-trees",
                new Parameter("rounds", "integer", "150", "Most trees, 1 to 10000"),
                new Parameter("depth", "integer", "4", "Most questions from the root of a tree to a leaf, 1 to 16"),
                new Parameter("learningRate", "number", "0.05", "Share of a tree's answer that is added, 0.0001 to 1"),
                new Parameter("minChildWeight", "number", "3", "Least curvature of the loss in a leaf, 0 to 1000000"),
                new Parameter("lambda", "number", "1", "Penalty of the squares of leaf values, 0 to 1000000"),
                new Parameter("subsample", "number", "1", "Share of the rows that a tree is grown on, 0.01 to 1"),
                new Parameter("columns", "number", "1", "Share of the features that a tree may ask for, 0.01 to 1"),
                new Parameter("patience", "integer", "30", "Rounds without a better average precision until training ends, 1 to 10000"));
    }

    @Override
    void check(Parameters given) {
        given.integer("rounds", 1, 10_000);
        given.integer("patience", 1, 10_000);
        settings(given);
    }

    private static Map<String, Object> settings(Parameters given) {
        Map<String, Object> own = new HashMap<>();
        own.put("objective", "binary:logistic");
        own.put("max_depth", given.integer("depth", 1, 16));
        own.put("eta", given.number("learningRate", 1e-4, 1));
        own.put("min_child_weight", given.number("minChildWeight", 0, 1e6));
        own.put("lambda", given.number("lambda", 0, 1e6));
        own.put("subsample", given.number("subsample", 0.01, 1));
        own.put("colsample_bytree", given.number("columns", 0.01, 1));
        return own;
    }

    @Override
    Forest.Target learn(Xgboost rows, double prior, boolean[] labels, Parameters given, Map<String, Object> settings, long seed, Done done) {
        Map<String, Object> own = settings(given);
        own.putAll(settings);
        own.put("base_score", (float) prior);
        own.put("seed", Math.floorMod(seed, Integer.MAX_VALUE));
        rows.begin(own);
        int rounds = given.integer("rounds", 1, 10_000);
        int patience = given.integer("patience", 1, 10_000);
        int best = -1;
        double most = Double.NEGATIVE_INFINITY;
        int round = 0;
        for (; round < rounds && (labels.length == 0 || round - best <= patience); round++) {
            rows.train(round);
            if (labels.length == 0) {
                best = round;
                done.at((round + 1.0) / rounds, Map.of("round", round + 1.0));
                continue;
            }
            double precision = AveragePrecision.of(rows.validate(), labels);
            if (precision > most) {
                most = precision;
                best = round;
            }
            done.at((round + 1.0) / rounds, Map.of("round", round + 1.0, "averagePrecision", precision));
        }
        List<Tree> trees = rows.trees(1);
        return new Forest.Target(logit((float) prior), prior, trees.subList(0, best + 1));
    }

    @Override
    double score(Forest.Target target, double sum) {
        return sum;
    }
}
