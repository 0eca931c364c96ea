package org.wherefore.engine.classic.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;

/**
 * What the classical engines share: reading examples, parameters, and the artifact. Counting needs no seed and runs on one
 * thread, so the same examples always give the same bytes. Stateless, so thread-safe. Parameters that an engine doesn't
 * declare are ignored: a pack's training defaults name those of its main engine.
 */
abstract class ClassicEngine implements Engine {
    private final String name;
    private final List<Parameter> parameters;

    ClassicEngine(String name, Parameter... parameters) {
        this.name = name;
        this.parameters = List.of(parameters);
    }

    /** Learns from whole sequences, oldest event first, each with its target as the last event. */
    abstract ClassicData learn(int targets, int[] events, List<int[]> sequences, Map<String, String> parameters,
            TrainingProgress progress);

    abstract Scorer scorer(ClassicData data);

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
        return schema.targets().isEmpty() ? Support.no("the data have no target to learn; " + name + " needs at least one item")
                : Support.yes();
    }

    @Override
    public final void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
        int targets = request.schema().targets().size();
        Support support = supports(request.schema());
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, support.reason());
        }
        int[] events = new int[targets];
        List<int[]> sequences = new ArrayList<>(request.training().size());
        for (Example example : request.training()) {
            int[] past = sequence(example.instance()).items();
            int[] all = java.util.Arrays.copyOf(past, past.length + 1);
            all[past.length] = example.target();
            for (int item : all) {
                if (item < 0 || item >= targets) {
                    throw WhereforeException.invalid("training", "example " + sequences.size() + " names target " + item
                            + ", the feature schema has " + targets);
                }
                events[item]++;
            }
            sequences.add(all);
        }
        ClassicData data = learn(targets, events, sequences, request.parameters(), progress);
        step(progress, 1);
        try (OutputStream out = artifact.create(ClassicData.ENTRY)) {
            data.write(out);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't write " + ClassicData.ENTRY + " of the model: "
                    + e.getMessage(), e);
        }
    }

    @Override
    public final Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
        if (!artifact.entries().contains(ClassicData.ENTRY)) {
            throw new WhereforeException(ErrorCode.BAD_DATA, ClassicData.ENTRY, "the model has no entry " + ClassicData.ENTRY
                    + "; engine '" + name + "' did not write it", null);
        }
        try (InputStream in = artifact.open(ClassicData.ENTRY)) {
            return new ClassicModel(info, schema.targets(), scorer(ClassicData.read(in, name, schema.targets().size())));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, ClassicData.ENTRY, "can't read " + ClassicData.ENTRY, e);
        }
    }

    static SequenceInstance sequence(Instance instance) {
        if (instance instanceof SequenceInstance s) {
            return s;
        }
        throw new WhereforeException(ErrorCode.UNSUPPORTED, "the classical engines read behaviour histories only");
    }

    static void step(TrainingProgress progress, double done) {
        if (progress.cancelled()) {
            throw new WhereforeException(ErrorCode.CANCELLED, "training was cancelled");
        }
        progress.update(done, Map.of());
    }

    final double number(Map<String, String> given, String parameter, double min, double max) {
        Parameter declared = parameters.stream().filter(p -> p.name().equals(parameter)).findFirst().orElseThrow();
        String text = given.getOrDefault(parameter, declared.defaultValue());
        double value;
        try {
            value = Double.parseDouble(text.strip());
        } catch (NumberFormatException e) {
            value = Double.NaN;
        }
        boolean whole = !declared.kind().equals("integer") || value == Math.rint(value);
        if (!(value >= min && value <= max && whole)) {
            throw WhereforeException.invalid(parameter, "parameter '" + parameter + "' of engine '" + name + "' is '" + text
                    + "'; expected " + declared.kind() + ", " + declared.help());
        }
        return value;
    }

    /** Rows without pairs. */
    static ClassicData plain(String family, int[] events) {
        return new ClassicData(family, events, 0, new int[events.length + 1], new int[0], new float[0]);
    }
}
