package org.wherefore.engine.dl4j.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.engine.dl4j.internal.kernel.Kernels;
import org.wherefore.engine.dl4j.internal.kernel.nd4j.Nd4jKernels;
import org.wherefore.engine.dl4j.internal.transformer.TableOptions;
import org.wherefore.engine.dl4j.internal.transformer.TableShape;
import org.wherefore.engine.dl4j.internal.transformer.TableTrainer;
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
        return List.of(new Parameter("dim", "integer", "32", "width of the tokens, a multiple of heads"),
                new Parameter("blocks", "integer", "2", "self-attention blocks, 1 to 12"),
                new Parameter("heads", "integer", "1", "attention heads"),
                new Parameter("hidden", "integer", "0", "width of the gated feed-forward layer; 0 means four thirds of dim"),
                new Parameter("bins", "integer", "16", "pieces between quantiles in which a number's token may bend, 0 to 256"),
                new Parameter("dropout", "number", "0.1", "0 to 0.9, in training only"),
                new Parameter("positiveWeight", "number", "1", "factor on the loss of targets that are there; above 1 for rare ones"),
                new Parameter("negatives", "number", "20",
                        "most rows without the target for every row with it, drawn in each epoch; 0 for all; 1000000 at most, of one target only"),
                new Parameter("focal", "number", "0", "focus of the loss on what is not known well, 0 to 5"),
                new Parameter("learningRate", "number", "0.001", "peak of Adam's learning rate"),
                new Parameter("warmup", "integer", "100", "steps until the peak, after which it falls along a cosine"),
                new Parameter("weightDecay", "number", "0.00001", "decoupled weight decay, 0 to 1"),
                new Parameter("averaging", "number", "0.998", "share that the mean of the weights keeps at each step; 0 for the last weights"),
                new Parameter("batchSize", "integer", "256", "rows per step"),
                new Parameter("epochs", "integer", "12", "most epochs"),
                new Parameter("patience", "integer", "4", "epochs without better validation average precision before it stops"),
                Backend.PARAMETER);
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
        TableOptions o = new TableOptions();
        o.positiveWeight = (float) v.number("positiveWeight", 1e-6, 1e6);
        o.negatives = (float) v.number("negatives", 0, 1e6);
        o.focal = (float) v.number("focal", 0, 5);
        o.learningRate = (float) v.number("learningRate", 1e-7, 1);
        o.warmup = v.integer("warmup", 0, 1_000_000);
        o.cosine = true;
        o.clip = 1f;
        o.weightDecay = (float) v.number("weightDecay", 0, 1);
        o.averaging = (float) v.number("averaging", 0, 0.999999);
        o.batch = v.integer("batchSize", 1, 100_000);
        o.epochs = v.integer("epochs", 1, 100_000);
        o.patience = v.integer("patience", 1, 100_000);
        o.threads = Math.max(1, request.threads());
        o.seed = request.seed();
        TableTrainer.Cases training = cases(request.training(), "training", schema);
        TableTrainer.Cases validation = request.validation().isEmpty() ? null : cases(request.validation(), "validation", schema);
        if (Backend.isNd4j(v)) {
            fit(Nd4jKernels::new, shape, o, schema, training, validation, artifact, progress);
        } else {
            fit(Kernels::best, shape, o, schema, training, validation, artifact, progress);
        }
    }

    private static <A> void fit(Supplier<? extends Kernels<A>> kernels, TableShape shape, TableOptions options, FeatureSchema schema,
            TableTrainer.Cases training, TableTrainer.Cases validation, ArtifactWriter artifact, TrainingProgress progress) {
        TableTransformer<A> model = TableTransformer.random(shape, schema.features().stream().mapToInt(f -> f.categories().size()).toArray(),
                schema.targets().size(), training.rows(), options.seed, kernels);
        TableTrainer.Result result = new TableTrainer<>(model, options).train(training, validation,
                p -> progress.update((double) p.step() / p.totalSteps(), figures(p)), progress::cancelled);
        if (result.cancelled()) {
            throw new WhereforeException(ErrorCode.CANCELLED, "training was cancelled after epoch " + result.epochs());
        }
        progress.update(1, Map.of("epochs", (double) result.epochs(), "averagePrecision", result.averagePrecision()));
        try (OutputStream out = artifact.create(ENTRY)) {
            model.save(out);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't write the trained model: " + e.getMessage(), e);
        }
    }

    private static Map<String, Double> figures(TableTrainer.Progress p) {
        Map<String, Double> out = new LinkedHashMap<>();
        out.put("epoch", (double) p.epoch());
        out.put("loss", p.loss());
        if (p.epochEnd()) {
            out.put("averagePrecision", p.averagePrecision());
        }
        out.put("rows/s", p.rowsPerSecond());
        return out;
    }

    private static TableTrainer.Cases cases(List<Example> examples, String which, FeatureSchema schema) {
        double[][] rows = new double[examples.size()][];
        int[] targets = new int[rows.length];
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < rows.length && wrong.isEmpty(); i++) {
            targets[i] = examples.get(i).target();
            if (targets[i] >= schema.targets().size()) {
                wrong.add("names target " + targets[i] + ", the feature schema has " + schema.targets().size());
            } else if (!(examples.get(i).instance() instanceof TableInstance row)) {
                wrong.add("is no row of a table");
            } else {
                rows[i] = row.values();
                wrong.addAll(problem(rows[i], schema));
            }
            if (!wrong.isEmpty()) {
                throw WhereforeException.invalid(which, which + " example " + i + " " + wrong.get(0));
            }
        }
        return new TableTrainer.Cases(rows, targets);
    }

    /** What is wrong with a row; empty when nothing is. */
    static List<String> problem(double[] row, FeatureSchema schema) {
        if (row.length != schema.features().size()) {
            return List.of("has " + row.length + " values, the feature schema has " + schema.features().size());
        }
        for (int f = 0; f < row.length; f++) {
            int n = schema.features().get(f).categories().size();
            if (n > 0 && !Double.isNaN(row[f]) && !(row[f] >= 0 && row[f] < n && row[f] == Math.rint(row[f]))) {
                return List.of("has category " + row[f] + " of '" + schema.features().get(f).name() + "', which has 0 to " + (n - 1));
            }
        }
        return List.of();
    }

    @Override
    public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
        try (InputStream in = artifact.open(ENTRY)) {
            TableTransformer<float[]> t = TableTransformer.load(in, Kernels::best);
            if (t.targets() != schema.targets().size() || t.features() != schema.features().size()) {
                throw new WhereforeException(ErrorCode.BAD_DATA, ENTRY + " of " + info.name() + ":" + info.version() + " has "
                        + t.features() + " features and " + t.targets() + " targets, its schema has " + schema.features().size() + " and "
                        + schema.targets().size());
            }
            return new TableTransformerModel(info, schema, t);
        } catch (WhereforeException e) {
            throw e.code() != ErrorCode.NOT_FOUND ? e : new WhereforeException(ErrorCode.BAD_DATA, "the artifact of " + info.name() + ":"
                    + info.version() + " lacks " + ENTRY + ": " + e.getMessage(), e);
        } catch (IOException | IllegalArgumentException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, ENTRY + " of " + info.name() + ":" + info.version()
                    + " is not an FT-Transformer that this engine can read: " + e.getMessage(), e);
        }
    }
}
