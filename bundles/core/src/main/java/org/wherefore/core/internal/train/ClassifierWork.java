package org.wherefore.core.internal.train;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.feature.spi.Aggregates;
import org.wherefore.api.feature.spi.FeatureExtractor;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.Support;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.train.TrainingOrder;
import org.wherefore.core.internal.cases.CaseFile;
import org.wherefore.core.internal.classify.Judgement;
import org.wherefore.core.internal.classify.Prepared;
import org.wherefore.core.internal.classify.Scored;
import org.wherefore.core.internal.classify.Slices;

/**
 * What a training process does where records are judged: aggregates in the order of time, an extractor fitted on the records that teach, the
 * model, its probabilities and thresholds chosen on later records, judged on those after them.
 */
final class ClassifierWork {
    /** Classical engines that every evaluation shows beside the model. */
    static final List<String> BASELINES = List.of("logistic-regression", "random-forest", "boosted-trees");
    private final Plugins plugins;
    private final DomainPack pack;
    private final Classification task;
    private final Map<String, String> wanted;

    /** @param wanted parameters of pack, data set and caller */
    ClassifierWork(Plugins plugins, DomainPack pack, Map<String, String> wanted) {
        this.plugins = plugins;
        this.pack = pack;
        this.task = pack.classification().orElseThrow();
        this.wanted = Map.copyOf(wanted);
    }

    Message.Result run(Message.Order message, Engine engine, CleanData data, TrainingProgress progress) {
        TrainingOrder order = message.training();
        FeatureExtractor features = plugins.extractor(pack.extractor());
        Aggregates aggregates = features.aggregates(data.records().get(0).schema(), wanted).orElse(null);
        Prepared prepared = Prepared.of(task, data.records(), aggregates, wanted);
        List<DataRecord> teach = prepared.part(Slices.Part.TRAIN);
        FittedExtractor extractor = features.fit(data.withRecords(teach), wanted);
        Support support = engine.supports(extractor.schema());
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "/engine",
                    "engine '" + engine.name() + "' can't learn this data: " + support.reason(), null);
        }
        List<Example> training = Prepared.examples(task, extractor, teach);
        List<Example> validation = Prepared.examples(task, extractor, prepared.part(Slices.Part.VALIDATION));
        if (training.stream().noneMatch(e -> e.target() != Example.NONE)) {
            throw new WhereforeException(ErrorCode.BAD_DATA, order.description().toString(), "none of the " + training.size()
                    + " labelled records to train on is any of " + task.targets() + "; choose another period (" + Slices.TEST_FROM + ", "
                    + Slices.TRAIN_DAYS + "), or mend the labels in '" + task.label() + "'", null);
        }
        Map<String, double[]> quantiles = Judgement.quantiles(teach);
        long start = System.nanoTime();
        FolderWriter model = new FolderWriter(Path.of(message.model()));
        TrainingRequest request = request(engine, extractor, training, validation, order);
        Map<String, Double> metrics = new LinkedHashMap<>(one(engine, model, extractor, request, prepared, quantiles, progress));
        double seconds = (System.nanoTime() - start) / 1e9;
        metrics.put("trainSeconds", seconds);
        Map<String, Map<String, Double>> baselines = new LinkedHashMap<>();
        for (String name : BASELINES) {
            if (plugins.engines().stream().noneMatch(e -> e.name().equals(name))) {
                continue;
            }
            boolean kept = name.equals(pack.fallbackEngine());
            FolderWriter artifact = new FolderWriter(kept ? Path.of(message.classic()) : TrainingWork.folder(message, name));
            Engine baseline = plugins.engine(name);
            baselines.put(name, one(baseline, artifact, extractor, request(baseline, extractor, training, validation, order), prepared, quantiles,
                    TrainingWork.quiet(progress)));
        }
        Map<String, String> provenance = new TreeMap<>(TrainingWork.provenance(order, data, pack, request));
        provenance.putAll(prepared.slices().describe());
        provenance.put("aggregates", aggregates == null ? "none" : wanted.getOrDefault("aggregates", ""));
        return new Message.Result(engine.name(), data.digest(), provenance, metrics, baselines, seconds);
    }

    private TrainingRequest request(Engine engine, FittedExtractor extractor, List<Example> training, List<Example> validation, TrainingOrder order) {
        Map<String, String> parameters = new HashMap<>();
        for (Parameter p : engine.parameters()) {
            String own = engine.name() + "." + p.name();
            if (wanted.containsKey(own)) {
                parameters.put(p.name(), wanted.get(own));
            } else if (wanted.containsKey(p.name()) && engine.name().equals(order.engine() == null ? pack.engine() : order.engine())) {
                parameters.put(p.name(), wanted.get(p.name()));
            }
        }
        return new TrainingRequest(extractor.schema(), training, validation, parameters, order.seed(), order.threads(), null);
    }

    /** Trains one model, writes all its entries, and judges it. */
    private Map<String, Double> one(Engine engine, FolderWriter artifact, FittedExtractor extractor, TrainingRequest request, Prepared prepared,
            Map<String, double[]> quantiles, TrainingProgress progress) {
        extractor.save(artifact);
        engine.train(request, artifact, progress);
        CaseFile.write(CaseFile.balanced(request.training(), request.seed()), artifact);
        try (var model = engine.load(new ModelInfo("staged", 1, engine.name(), ""), extractor.schema(), new StagedReader(artifact.folder()))) {
            Judgement judgement = Scored.of(task, model, extractor, prepared.part(Slices.Part.VALIDATION)).judgement(quantiles, wanted);
            judgement.write(artifact);
            Scored test = Scored.of(task, model, extractor, prepared.part(Slices.Part.TEST));
            return test.records().isEmpty() ? Map.of("cases", 0.0) : test.figures(judgement, wanted);
        }
    }
}
