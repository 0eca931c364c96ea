package org.wherefore.core.internal.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataDescription;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.History;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.train.TrainingOrder;
import org.wherefore.api.train.TrainingService;
import org.wherefore.core.internal.cases.CaseFile;
import org.wherefore.core.internal.data.DataReader;

/**
 * What a training process does: reads described data, trains, judges on what was left out, and writes the artifacts into folders.
 * Touches neither registry nor journal. Thread-safe.
 */
final class TrainingWork {
    /** Classical engines that every evaluation shows beside the model. */
    static final List<String> BASELINES = List.of("popularity", "item-to-item", "markov");
    private static final String WHOLE = "10000";
    private static final int MAX_VALIDATION = 2_048;
    private static final int MIN_VALIDATION = 512;

    private final Plugins plugins;

    TrainingWork(Plugins plugins) {
        this.plugins = plugins;
    }

    /** @throws WhereforeException in words for people, as {@link org.wherefore.api.train.TrainingService#train} */
    Message.Result run(Message.Order message, TrainingProgress progress) {
        TrainingOrder order = message.training();
        DomainPack pack = plugins.domain(order.domain());
        Engine engine = plugins.engine(order.engine() == null ? pack.engine() : order.engine());
        DataDescription description = DataReader.describe(order.description());
        CleanData data = new DataReader(plugins).read(order.domain(), order.description());
        Map<String, String> wanted = wanted(pack, description, order.parameters());

        if (pack.classification().isPresent()) {
            return new ClassifierWork(plugins, pack, wanted).run(message, engine, data, progress);
        }
        Map<String, List<Event>> training = Evaluation.trainingHistories(data.histories());
        CleanData seen = new CleanData(data.name(), training, data.entities(), data.steps(), data.bad(), data.badCount(), data.digest());
        FittedExtractor extractor = plugins.extractor(pack.extractor()).fit(seen, wanted);
        Support support = engine.supports(extractor.schema());
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "/engine",
                    "engine '" + engine.name() + "' can't learn this data: " + support.reason(), null);
        }
        TrainingRequest request = request(order, extractor, training, wanted, engine);
        List<Evaluation.Case> cases = Evaluation.cases(data.histories().values());
        FolderWriter model = new FolderWriter(Path.of(message.model()));

        long start = System.nanoTime();
        extractor.save(model);
        engine.train(request, model, progress);
        CaseFile.write(CaseFile.sample(request.training(), order.seed()), model);
        double seconds = (System.nanoTime() - start) / 1e9;
        Map<String, Double> metrics = new LinkedHashMap<>(accuracy(engine, model, extractor, cases));
        metrics.put("trainSeconds", seconds);
        // the classical branch counts whole histories, however short the Transformer's window is
        FittedExtractor whole = plugins.extractor(pack.extractor()).fit(seen, Map.of("maxLength", WHOLE));
        TrainingRequest all = new TrainingRequest(whole.schema(), examples(whole, training), List.of(), Map.of(),
                order.seed(), order.threads(), null);
        Map<String, Map<String, Double>> baselines = new LinkedHashMap<>();
        for (String name : BASELINES) {
            if (plugins.engines().stream().noneMatch(e -> e.name().equals(name))) {
                continue;
            }
            Engine baseline = plugins.engine(name);
            boolean kept = name.equals(pack.fallbackEngine());
            FolderWriter artifact = new FolderWriter(kept ? Path.of(message.classic()) : folder(message, name));
            if (kept) {
                whole.save(artifact);
            }
            baseline.train(all, artifact, quiet(progress));
            baselines.put(name, accuracy(baseline, artifact, whole, cases));
        }
        return new Message.Result(engine.name(), data.digest(), provenance(order, data, pack, request), metrics, baselines, seconds);
    }

    /** Parameters of pack, data set and caller; the later ones win. */
    static Map<String, String> wanted(DomainPack pack, DataDescription description, Map<String, String> ordered) {
        Map<String, String> wanted = new TreeMap<>(pack.trainingDefaults());
        wanted.putAll(description.parameters());
        wanted.remove(Trainer.ORACLE);
        wanted.putAll(ordered);
        return wanted;
    }

    static Path folder(Message.Order message, String name) {
        Path folder = Path.of(message.scratch()).resolve(name);
        try {
            return Files.createDirectory(folder);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't make the folder " + folder + ": " + e, e);
        }
    }

    private TrainingRequest request(TrainingOrder order, FittedExtractor extractor, Map<String, List<Event>> training,
            Map<String, String> wanted, Engine engine) {
        List<String> users = new ArrayList<>(training.keySet());
        users.removeIf(u -> training.get(u).size() < 3);
        Collections.shuffle(users, new Random(order.seed()));
        Set<String> judges = new HashSet<>(
                users.subList(0, Math.min(users.size() / 2, Math.min(MAX_VALIDATION, Math.max(MIN_VALIDATION, users.size() / 10)))));
        Map<String, List<Event>> learn = new LinkedHashMap<>();
        List<Example> validation = new ArrayList<>();
        training.forEach((u, h) -> {
            if (judges.contains(u)) {
                example(extractor, h).ifPresent(validation::add);
                learn.put(u, h.subList(0, h.size() - 1));
            } else {
                learn.put(u, h);
            }
        });
        Map<String, String> parameters = new HashMap<>();
        for (Parameter p : engine.parameters()) {
            if (wanted.containsKey(p.name())) {
                parameters.put(p.name(), wanted.get(p.name()));
            }
        }
        return new TrainingRequest(extractor.schema(), examples(extractor, learn), validation, parameters, order.seed(),
                order.threads(), null);
    }

    private static List<Example> examples(FittedExtractor extractor, Map<String, List<Event>> histories) {
        List<Example> out = new ArrayList<>();
        histories.values().forEach(h -> example(extractor, h).ifPresent(out::add));
        return out;
    }

    private static java.util.Optional<Example> example(FittedExtractor extractor, List<Event> history) {
        if (history.size() < 2) {
            return java.util.Optional.empty();
        }
        var target = extractor.target(history.get(history.size() - 1).item());
        SequenceInstance input = (SequenceInstance) extractor.extract(new History(history.subList(0, history.size() - 1)));
        return target.isEmpty() || input.length() == 0 ? java.util.Optional.empty()
                : java.util.Optional.of(new Example(input, target.getAsInt()));
    }

    static Map<String, String> provenance(TrainingOrder order, CleanData data, DomainPack pack, TrainingRequest request) {
        Map<String, String> out = new TreeMap<>();
        out.put("dataSet", data.name());
        out.put("dataDigest", data.digest());
        out.put("extractor", pack.extractor());
        out.put("domain", pack.id());
        out.put("seed", Long.toString(order.seed()));
        out.put("threads", Integer.toString(order.threads()));
        request.parameters().forEach((k, v) -> out.put("parameter." + k, v));
        data.steps().forEach(s -> out.put("cleaning." + s.name(), s.before() + " -> " + s.after() + " (" + s.detail() + ")"));
        return out;
    }

    /** A baseline takes seconds: it can be cancelled but does not move the bar. */
    static TrainingProgress quiet(TrainingProgress progress) {
        return new TrainingProgress() {
            @Override
            public void update(double done, Map<String, Double> figures) {
                // not shown
            }

            @Override
            public boolean cancelled() {
                return progress.cancelled();
            }
        };
    }

    private static Map<String, Double> accuracy(Engine engine, FolderWriter artifact, FittedExtractor extractor, List<Evaluation.Case> cases) {
        try (var model = engine.load(new org.wherefore.api.model.ModelInfo("staged", 1, engine.name(), ""), extractor.schema(),
                new StagedReader(artifact.folder()))) {
            return Evaluation.accuracy(model, extractor, cases);
        }
    }
}
