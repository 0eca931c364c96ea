package org.wherefore.engine.trees.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Parameters;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;

/**
 * What the engines of trees share: rows for XGBoost, one model a target, weights of positive cases, and the artifact. Stateless, so
 * thread-safe. Parameters that an engine doesn't declare are ignored: a pack's training defaults name those of its main engine.
 */
abstract class TreesEngine implements Engine {
    private static final Parameter BINS = new Parameter("bins", "integer", "4096",
            "Steps of as many rows each that a number is cut into, 2 to 65536; few are faster and blur what is rare");
    private static final Parameter POSITIVE_WEIGHT = new Parameter("positiveWeight", "number", "1",
            "What a positive case counts against a negative one, 0 to 1000000; 0 lets both kinds count the same in sum");
    private final String name;
    private final List<Parameter> parameters;

    TreesEngine(String name, Parameter... own) {
        this.name = name;
        this.parameters = Stream.concat(Stream.of(own), Stream.of(BINS, POSITIVE_WEIGHT)).toList();
    }

    /**
     * Trees of one target.
     *
     * @param rows matrices, without a booster yet @param prior smoothed share of positive cases, by their weights
     * @param labels of the validation rows, empty when there are none @param done told the share that is done; throws when cancelled
     */
    abstract Forest.Target learn(Xgboost rows, double prior, boolean[] labels, Parameters given, Map<String, Object> settings, long seed,
            Done done);

    /** The score of a sum. */
    abstract double score(Forest.Target target, double sum);

    /** How far one target is. */
    interface Done {
        void at(double share, Map<String, Double> figures);
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final List<Parameter> parameters() {
        return parameters;
    }

    @Override
    public final Support supports(FeatureSchema schema) {
        if (schema.targets().isEmpty() || schema.features().isEmpty()) {
            return Support.no(name + " learns at least one target of at least one feature; there are " + schema.targets().size() + " and "
                    + schema.features().size());
        }
        for (FeatureSpec f : schema.features()) {
            if (!f.kind().equals(FeatureSpec.NUMBER) && !f.kind().equals(FeatureSpec.CATEGORY)) {
                return Support.no(name + " reads rows of numbers and categories; feature '" + f.name() + "' is of kind '" + f.kind() + "'");
            }
        }
        return Support.yes();
    }

    @Override
    public final void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
        FeatureSchema schema = request.schema();
        Support support = supports(schema);
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, support.reason());
        }
        Map<String, String> declared = new HashMap<>(request.parameters());
        declared.keySet().retainAll(parameters.stream().map(Parameter::name).toList());
        Parameters given = Parameters.bind("", parameters, declared);
        double positiveWeight = given.number("positiveWeight", 0, 1e6);
        Map<String, Object> settings = settings(request, given);
        check(given);
        Table training = Table.of(schema, request.training());
        Table validation = request.validation().isEmpty() ? null : Table.of(schema, request.validation());
        if (training.rows() == 0) {
            throw WhereforeException.invalid("training", name + " needs training examples, got none");
        }
        if (!Natives.failure().isEmpty()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, Natives.failure());
        }
        int targets = schema.targets().size();
        step(progress, 0, Map.of());
        List<Forest.Target> learned = new ArrayList<>();
        for (int t = 0; t < targets; t++) {
            int target = t;
            learned.add(learn(training, validation, t, positiveWeight, given, settings, request.seed() + t,
                    (share, figures) -> step(progress, Math.min(0.999, (target + share) / targets), figures)));
        }
        step(progress, 1, Map.of());
        try (OutputStream out = artifact.create(Forest.ENTRY)) {
            new Forest(name, schema.features().size(), learned).write(out);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't write " + Forest.ENTRY + " of the model: " + e.getMessage(), e);
        }
    }

    /** Refuses parameters of its own that are out of range, before anything is read. */
    abstract void check(Parameters given);

    private Map<String, Object> settings(TrainingRequest request, Parameters given) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("tree_method", "hist");
        settings.put("max_bin", given.integer("bins", 2, 65_536));
        settings.put("nthread", Math.max(1, request.threads()));
        settings.put("verbosity", 0);
        return settings;
    }

    private Forest.Target learn(Table training, Table validation, int target, double positiveWeight, Parameters given, Map<String, Object> settings,
            long seed, Done done) {
        int rows = training.rows();
        float[] labels = new float[rows];
        int positives = 0;
        for (int i = 0; i < rows; i++) {
            labels[i] = training.targets()[i] == target ? 1 : 0;
            positives += (int) labels[i];
        }
        double weight = positiveWeight > 0 ? positiveWeight : Math.max(1, rows - positives) / (double) Math.max(1, positives);
        float[] weights = weight == 1 ? null : new float[rows];
        for (int i = 0; weights != null && i < rows; i++) {
            weights[i] = labels[i] > 0 ? (float) weight : 1;
        }
        double prior = (positives * weight + 0.5) / (positives * weight + rows - positives + 1);
        boolean[] judged = new boolean[validation == null ? 0 : validation.rows()];
        int found = 0;
        for (int i = 0; i < judged.length; i++) {
            judged[i] = validation.targets()[i] == target;
            found += judged[i] ? 1 : 0;
        }
        boolean judge = found > 0 && found < judged.length;
        try (Xgboost xgboost = new Xgboost(training, judge ? validation : null, labels, weights)) {
            return learn(xgboost, prior, judge ? judged : new boolean[0], given, settings, seed, done);
        }
    }

    private static void step(TrainingProgress progress, double done, Map<String, Double> figures) {
        if (progress.cancelled()) {
            throw new WhereforeException(ErrorCode.CANCELLED, "training was cancelled");
        }
        progress.update(done, figures);
    }

    @Override
    public final Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
        if (!artifact.entries().contains(Forest.ENTRY)) {
            throw new WhereforeException(ErrorCode.BAD_DATA, Forest.ENTRY, "the model has no entry " + Forest.ENTRY + "; engine '" + name
                    + "' did not write it", null);
        }
        try (InputStream in = artifact.open(Forest.ENTRY)) {
            return new TreesModel(info, schema, Forest.read(in, name, schema.features().size(), schema.targets().size()), this::score);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, Forest.ENTRY, "can't read " + Forest.ENTRY, e);
        }
    }

    static double logit(double probability) {
        return Math.log(probability / (1 - probability));
    }
}
