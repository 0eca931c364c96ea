package org.wherefore.core.internal.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Population;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Entity;
import org.wherefore.api.data.Event;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.journal.StoredRecord;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.registry.ModelServing;
import org.wherefore.api.registry.ModelVersion;
import org.wherefore.api.registry.Staged;
import org.wherefore.api.train.EvaluationResult;
import org.wherefore.api.train.StrategyComparison;
import org.wherefore.api.train.TrainingOrder;
import org.wherefore.api.train.TrainingResult;
import org.wherefore.api.train.TrainingService;
import org.wherefore.core.internal.claim.CountedPopulation;
import org.wherefore.core.internal.data.DataReader;
import org.wherefore.core.internal.classify.LiveRecords;
import org.wherefore.core.internal.guard.Bulkhead;
import org.wherefore.core.internal.predict.ExplanationMaker;
import org.wherefore.core.internal.predict.Predictor;

/**
 * The pipeline from a description to promoted models. Training itself runs in a process of its own, which writes into staged
 * folders; nothing is registered, promoted or imported until it succeeded, and all of that happens here.
 */
@Component(service = TrainingService.class, immediate = true)
public class Trainer implements TrainingService {
    /** Description parameter that names the file of planted causes ({@code user,item,cause}), for evaluation only. */
    static final String ORACLE = "oracle";

    private final Plugins plugins;
    private final ModelRegistry registry;
    private final Journal journal;
    private final ExplanationMaker maker;
    private final LiveRecords live;
    private final ModelServing serving;
    private final TrainingChild child;

    /** @param processes makes a builder that starts a training process, whose standard error goes to a file */
    @Activate
    public Trainer(@Reference Plugins plugins, @Reference ModelRegistry registry, @Reference Journal journal,
            @Reference Bulkhead bulkhead, @Reference LiveRecords live, @Reference ModelServing serving,
            @Reference(target = "(wherefore.process=training)") Supplier<ProcessBuilder> processes) {
        this.plugins = plugins;
        this.registry = registry;
        this.journal = journal;
        this.maker = new ExplanationMaker(bulkhead);
        this.live = live;
        this.serving = serving;
        this.child = new TrainingChild(processes);
    }

    @Override
    public CleanData read(String domain, Path description) {
        return new DataReader(plugins).read(domain, description);
    }

    @Override
    public TrainingResult train(TrainingOrder order, TrainingProgress progress) {
        DomainPack pack = plugins.domain(order.domain());
        if (order.engine() != null) {
            plugins.engine(order.engine());
        }
        try (Shutdown shutdown = new Shutdown(progress);
                Staged model = registry.stage(pack.id());
                Staged classic = registry.stage(Predictor.classicModel(pack.id()));
                Staged scratch = registry.stage(pack.id())) {
            Message.Result result = child.run(Message.Order.of(order, model.folder(), classic.folder(), scratch.folder()), shutdown);
            // read again rather than kept: while the other process trains, this one has its memory for answering
            CleanData data = read(order.domain(), order.description());
            if (!data.digest().equals(result.dataDigest())) {
                throw new WhereforeException(ErrorCode.CONFLICT, "the data of " + order.description()
                        + " changed while a model was trained on it; nothing was registered, train again");
            }
            if (shutdown.cancelled()) {
                throw new WhereforeException(ErrorCode.CANCELLED, "training was cancelled; nothing was registered");
            }
            journal.importData(pack.id(), data, pack.classification().map(t -> recent(pack, t, data, order)).orElse(List.of()));
            live.imported(pack.id());
            Map<String, Double> fallback = result.baselines().get(pack.fallbackEngine());
            if (fallback != null) {
                ModelVersion c = registry.commit(classic, pack.fallbackEngine(), result.provenance(), fallback);
                serving.promote(c.info().name(), ModelRef.CHAMPION, c.info().version(), ModelServing.ANY, "training", "trained on " + data.name());
            }
            ModelVersion version = registry.commit(model, result.engine(), result.provenance(), result.metrics());
            serving.promote(pack.id(), ModelRef.CHAMPION, version.info().version(), ModelServing.ANY, "training", "trained on " + data.name());
            return new TrainingResult(version, result.metrics(), result.baselines(), data, result.seconds());
        }
    }

    /** The records that still matter to aggregates after the last one. */
    private List<StoredRecord> recent(DomainPack pack, Classification task, CleanData data, TrainingOrder order) {
        Map<String, String> wanted = TrainingWork.wanted(pack, DataReader.describe(order.description()), order.parameters());
        List<DataRecord> all = data.records();
        if (task.time().isEmpty() || all.isEmpty()) {
            return List.of();
        }
        return plugins.extractor(pack.extractor()).aggregates(all.get(0).schema(), wanted).map(a -> {
            Instant from = a.horizon(all.get(all.size() - 1).time(task.time()).orElseThrow());
            List<StoredRecord> out = new ArrayList<>();
            for (int i = all.size() - 1; i >= 0; i--) {
                DataRecord r = all.get(i);
                Instant time = r.time(task.time()).orElseThrow();
                if (time.isBefore(from)) {
                    break;
                }
                out.add(new StoredRecord(r.text(task.id()).orElseThrow(), time, r));
            }
            Collections.reverse(out);
            return out;
        }).orElse(List.of());
    }

    @Override
    public EvaluationResult evaluate(String domain, Path description, ModelRef ref, int explanations, TrainingProgress progress) {
        DomainPack pack = plugins.domain(domain);
        CleanData data = read(domain, description);
        try (Lease lease = registry.lease(ref).orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "/model",
                "there is no model " + ref + "; train one first", null))) {
            if (pack.classification().isPresent()) {
                return new JudgedEvaluation(plugins, registry, pack, maker, lease, data, DataReader.describe(description)).run(explanations, progress);
            }
            List<Evaluation.Case> cases = Evaluation.cases(data.histories().values());
            Map<String, Double> metrics = Evaluation.accuracy(lease.model(), lease.extractor(), cases);
            Map<String, Double> claims = Map.of();
            if (explanations > 0) {
                Map<String, List<Event>> past = Evaluation.trainingHistories(data.histories());
                Population population = new CountedPopulation(past.values());
                ClaimEvaluation e = new ClaimEvaluation(maker, pack, plugins.explainer(""), lease.model(), lease.extractor(), population,
                        past, catalogue(data.entities()));
                Map<String, String> causes = causes(description);
                List<Evaluation.Case> sample = sample(cases, explanations);
                int n = sample.size();
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

    @Override
    public StrategyComparison compare(String domain, Path description, ModelRef ref, List<String> strategies, int people, int budget,
            TrainingProgress progress) {
        DomainPack pack = plugins.domain(domain);
        List<Explainer> explainers = strategies.isEmpty() ? plugins.explainers() : strategies.stream().map(plugins::explainer).toList();
        CleanData data = read(domain, description);
        try (Lease lease = registry.lease(ref).orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "/model",
                "there is no model " + ref + "; train one first", null))) {
            Population population = new CountedPopulation(Evaluation.trainingHistories(data.histories()).values());
            List<Evaluation.Case> cases = sample(Evaluation.cases(data.histories().values()), people);
            return new StrategyEvaluation(maker, pack, lease, population, budget).compare(explainers, cases, progress);
        }
    }

    private static List<Evaluation.Case> sample(List<Evaluation.Case> cases, int most) {
        List<Evaluation.Case> sample = new ArrayList<>(cases);
        Collections.shuffle(sample, new Random(7));
        return sample.subList(0, Math.min(most, sample.size()));
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
