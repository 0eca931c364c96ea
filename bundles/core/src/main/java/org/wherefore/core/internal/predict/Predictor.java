package org.wherefore.core.internal.predict;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameters;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Event;
import org.wherefore.api.data.History;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.journal.Journal;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.Output;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.predict.PredictionRequest;
import org.wherefore.api.predict.PredictionService;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.core.internal.cases.CaseCache;
import org.wherefore.core.internal.classify.LiveRecords;
import org.wherefore.core.internal.guard.Bulkhead;
import org.wherefore.core.internal.serve.Routing;

/** Answers on leased models; the classical branch answers where the Transformer can't, and the answer says so. */
@Component(service = PredictionService.class, immediate = true)
public class Predictor implements PredictionService {
    /** Most outputs that one request has explained. */
    static final int MAX_EXPLAINED = 100;
    /** Newest events of a person that a prediction may look at. */
    static final int HISTORY_LIMIT = 1_000;
    /** No trained model of the pack's engine. */
    public static final String NO_MODEL = "no-model";
    /** Nothing is known of the user. */
    public static final String NO_HISTORY = "no-history";
    /** The model knows none of the items. */
    public static final String UNKNOWN_ITEMS = "unknown-items";

    private static final String CONTRAST = "/explain/contrast";
    private final CaseCache cases = new CaseCache();
    private final Plugins plugins;
    private final ModelRegistry registry;
    private final Journal journal;
    private final ExplanationMaker maker;
    private final Routing routing;
    private final Judging judging;

    @Activate
    public Predictor(@Reference Plugins plugins, @Reference ModelRegistry registry, @Reference Journal journal,
            @Reference Bulkhead bulkhead, @Reference LiveRecords live, @Reference Routing routing) {
        this.plugins = plugins;
        this.registry = registry;
        this.journal = journal;
        this.maker = new ExplanationMaker(bulkhead);
        this.routing = routing;
        this.judging = new Judging(routing, live, maker, cases);
    }

    /** Name of the model of a pack's classical branch. */
    public static String classicModel(String domain) {
        return domain + "-classic";
    }

    @Override
    public StoredPrediction predict(PredictionRequest request) {
        DomainPack pack = plugins.domain(request.domain());
        Explainer explainer = request.explain() == null ? null : strategy(request.explain());
        if (explainer != null && request.record() == null && request.k() > MAX_EXPLAINED) {
            throw WhereforeException.invalid("/k", "at most " + MAX_EXPLAINED + " outputs are explained in one request, k is "
                    + request.k() + "; ask for fewer, or explain single targets of the stored prediction");
        }
        StoredPrediction answer = pack.classification().isPresent() ? judging.predict(pack, request, explainer)
                : transformer(pack, request, history(request), explainer);
        journal.record(answer);
        return answer;
    }

    /** Parameters are checked whoever answers, also where no strategy is asked in the end. */
    private Explainer strategy(ExplanationRequest request) {
        Explainer explainer = plugins.explainer(request.strategy());
        Parameters.bind("/explain/parameters/", explainer.parameters(), request.parameters());
        return explainer;
    }

    private List<Event> history(PredictionRequest request) {
        if (request.history() != null) {
            String user = request.user() == null ? "" : request.user();
            Instant now = Instant.now();
            List<Event> events = new ArrayList<>();
            for (String item : request.history()) {
                events.add(new Event("h" + events.size(), user, item, "", now));
            }
            return events;
        }
        return request.user() == null ? List.of() : journal.history(request.domain(), request.user(), HISTORY_LIMIT);
    }

    private StoredPrediction transformer(DomainPack pack, PredictionRequest request, List<Event> history, Explainer explainer) {
        if (history.isEmpty()) {
            return classic(pack, request, history, explainer, NO_HISTORY);
        }
        Optional<Lease> lease = leaseOrEmpty(pack.id(), request);
        if (lease.isEmpty()) {
            return classic(pack, request, history, explainer, NO_MODEL);
        }
        try (Lease l = lease.get()) {
            SequenceInstance instance = (SequenceInstance) l.extractor().extract(new History(history));
            if (instance.length() > 0) {
                return answer(pack, request, history, instance, l, explainer, "");
            }
        }
        return classic(pack, request, history, explainer, UNKNOWN_ITEMS);
    }

    private Optional<Lease> leaseOrEmpty(String model, PredictionRequest request) {
        try {
            return routing.lease(model, request);
        } catch (WhereforeException e) {
            if (e.code() == ErrorCode.MODEL_UNAVAILABLE) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private StoredPrediction classic(DomainPack pack, PredictionRequest request, List<Event> history, Explainer explainer,
            String reason) {
        try (Lease l = routing.lease(classicModel(pack.id()), request)
                .orElseThrow(() -> new WhereforeException(ErrorCode.MODEL_UNAVAILABLE, "no model of '" + pack.id()
                        + "' is trained yet; run: wherefore train " + pack.id() + " --data FILE.json"))) {
            SequenceInstance instance = (SequenceInstance) l.extractor().extract(new History(history));
            return answer(pack, request, history, instance, l, explainer, reason);
        }
    }

    private StoredPrediction answer(DomainPack pack, PredictionRequest request, List<Event> history, SequenceInstance instance,
            Lease lease, Explainer explainer, String fallback) {
        FittedExtractor extractor = lease.extractor();
        Set<String> excludedIds = new TreeSet<>(request.exclude());
        if (request.excludeSeen()) {
            history.forEach(e -> excludedIds.add(e.item()));
        }
        BitSet excluded = indices(extractor, excludedIds);
        List<Output> outputs = lease.model().predict(instance, request.k(), excluded);
        List<Explanation> explanations = explainer == null ? List.of()
                : explanations(pack, explainer, lease, instance, excluded, outputs, outputs.size(), fallback, request.explain());
        return new StoredPrediction(UUID.randomUUID().toString(), pack.id(), lease.version().info(),
                request.user() == null ? "" : request.user(), new History(history), List.copyOf(excludedIds), outputs, explanations, fallback,
                Instant.now());
    }

    /** @param shown outputs of the prediction, of which those explained are some */
    private List<Explanation> explanations(DomainPack pack, Explainer explainer, Lease lease, SequenceInstance instance,
            BitSet excluded, List<Output> outputs, int shown, String fallback, ExplanationRequest request) {
        if (outputs.isEmpty()) {
            return List.of();
        }
        int contrast = contrast(lease.extractor(), outputs, fallback, request.contrast());
        if (instance.length() == 0) {
            return ExplanationMaker.fallback(lease.model(), outputs, fallback, journal.population(pack.id()), request);
        }
        return maker.personal(Asked.ofHistory(pack, lease.model(), lease.extractor().schema(), instance, excluded, outputs,
                journal.population(pack.id()), shown, cases.of(lease), contrast), explainer, request);
    }

    /** Index of the target that the outputs are compared with, -1 when none is asked for. */
    private static int contrast(FittedExtractor extractor, List<Output> outputs, String fallback, String id) {
        if (id == null) {
            return -1;
        }
        if (!fallback.isEmpty()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, CONTRAST, "the classical branch answered (" + fallback
                    + "), which ranks nothing for the person; two of its outputs can't be compared", null);
        }
        if (outputs.stream().allMatch(o -> o.target().equals(id))) {
            throw WhereforeException.invalid(CONTRAST, "'" + id + "' is the output that is explained; name another target to compare it with");
        }
        return extractor.target(id).orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, CONTRAST,
                "the model does not know the target '" + id + "'; name an item of the catalogue it was trained on", null));
    }

    private static BitSet indices(FittedExtractor extractor, Iterable<String> ids) {
        BitSet out = new BitSet();
        for (String id : ids) {
            extractor.target(id).ifPresent(out::set);
        }
        return out;
    }

    @Override
    public List<Explanation> explain(StoredPrediction prediction, String target, ExplanationRequest request) {
        DomainPack pack = plugins.domain(prediction.domain());
        Explainer explainer = strategy(request);
        List<Output> outputs = prediction.outputs().stream().filter(o -> target == null || o.target().equals(target)).toList();
        if (outputs.isEmpty()) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "target", "prediction " + prediction.id() + " has no output '"
                    + target + "'", null);
        }
        if (outputs.size() > MAX_EXPLAINED) {
            throw WhereforeException.invalid("target", "the prediction has " + outputs.size()
                    + " outputs; name one by target=, at most " + MAX_EXPLAINED + " are explained in one request");
        }
        ModelInfo m = prediction.model();
        try (Lease l = registry.lease(ModelRef.version(m.name(), m.version()))
                .orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND,
                        "the model " + m.name() + ":" + m.version() + " that made this prediction is no longer stored"))) {
            if (prediction.input() instanceof DataRecord) {
                return judging.explain(pack, l, prediction, outputs, explainer, request);
            }
            SequenceInstance instance = (SequenceInstance) l.extractor().extract(prediction.input());
            return explanations(pack, explainer, l, instance, indices(l.extractor(), prediction.excluded()), outputs,
                    prediction.outputs().size(), prediction.fallback(), request);
        }
    }
}
