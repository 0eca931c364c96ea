package org.wherefore.engine.dl4j.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
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
import org.wherefore.api.feature.SequenceInstance;
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
import org.wherefore.engine.dl4j.internal.transformer.Loss;
import org.wherefore.engine.dl4j.internal.transformer.Trainer;
import org.wherefore.engine.dl4j.internal.transformer.TrainingOptions;
import org.wherefore.engine.dl4j.internal.transformer.Transformer;
import org.wherefore.engine.dl4j.internal.transformer.TransformerConfig;
import org.wherefore.engine.dl4j.internal.transformer.Validation;

/**
 * A causal self-attention recommender (Kang and McAuley, "Self-Attentive Sequential Recommendation", ICDM 2018) with item
 * side information fused into the item embeddings and losses of the cross-entropy family. Stateless.
 */
@Component(service = Engine.class)
public class TransformerEngine implements Engine {
    static final String NAME = "dl4j-transformer";
    static final String ENTRY = "transformer.bin";

    @Activate
    public TransformerEngine() {
        // stateless
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(new Parameter("maxLength", "integer", "50", "newest events the model looks at, 1 to 1000"),
                new Parameter("dim", "integer", "64", "width of the embeddings, a multiple of heads"),
                new Parameter("blocks", "integer", "2", "self-attention blocks, 1 to 12"),
                new Parameter("heads", "integer", "1", "attention heads"),
                new Parameter("hidden", "integer", "0", "width of the feed-forward layer; 0 means twice dim"),
                new Parameter("dropout", "number", "0.2", "0 to 0.9, in training only"),
                new Parameter("loss", "text", "full-softmax", "full-softmax, sampled-softmax or gbce"),
                new Parameter("negatives", "integer", "256", "sampled items per step of sampled-softmax and gbce"),
                new Parameter("learningRate", "number", "0.001", "peak of Adam's learning rate"),
                new Parameter("warmup", "integer", "100", "steps until the peak"),
                new Parameter("batchSize", "integer", "128", "histories per step"),
                new Parameter("epochs", "integer", "100", "most epochs"),
                new Parameter("patience", "integer", "5", "epochs without better validation NDCG@10 before it stops"),
                new Parameter("validateEvery", "integer", "1", "epochs between validations"),
                new Parameter("labelSmoothing", "number", "0", "0 to 0.5"),
                Backend.PARAMETER,
                new Parameter("sideInformation", "flag", "true", "fuse item attributes into the item embeddings"));
    }

    @Override
    public Support supports(FeatureSchema schema) {
        if (!schema.features().isEmpty() && schema.features().stream().noneMatch(f -> f.kind().equals("sequence"))) {
            return Support.no("it reads behaviour histories, and the data have no feature of kind 'sequence'; for rows of a table there is "
                    + TableTransformerEngine.NAME);
        }
        return schema.targets().size() < 2 ? Support.no("it needs at least two items, the data have " + schema.targets().size())
                : Support.yes();
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
        boolean side = v.flag("sideInformation") && !schema.attributes().isEmpty();
        int hidden = v.integer("hidden", 0, 16384);
        TransformerConfig config = new TransformerConfig(schema.targets().size(), v.integer("maxLength", 1, 1000), dim,
                v.integer("blocks", 1, 12), heads, hidden == 0 ? 2 * dim : hidden, (float) v.number("dropout", 0, 0.9),
                Math.max(1, schema.kinds().size()), side ? schema.attributes().size() : 0,
                side ? schema.targetAttributes().toArray(int[][]::new) : null);
        TrainingOptions o = new TrainingOptions();
        o.loss = switch (v.text("loss")) {
            case "full-softmax" -> Loss.SOFTMAX;
            case "sampled-softmax" -> Loss.SAMPLED_SOFTMAX;
            case "gbce" -> Loss.GBCE;
            default -> throw WhereforeException.invalid("loss",
                    "loss is full-softmax, sampled-softmax or gbce, got '" + v.text("loss") + "'");
        };
        o.epochs = v.integer("epochs", 1, 100_000);
        o.batch = v.integer("batchSize", 1, 100_000);
        o.learningRate = (float) v.number("learningRate", 1e-7, 1);
        o.warmup = v.integer("warmup", 0, 1_000_000);
        o.negatives = v.integer("negatives", 1, 1_000_000);
        o.patience = v.integer("patience", 1, 100_000);
        o.validateEvery = v.integer("validateEvery", 1, 100_000);
        o.labelSmoothing = (float) v.number("labelSmoothing", 0, 0.5);
        o.threads = Math.max(1, request.threads());
        o.seed = request.seed();
        o.checkpoint = request.checkpoint();

        boolean kinds = config.kinds() > 1;
        int n = request.training().size();
        int[][] sequences = new int[n][];
        int[][] sequenceKinds = kinds ? new int[n][] : null;
        for (int i = 0; i < n; i++) {
            Example e = request.training().get(i);
            SequenceInstance s = (SequenceInstance) e.instance();
            sequences[i] = known(append(s.items(), e.target()), i, "training", schema);
            if (kinds) {
                sequenceKinds[i] = append(s.kinds(), 0);
            }
        }
        Validation validation = validation(request.validation(), kinds, schema);
        if (Backend.isNd4j(v)) {
            fit(Nd4jKernels::new, config, o, sequences, sequenceKinds, validation, artifact, progress);
        } else {
            fit(Kernels::best, config, o, sequences, sequenceKinds, validation, artifact, progress);
        }
    }

    private static <A> void fit(Supplier<? extends Kernels<A>> kernels, TransformerConfig config, TrainingOptions options,
            int[][] sequences, int[][] kinds, Validation validation, ArtifactWriter artifact, TrainingProgress progress) {
        Transformer<A> model = Transformer.random(config, options.seed, kernels);
        try {
            Trainer.Result result = new Trainer<>(model, options).train(sequences, kinds, validation,
                    p -> progress.update((double) p.step() / p.totalSteps(), figures(p)), progress::cancelled);
            if (result.cancelled()) {
                throw new WhereforeException(ErrorCode.CANCELLED, "training was cancelled after epoch " + result.epochs());
            }
            progress.update(1, Map.of("epochs", (double) result.epochs(), "ndcg@10", result.ndcg(), "hr@10", result.hr()));
            try (OutputStream out = artifact.create(ENTRY)) {
                model.save(out);
            }
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't write the trained model: " + e.getMessage(), e);
        }
    }

    private static Map<String, Double> figures(org.wherefore.engine.dl4j.internal.transformer.Progress p) {
        Map<String, Double> out = new LinkedHashMap<>();
        out.put("epoch", (double) p.epoch());
        out.put("loss", p.loss());
        if (p.epochEnd()) {
            out.put("ndcg@10", p.ndcg());
        }
        out.put("sequences/s", p.sequencesPerSecond());
        return out;
    }

    private static Validation validation(List<Example> examples, boolean kinds, FeatureSchema schema) {
        if (examples.isEmpty()) {
            return null;
        }
        int[][] histories = new int[examples.size()][];
        int[][] k = kinds ? new int[examples.size()][] : null;
        int[] targets = new int[examples.size()];
        for (int i = 0; i < targets.length; i++) {
            SequenceInstance s = (SequenceInstance) examples.get(i).instance();
            histories[i] = s.items();
            targets[i] = examples.get(i).target();
            known(append(s.items(), targets[i]), i, "validation", schema);
            if (kinds) {
                k[i] = s.kinds();
            }
        }
        return new Validation(histories, k, targets);
    }

    private static int[] known(int[] items, int example, String which, FeatureSchema schema) {
        for (int item : items) {
            if (item < 0 || item >= schema.targets().size()) {
                throw WhereforeException.invalid(which, which + " example " + example + " names target " + item
                        + ", the feature schema has " + schema.targets().size());
            }
        }
        return items;
    }

    private static int[] append(int[] a, int value) {
        int[] out = Arrays.copyOf(a, a.length + 1);
        out[a.length] = value;
        return out;
    }

    @Override
    public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
        try (InputStream in = artifact.open(ENTRY)) {
            Transformer<float[]> t = Transformer.load(in);
            if (t.config().items() != schema.targets().size()) {
                throw new WhereforeException(ErrorCode.BAD_DATA, ENTRY + " of " + info.name() + ":" + info.version() + " has "
                        + t.config().items() + " items, its features have " + schema.targets().size());
            }
            return new TransformerModel(info, schema.targets(), t);
        } catch (WhereforeException e) {
            throw e.code() != ErrorCode.NOT_FOUND ? e : new WhereforeException(ErrorCode.BAD_DATA, "the artifact of " + info.name() + ":"
                    + info.version() + " lacks " + ENTRY + ": " + e.getMessage(), e);
        } catch (IOException | IllegalArgumentException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, ENTRY + " of " + info.name() + ":" + info.version()
                    + " is not a Transformer that this engine can read: " + e.getMessage(), e);
        }
    }
}
