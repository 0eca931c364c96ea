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

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Population;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataDescription;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Staged;
import org.wherefore.api.train.EvaluationResult;
import org.wherefore.api.train.TrainingOrder;
import org.wherefore.api.train.TrainingResult;
import org.wherefore.api.train.TrainingService;
import org.wherefore.core.internal.claim.CountedPopulation;
import org.wherefore.core.internal.data.DataReader;
import org.wherefore.core.internal.predict.Predictor;

/** The pipeline from a description to promoted models. Nothing is registered, promoted or imported until training succeeded. */
@Component(service = TrainingService.class, immediate = true)
public class Trainer implements TrainingService {
    /** Classical engines that every evaluation shows beside the model. */
    static final List<String> BASELINES = List.of("popularity", "item-to-item", "markov");
    /** Description parameter that names the file of planted causes ({@code user,item,cause}), for evaluation only. */
    static final String ORACLE = "oracle";
    private static final String WHOLE = "10000";
    private static final int MAX_VALIDATION = 2_048;
    private static final int MIN_VALIDATION = 512;

    private final Plugins plugins;
    private final ModelRegistry registry;
    private final Journal journal;

    @Activate
    public Trainer(@Reference Plugins plugins, @Reference ModelRegistry registry, @Reference Journal journal) {
        this.plugins = plugins;
        this.registry = registry;
        this.journal = journal;
    }

    @Override
    public CleanData read(String domain, Path description) {
        return new DataReader(plugins).read(domain, description);
    }

    @Override
    public TrainingResult train(TrainingOrder order, TrainingProgress progress) {
        DomainPack pack = plugins.domain(order.domain());
        Engine engine = plugins.engine(order.engine() == null ? pack.engine() : order.engine());
        DataDescription description = DataReader.describe(order.description());
        CleanData data = read(order.domain(), order.description());
        Map<String, String> wanted = new TreeMap<>(pack.trainingDefaults());
        wanted.putAll(description.parameters());
        wanted.remove(ORACLE);
        wanted.putAll(order.parameters());

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
        Map<String, String> provenance = provenance(order, data, pack, request);

        long start = System.nanoTime();
        Map<String, Map<String, Double>> baselines = new LinkedHashMap<>();
        try (Staged staged = registry.stage(pack.id()); Staged classic = registry.stage(Predictor.classicModel(pack.id()))) {
            extractor.save(staged);
            engine.train(request, staged, progress);
            double seconds = (System.nanoTime() - start) / 1e9;
            Map<String, Double> metrics = new LinkedHashMap<>(accuracy(engine, staged, extractor, cases));
            metrics.put("trainSeconds", seconds);
            // the classical branch counts whole histories, however short the Transformer's window is
            FittedExtractor whole = plugins.extractor(pack.extractor()).fit(seen, Map.of("maxLength", WHOLE));
            TrainingRequest all = new TrainingRequest(whole.schema(), examples(whole, training), List.of(), Map.of(),
                    order.seed(), order.threads(), null);
            for (String name : BASELINES) {
                if (plugins.engines().stream().noneMatch(e -> e.name().equals(name))) {
                    continue;
                }
                Engine baseline = plugins.engine(name);
                if (name.equals(pack.fallbackEngine())) {
                    whole.save(classic);
                    baseline.train(all, classic, quiet(progress));
                    baselines.put(name, accuracy(baseline, classic, whole, cases));
                } else {
                    try (Staged scratch = registry.stage(pack.id())) {
                        baseline.train(all, scratch, quiet(progress));
                        baselines.put(name, accuracy(baseline, scratch, whole, cases));
                    }
                }
            }
            if (progress.cancelled()) {
                throw new WhereforeException(ErrorCode.CANCELLED, "training was cancelled; nothing was registered");
            }
            journal.importData(pack.id(), data);
            if (baselines.containsKey(pack.fallbackEngine())) {
                ModelVersion c = registry.commit(classic, pack.fallbackEngine(), provenance, baselines.get(pack.fallbackEngine()));
                registry.promote(c.info().name(), ModelRef.CHAMPION, c.info().version(), "training", "trained on " + data.name());
            }
            ModelVersion version = registry.commit(staged, engine.name(), provenance, metrics);
            registry.promote(pack.id(), ModelRef.CHAMPION, version.info().version(), "training", "trained on " + data.name());
            return new TrainingResult(version, metrics, baselines, data, seconds);
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
        SequenceInstance input = (SequenceInstance) extractor.extract(history.subList(0, history.size() - 1));
        return target.isEmpty() || input.length() == 0 ? java.util.Optional.empty()
                : java.util.Optional.of(new Example(input, target.getAsInt()));
    }

    private static Map<String, String> provenance(TrainingOrder order, CleanData data, DomainPack pack, TrainingRequest request) {
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
    private static TrainingProgress quiet(TrainingProgress progress) {
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

    private static Map<String, Double> accuracy(Engine engine, Staged staged, FittedExtractor extractor, List<Evaluation.Case> cases) {
        try (var model = engine.load(new org.wherefore.api.model.ModelInfo("staged", 1, engine.name(), ""), extractor.schema(),
                new StagedReader(staged.folder()))) {
            return Evaluation.accuracy(model, extractor, cases);
        }
    }

    @Override
    public EvaluationResult evaluate(String domain, Path description, ModelRef ref, int explanations, TrainingProgress progress) {
        DomainPack pack = plugins.domain(domain);
        CleanData data = read(domain, description);
        try (Lease lease = registry.lease(ref).orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "/model",
                "there is no model " + ref + "; train one first", null))) {
            List<Evaluation.Case> cases = Evaluation.cases(data.histories().values());
            Map<String, Double> metrics = Evaluation.accuracy(lease.model(), lease.extractor(), cases);
            Map<String, Double> claims = Map.of();
            if (explanations > 0) {
                Map<String, List<Event>> past = Evaluation.trainingHistories(data.histories());
                Population population = new CountedPopulation(past.values());
                ClaimEvaluation e = new ClaimEvaluation(pack, plugins.explainer(""), lease.model(), lease.extractor(), population,
                        past, catalogue(data.entities()));
                Map<String, String> causes = causes(description);
                List<Evaluation.Case> sample = new ArrayList<>(cases);
                Collections.shuffle(sample, new Random(7));
                int n = Math.min(explanations, sample.size());
                for (int i = 0; i < n && !progress.cancelled(); i++) {
                    Evaluation.Case c = sample.get(i);
                    e.add(c, causes.get(c.answer().user() + " " + c.answer().item()));
                    progress.update((i + 1.0) / n, e.figures());
                }
                claims = e.figures();
                for (String r : e.refuted()) {
                    System.getLogger(Trainer.class.getName()).log(System.Logger.Level.WARNING, "claim did not hold again: {0}", r);
                }
            }
            return new EvaluationResult(lease.version().info(), metrics, classical(domain, cases), claims);
        }
    }

    /** The registered classical model on the same cases; empty when none is registered. */
    private Map<String, Map<String, Double>> classical(String domain, List<Evaluation.Case> cases) {
        return registry.lease(ModelRef.alias(Predictor.classicModel(domain), ModelRef.CHAMPION)).map(l -> {
            try (l) {
                return Map.of(l.version().info().engine(), Evaluation.accuracy(l.model(), l.extractor(), cases));
            }
        }).orElse(Map.of());
    }

    private static Map<String, Set<String>> catalogue(List<Entity> entities) {
        Map<String, Set<String>> out = new HashMap<>();
        for (Entity e : entities) {
            if (e.kind().equals("item")) {
                Set<String> all = out.computeIfAbsent(e.id(), i -> new HashSet<>());
                e.attributes().forEach((k, vs) -> vs.forEach(v -> all.add(k + "=" + v)));
            }
        }
        return out;
    }

    private static Map<String, String> causes(Path description) {
        String file = DataReader.describe(description).parameters().get(ORACLE);
        if (file == null) {
            return Map.of();
        }
        Map<String, String> out = new HashMap<>();
        Path path = description.toAbsolutePath().getParent().resolve(file);
        try {
            List<String> lines = Files.readAllLines(path);
            for (String line : lines.subList(1, lines.size())) {
                String[] f = line.split(",");
                out.put(f[0] + " " + f[1], f[2]);
            }
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, path.toString(), path + ": can't read the planted causes: " + e, e);
        }
        return out;
    }
}
