package org.wherefore.engine.trees.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.spi.Trees.Tree;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import ml.dmlc.xgboost4j.java.Booster;
import ml.dmlc.xgboost4j.java.DMatrix;
import ml.dmlc.xgboost4j.java.XGBoost;
import ml.dmlc.xgboost4j.java.XGBoostError;

/**
 * XGBoost as far as it is used: training round by round, and its trees in our form. It compares floats, and a tree here doubles, so
 * thresholds are moved to where rounding to a float would put a value on the other side.
 */
final class Xgboost implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final DMatrix training;
    private final DMatrix validation;
    private final int columns;
    private Booster booster;

    /**
     * @param validation may be null
     * @param weights of the training rows, or null when all weigh 1
     */
    Xgboost(Table table, Table validation, float[] labels, float[] weights) {
        this.columns = table.columns();
        try {
            this.training = matrix(table);
            training.setLabel(labels);
            if (weights != null) {
                training.setWeight(weights);
            }
            this.validation = validation == null ? null : matrix(validation);
        } catch (XGBoostError e) {
            throw failed(e);
        }
    }

    int columns() {
        return columns;
    }

    /** Forgets what was trained so far. @param settings XGBoost's own parameters */
    void begin(Map<String, Object> settings) {
        release();
        try {
            booster = XGBoost.train(training, new HashMap<>(settings), 0, Map.of(), null, null);
        } catch (XGBoostError e) {
            throw failed(e);
        }
    }

    private static DMatrix matrix(Table table) throws XGBoostError {
        DMatrix matrix = new DMatrix(table.values(), table.rows(), table.columns(), Float.NaN);
        matrix.setFeatureTypes(table.types());
        return matrix;
    }

    private static WhereforeException failed(XGBoostError e) {
        return new WhereforeException(ErrorCode.INTERNAL, "XGBoost failed: " + e.getMessage(), e);
    }

    /** One more round. @param round from 0 */
    void train(int round) {
        try {
            booster.update(training, round);
        } catch (XGBoostError e) {
            throw failed(e);
        }
    }

    /** The sums of the validation rows as they are now. */
    double[] validate() {
        return sums(validation);
    }

    /** The sums of the training rows as they are now. */
    double[] sums() {
        return sums(training);
    }

    private double[] sums(DMatrix rows) {
        try {
            float[][] sums = booster.predict(rows, true);
            double[] out = new double[sums.length];
            for (int i = 0; i < out.length; i++) {
                out[i] = sums[i][0];
            }
            return out;
        } catch (XGBoostError e) {
            throw failed(e);
        }
    }

    /** Shapley values of the sums by XGBoost itself, {@code [row][feature]}, the base value last. */
    float[][] contributions() {
        try {
            return booster.predictContrib(training, 0);
        } catch (XGBoostError e) {
            throw failed(e);
        }
    }

    /** All trees so far. @param factor what the values of their leaves are multiplied by */
    List<Tree> trees(double factor) {
        try {
            List<Tree> trees = new ArrayList<>();
            for (JsonNode tree : JSON.readTree(booster.toByteArray("json")).at("/learner/gradient_booster/model/trees")) {
                trees.add(tree(tree, factor));
            }
            return trees;
        } catch (XGBoostError e) {
            throw failed(e);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.INTERNAL, "XGBoost wrote what is no JSON: " + e.getMessage(), e);
        }
    }

    private static Tree tree(JsonNode json, double factor) {
        JsonNode left = json.required("left_children");
        int n = left.size();
        int[] lefts = new int[n];
        int[] rights = new int[n];
        int[] feature = new int[n];
        double[] threshold = new double[n];
        boolean[] missingLeft = new boolean[n];
        double[] value = new double[n];
        double[] cover = new double[n];
        for (int i = 0; i < n; i++) {
            lefts[i] = left.get(i).intValue();
            rights[i] = json.required("right_children").get(i).intValue();
            feature[i] = json.required("split_indices").get(i).intValue();
            missingLeft[i] = json.required("default_left").get(i).intValue() == 1;
            cover[i] = json.required("sum_hessian").get(i).doubleValue();
            float condition = json.required("split_conditions").get(i).floatValue();
            threshold[i] = lefts[i] < 0 ? 0 : border(condition);
            value[i] = lefts[i] < 0 ? condition * factor : 0;
        }
        return new Tree(feature, threshold, categories(json, n), missingLeft, lefts, rights, value, cover);
    }

    private static BitSet[] categories(JsonNode json, int nodes) {
        BitSet[] out = new BitSet[nodes];
        JsonNode which = json.required("categories_nodes");
        for (int i = 0; i < which.size(); i++) {
            int from = json.required("categories_segments").get(i).intValue();
            int count = json.required("categories_sizes").get(i).intValue();
            BitSet right = new BitSet();
            for (int c = from; c < from + count; c++) {
                right.set(json.required("categories").get(c).intValue());
            }
            out[which.get(i).intValue()] = right;
        }
        return out;
    }

    /** The least double that, rounded to a float, is not less than this one. */
    static double border(float threshold) {
        double middle = ((double) Math.nextDown(threshold) + threshold) / 2;
        return (float) middle < threshold ? Math.nextUp(middle) : middle;
    }

    private void release() {
        if (booster != null) {
            booster.dispose();
            booster = null;
        }
    }

    @Override
    public void close() {
        release();
        training.dispose();
        if (validation != null) {
            validation.dispose();
        }
    }
}
