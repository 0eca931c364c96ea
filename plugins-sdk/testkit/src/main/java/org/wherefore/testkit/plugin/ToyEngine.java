package org.wherefore.testkit.plugin;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
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
import org.wherefore.testkit.model.ToyModel;

/**
 * Engine {@code toy}: counts what followed what and answers with an additive {@link ToyModel}: {@code weight[i][t]} is how many
 * training examples with {@code i} in the history had the answer {@code t}, {@code bias[t]} a draw from the seed between 0 and
 * {@code noise}. Stateless, thread-safe.
 */
public final class ToyEngine implements Engine {
    private static final String ENTRY = "toy-model.bin";
    private static final int MAGIC = 0x544f5931;

    @Override
    public String name() {
        return "toy";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(new Parameter("noise", "number", "0.125", "largest bias drawn, 0 to 1"));
    }

    @Override
    public Support supports(FeatureSchema schema) {
        return schema.targets().isEmpty() ? Support.no("there is no target to learn; engine 'toy' needs at least one") : Support.yes();
    }

    @Override
    public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
        Support support = supports(request.schema());
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, support.reason());
        }
        double noise = noise(request.parameters().getOrDefault("noise", "0.125"));
        int n = request.schema().targets().size();
        double[] bias = new Random(request.seed()).doubles(n, 0, 1).map(d -> d * noise).toArray();
        double[][] weight = new double[n][n];
        for (int e = 0; e < request.training().size(); e++) {
            if (progress.cancelled()) {
                throw new WhereforeException(ErrorCode.CANCELLED, "training was cancelled");
            }
            Example example = request.training().get(e);
            SequenceInstance history = (SequenceInstance) example.instance();
            if (example.target() < 0 || example.target() >= n) {
                throw WhereforeException.invalid("training", "example " + e + " names target " + example.target() + " of " + n);
            }
            for (int item : history.items()) {
                weight[item][example.target()]++;
            }
            progress.update((e + 1.0) / request.training().size(), Map.of("examples", e + 1.0));
        }
        if (progress.cancelled()) {
            throw new WhereforeException(ErrorCode.CANCELLED, "training was cancelled");
        }
        try (DataOutputStream out = new DataOutputStream(artifact.create(ENTRY))) {
            out.writeInt(MAGIC);
            out.writeInt(n);
            for (int t = 0; t < n; t++) {
                out.writeDouble(bias[t]);
                for (double w : weight[t]) {
                    out.writeDouble(w);
                }
            }
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, ENTRY, ENTRY + " can't be written", e);
        }
    }

    @Override
    public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
        if (!artifact.entries().contains(ENTRY)) {
            throw bad("the artifact has no such entry, it has " + artifact.entries(), null);
        }
        try (DataInputStream in = new DataInputStream(artifact.open(ENTRY))) {
            int n = schema.targets().size();
            if (in.readInt() != MAGIC || in.readInt() != n) {
                throw bad("it is not a model of engine 'toy' with " + n + " targets", null);
            }
            double[] bias = new double[n];
            double[][] weight = new double[n][n];
            for (int t = 0; t < n; t++) {
                bias[t] = in.readDouble();
                for (int i = 0; i < n; i++) {
                    weight[t][i] = in.readDouble();
                }
            }
            return ToyModel.additive(info, schema, bias, weight);
        } catch (IOException e) {
            throw bad("it ends too early", e);
        }
    }

    private static double noise(String text) {
        try {
            double noise = Double.parseDouble(text);
            if (noise >= 0 && noise <= 1) {
                return noise;
            }
        } catch (NumberFormatException e) {
            // Told below, with the range.
        }
        throw WhereforeException.invalid("noise", "parameter 'noise' of engine 'toy' is '" + text + "'; expected a number, 0 to 1");
    }

    private static WhereforeException bad(String message, Throwable cause) {
        return new WhereforeException(ErrorCode.BAD_DATA, ENTRY, ENTRY + ": " + message + "; train the model again", cause);
    }
}
