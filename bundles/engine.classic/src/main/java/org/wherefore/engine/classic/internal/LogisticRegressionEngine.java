package org.wherefore.engine.classic.internal;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Parameters;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;

/**
 * Engine {@code logistic-regression} for rows of a table: a target's score is its log odds, a weighted sum of {@link Columns}, each target
 * learned apart by {@link Newton}. The minimum is exact, so neither seed nor threads nor validation examples are used. Stateless, so
 * thread-safe. Parameters that it doesn't declare are ignored.
 */
@Component(service = Engine.class)
public class LogisticRegressionEngine implements Engine {
    static final String ENTRY = "logistic.bin";
    private static final int MAGIC = 0x5746_4c52;
    private static final int FORMAT = 1;
    private static final int MOST_COLUMNS = 2_000;
    private static final List<Parameter> PARAMETERS = List.of(
            new Parameter("l2", "number", "1", "Penalty of half the sum of squared weights, 0.000001 to 1000000"),
            new Parameter("positiveWeight", "number", "1",
                    "What a positive case counts against a negative one, 0 to 1000000; 0 lets both kinds count the same in sum"));

    @Activate
    public LogisticRegressionEngine() {
        // nothing to be given
    }

    @Override
    public String name() {
        return "logistic-regression";
    }

    @Override
    public List<Parameter> parameters() {
        return PARAMETERS;
    }

    @Override
    public Support supports(FeatureSchema schema) {
        if (schema.targets().isEmpty() || schema.features().isEmpty()) {
            return Support.no(name() + " learns at least one target of at least one feature; there are " + schema.targets().size() + " and "
                    + schema.features().size());
        }
        int columns = 0;
        for (FeatureSpec f : schema.features()) {
            if (!f.kind().equals(FeatureSpec.NUMBER) && !f.kind().equals(FeatureSpec.CATEGORY)) {
                return Support.no(name() + " reads rows of numbers and categories; feature '" + f.name() + "' is of kind '" + f.kind() + "'");
            }
            columns += Math.max(1, f.categories().size()) + 1;
        }
        return columns > MOST_COLUMNS ? Support.no(name() + " solves for at most " + MOST_COLUMNS + " columns; these features and their categories are "
                + columns + ". Let rare categories be one") : Support.yes();
    }

    @Override
    public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
        FeatureSchema schema = request.schema();
        Support support = supports(schema);
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, support.reason());
        }
        Map<String, String> declared = new HashMap<>(request.parameters());
        declared.keySet().retainAll(PARAMETERS.stream().map(Parameter::name).toList());
        Parameters given = Parameters.bind("", PARAMETERS, declared);
        double penalty = given.number("l2", 1e-6, 1e6);
        double positiveWeight = given.number("positiveWeight", 0, 1e6);
        List<Example> training = request.training();
        if (training.isEmpty()) {
            throw WhereforeException.invalid("training", name() + " needs training examples, got none");
        }
        int targets = schema.targets().size();
        double[][] values = new double[training.size()][];
        for (int i = 0; i < values.length; i++) {
            if (training.get(i).target() >= targets) {
                throw WhereforeException.invalid("training", "example " + i + " names target " + training.get(i).target() + ", the feature schema has " + targets);
            }
            values[i] = Columns.values(schema, training.get(i).instance());
        }
        ClassicEngine.step(progress, 0);
        Columns columns = Columns.fit(schema, training);
        double[][] rows = new double[values.length][columns.count()];
        for (int i = 0; i < rows.length; i++) {
            columns.of(values[i], rows[i]);
        }
        double[][] weights = new double[targets][];
        for (int t = 0; t < targets; t++) {
            int target = t;
            boolean[] labels = new boolean[rows.length];
            int positives = 0;
            for (int i = 0; i < labels.length; i++) {
                labels[i] = training.get(i).target() == t;
                positives += labels[i] ? 1 : 0;
            }
            double weight = positiveWeight > 0 ? positiveWeight : Math.max(1, labels.length - positives) / (double) Math.max(1, positives);
            weights[t] = new Newton(rows, labels, weight, penalty).solve(round -> ClassicEngine.step(progress,
                    Math.min(0.999, (target + round / (round + 4.0)) / targets)));
        }
        ClassicEngine.step(progress, 1);
        try (OutputStream out = artifact.create(ENTRY)) {
            write(out, columns, weights);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't write " + ENTRY + " of the model: " + e.getMessage(), e);
        }
    }

    private static void write(OutputStream to, Columns columns, double[][] weights) throws IOException {
        CheckedOutputStream checked = new CheckedOutputStream(new BufferedOutputStream(to, 1 << 16), new CRC32());
        DataOutputStream out = new DataOutputStream(checked);
        out.writeInt(MAGIC);
        out.writeInt(FORMAT);
        out.writeInt(weights.length);
        out.writeInt(columns.categories().length);
        for (int f = 0; f < columns.categories().length; f++) {
            out.writeInt(columns.categories()[f]);
            out.writeDouble(columns.means()[f]);
            out.writeDouble(columns.spreads()[f]);
            out.writeBoolean(columns.gaps()[f]);
        }
        for (double[] target : weights) {
            for (double w : target) {
                out.writeDouble(w);
            }
        }
        out.flush();
        out.writeLong(checked.getChecksum().getValue());
        out.flush();
    }

    @Override
    public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
        check(artifact.entries().contains(ENTRY), "the model has no such entry");
        try (InputStream entry = artifact.open(ENTRY)) {
            CheckedInputStream checked = new CheckedInputStream(new BufferedInputStream(entry, 1 << 16), new CRC32());
            DataInputStream in = new DataInputStream(checked);
            check(in.readInt() == MAGIC, "it is not a logistic regression");
            int format = in.readInt();
            check(format == FORMAT, "its format is " + format + ", this engine reads " + FORMAT);
            int targets = in.readInt();
            check(targets == schema.targets().size(), "it has " + targets + " targets, the feature schema has " + schema.targets().size());
            int features = in.readInt();
            check(features == schema.features().size(), "it reads " + features + " features, the feature schema has " + schema.features().size());
            Columns columns = new Columns(new int[features], new double[features], new double[features], new boolean[features]);
            for (int f = 0; f < features; f++) {
                columns.categories()[f] = in.readInt();
                check(columns.categories()[f] == schema.features().get(f).categories().size(), "feature " + f + " has " + columns.categories()[f]
                        + " categories, in the feature schema " + schema.features().get(f).categories().size());
                columns.means()[f] = finite(in.readDouble());
                columns.spreads()[f] = finite(in.readDouble());
                check(columns.spreads()[f] > 0, "feature " + f + " has the spread " + columns.spreads()[f]);
                columns.gaps()[f] = in.readBoolean();
            }
            double[][] weights = new double[targets][columns.count() + 1];
            for (double[] target : weights) {
                for (int i = 0; i < target.length; i++) {
                    target[i] = finite(in.readDouble());
                }
            }
            long sum = checked.getChecksum().getValue();
            check(in.readLong() == sum, "its checksum does not match");
            check(in.read() < 0, "bytes follow its end");
            return new LogisticModel(info, schema, columns, weights);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, ENTRY, ENTRY + " of the model can't be read to its end; train the model again", e);
        }
    }

    private static double finite(double value) {
        check(Double.isFinite(value), "it holds " + value);
        return value;
    }

    private static void check(boolean sound, String otherwise) {
        if (!sound) {
            throw new WhereforeException(ErrorCode.BAD_DATA, ENTRY, ENTRY + " is not usable: " + otherwise + "; train the model again", null);
        }
    }
}
