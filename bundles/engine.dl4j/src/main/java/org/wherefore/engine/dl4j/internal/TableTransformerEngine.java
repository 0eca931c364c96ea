package org.wherefore.engine.dl4j.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Parameters;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.kernel.nd4j.Nd4jKernels;
import org.wherefore.engine.dl4j.internal.transformer.ClassOptions;
import org.wherefore.engine.dl4j.internal.transformer.TableShape;
import org.wherefore.engine.dl4j.internal.transformer.ClassTrainer;
import org.wherefore.engine.dl4j.internal.transformer.TableTransformer;

/**
 * An FT-Transformer for rows of a table (Gorishniy et al., "Revisiting Deep Learning Models for Tabular Data", NeurIPS
 * 2021): a token for every feature, and the log odds of every target by itself. It learns the scale of numbers from the
 * training examples. Stateless.
 */
@Component(service = Engine.class)
public class TableTransformerEngine implements Engine {
    static final String NAME = "dl4j-ft-transformer";
    static final String ENTRY = "ft-transformer.bin";

    @Activate
    public TableTransformerEngine() {
        // stateless
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Parameter> parameters() {
        List<Parameter> all = new ArrayList<>(List.of(new Parameter("dim", "integer", "32", "width of the tokens, a multiple of heads"),
                new Parameter("blocks", "integer", "2", "self-attention blocks, 1 to 12"),
                new Parameter("heads", "integer", "1", "attention heads"),
                new Parameter("hidden", "integer", "0", "width of the gated feed-forward layer; 0 means four thirds of dim"),
                new Parameter("bins", "integer", "8", "pieces between quantiles in which a number's token may bend, 0 to 256"),
                new Parameter("dropout", "number", "0.3", "0 to 0.9, in training only")));
        all.addAll(ClassTraining.parameters("60", "0.01", "0.998", "256", "12", "4"));
        return List.copyOf(all);
    }

    @Override
    public Support supports(FeatureSchema schema) {
        if (schema.targets().isEmpty()) {
            return Support.no("it needs a target, the data have none");
        }
        for (FeatureSpec f : schema.features()) {
            if (!f.kind().equals(FeatureSpec.NUMBER) && !f.kind().equals(FeatureSpec.CATEGORY)) {
                return Support.no("it reads numbers and categories of a table, and feature '" + f.name() + "' is of kind '" + f.kind() + "'");
            }
        }
        return schema.features().isEmpty() ? Support.no("it needs a feature, the data have none") : Support.yes();
    }

    @Override
    public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
        Parameters v = Parameters.bind("", parameters(), request.parameters());
        FeatureSchema schema = request.schema();
        Support support = supports(schema);
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, support.reason());
        }
        int dim = v.integer("dim", 1, 4096);
        int heads = v.integer("heads", 1, 64);
        if (dim % heads != 0) {
            throw WhereforeException.invalid("dim", "dim " + dim + " is not a multiple of heads " + heads);
        }
        int hidden = v.integer("hidden", 0, 16384);
        TableShape shape = new TableShape(dim, v.integer("blocks", 1, 12), heads, hidden == 0 ? (4 * dim + 2) / 3 : hidden,
                (float) v.number("dropout", 0, 0.9), v.integer("bins", 0, 256));
        ClassOptions o = ClassTraining.options(v, request);
        ClassTrainer.Cases<double[]> training = ClassTraining.cases(request.training(), "training", schema, (i, name) -> row(i, schema, name));
        ClassTrainer.Cases<double[]> validation = ClassTraining.cases(request.validation(), "validation", schema,
                (i, name) -> row(i, schema, name));
        if (Backend.isNd4j(v)) {
            fit(Nd4jKernels::new, shape, o, schema, training, validation, artifact, progress);
        } else {
            fit(Kernels::best, shape, o, schema, training, validation, artifact, progress);
        }
    }

    private static <A> void fit(Supplier<? extends Kernels<A>> kernels, TableShape shape, ClassOptions options, FeatureSchema schema,
            ClassTrainer.Cases<double[]> training, ClassTrainer.Cases<double[]> validation, ArtifactWriter artifact, TrainingProgress progress) {
        TableTransformer<A> model = TableTransformer.random(shape, schema.features().stream().mapToInt(f -> f.categories().size()).toArray(),
                schema.targets().size(), training.inputs().toArray(double[][]::new), options.seed, kernels);
        ClassTraining.fit(model, model::save, ENTRY, options, training, validation, artifact, progress);
    }

    /** Reads a row, or says what is wrong with it. */
    private static double[] row(Instance instance, FeatureSchema schema, String name) {
        if (!(instance instanceof TableInstance table)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, name + " is no row of a table, and " + NAME + " reads nothing else");
        }
        double[] row = table.values();
        if (row.length != schema.features().size()) {
            throw WhereforeException.invalid("instance", name + " has " + row.length + " values, the feature schema has " + schema.features().size());
        }
        for (int f = 0; f < row.length; f++) {
            int n = schema.features().get(f).categories().size();
            if (n > 0 && !Double.isNaN(row[f]) && !(row[f] >= 0 && row[f] < n && row[f] == Math.rint(row[f]))) {
                throw WhereforeException.invalid("instance", name + " has category " + row[f] + " of '" + schema.features().get(f).name()
                        + "', which has 0 to " + (n - 1));
            }
        }
        return row;
    }

    @Override
    public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
        TableTransformer<float[]> t = ClassTraining.load(info, schema, artifact, ENTRY, in -> TableTransformer.load(in, Kernels::best));
        if (t.features() != schema.features().size()) {
            throw new WhereforeException(ErrorCode.BAD_DATA, ENTRY + " of " + info.name() + ":" + info.version() + " has " + t.features()
                    + " features, its schema has " + schema.features().size());
        }
        return new ClassModel<>(info, schema, t, i -> row(i, schema, "the instance"));
    }
}
