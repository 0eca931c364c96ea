package org.wherefore.engine.dl4j.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Parameters;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.engine.dl4j.internal.transformer.ClassOptions;
import org.wherefore.engine.dl4j.internal.transformer.ClassTrainer;
import org.wherefore.engine.dl4j.internal.transformer.ClassTransformer;

/** What the engines for tables and for images share: parameters of training, its run, and reading what it wrote. */
final class ClassTraining {
    private ClassTraining() {}

    /** Reads a model. */
    interface Load<M> {
        M from(InputStream in) throws IOException;
    }

    /** Writes a model. */
    interface Save {
        void to(OutputStream out) throws IOException;
    }

    /** The parameters of training, with the defaults that differ. */
    static List<Parameter> parameters(String negatives, String weightDecay, String averaging, String batch, String epochs, String patience) {
        return List.of(new Parameter("positiveWeight", "number", "1", "factor on the loss of targets that are there; above 1 for rare ones"),
                new Parameter("negatives", "number", negatives,
                        "most examples without the target for every one with it, drawn in each epoch; 0 for all, as with more than one target"),
                new Parameter("focal", "number", "0", "focus of the loss on what is not known well, 0 to 5"),
                new Parameter("learningRate", "number", "0.001", "peak of Adam's learning rate"),
                new Parameter("warmup", "integer", "100", "steps until the peak, after which it falls along a cosine"),
                new Parameter("weightDecay", "number", weightDecay, "decoupled weight decay, 0 to 1"),
                new Parameter("averaging", "number", averaging, "share that the mean of the weights keeps at each step; 0 for the last weights"),
                new Parameter("batchSize", "integer", batch, "examples per step"),
                new Parameter("epochs", "integer", epochs, "most epochs"),
                new Parameter("patience", "integer", patience, "epochs without better validation average precision before it stops"),
                Backend.PARAMETER);
    }

    static ClassOptions options(Parameters v, TrainingRequest request) {
        ClassOptions o = new ClassOptions();
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
        return o;
    }

    /** Trains and writes an entry. */
    static <A, I> void fit(ClassTransformer<A, I> model, Save save, String entry, ClassOptions options, ClassTrainer.Cases<I> training,
            ClassTrainer.Cases<I> validation, ArtifactWriter artifact, TrainingProgress progress) {
        ClassTrainer.Result result = new ClassTrainer<>(model, options).train(training, validation,
                p -> progress.update((double) p.step() / p.totalSteps(), figures(p)), progress::cancelled);
        if (result.cancelled()) {
            throw new WhereforeException(ErrorCode.CANCELLED, "training was cancelled after epoch " + result.epochs());
        }
        progress.update(1, Map.of("epochs", (double) result.epochs(), "averagePrecision", result.averagePrecision()));
        try (OutputStream out = artifact.create(entry)) {
            save.to(out);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't write the trained model: " + e.getMessage(), e);
        }
    }

    private static Map<String, Double> figures(ClassTrainer.Progress p) {
        Map<String, Double> out = new LinkedHashMap<>();
        out.put("epoch", (double) p.epoch());
        out.put("loss", p.loss());
        if (p.epochEnd()) {
            out.put("averagePrecision", p.averagePrecision());
        }
        out.put("examples/s", p.perSecond());
        return out;
    }

    /**
     * Reads examples.
     *
     * @param which  for errors
     * @param reader reads an instance; the second argument is what an error starts with
     * @return null for none
     */
    static <I> ClassTrainer.Cases<I> cases(List<Example> examples, String which, FeatureSchema schema, BiFunction<Instance, String, I> reader) {
        if (examples.isEmpty()) {
            return null;
        }
        List<I> inputs = new ArrayList<>(examples.size());
        int[] targets = new int[examples.size()];
        for (int i = 0; i < targets.length; i++) {
            String name = which + " example " + i;
            targets[i] = examples.get(i).target();
            if (targets[i] >= schema.targets().size()) {
                throw WhereforeException.invalid(which, name + " names target " + targets[i] + ", the feature schema has "
                        + schema.targets().size());
            }
            inputs.add(reader.apply(examples.get(i).instance(), name));
        }
        return new ClassTrainer.Cases<>(inputs, targets);
    }

    /** Reads an entry; whatever is wrong with it is {@code BAD_DATA}. */
    static <M extends ClassTransformer<float[], ?>> M load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact, String entry,
            Load<M> load) {
        String of = " of " + info.name() + ":" + info.version();
        try (InputStream in = artifact.open(entry)) {
            M model = load.from(in);
            if (model.targets() != schema.targets().size()) {
                throw new WhereforeException(ErrorCode.BAD_DATA, entry + of + " has " + model.targets() + " targets, its schema has "
                        + schema.targets().size());
            }
            return model;
        } catch (WhereforeException e) {
            throw e.code() != ErrorCode.NOT_FOUND ? e
                    : new WhereforeException(ErrorCode.BAD_DATA, "the artifact" + of + " lacks " + entry + ": " + e.getMessage(), e);
        } catch (IOException | IllegalArgumentException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, entry + of + " is no model that " + info.engine() + " can read: " + e.getMessage(), e);
        }
    }
}
