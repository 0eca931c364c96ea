package org.wherefore.core.internal.predict;

import java.time.Instant;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.predict.PredictionRequest;
import org.wherefore.api.registry.Lease;
import org.wherefore.core.internal.cases.CaseCache;
import org.wherefore.core.internal.classify.FactorClaims;
import org.wherefore.core.internal.classify.Judgement;
import org.wherefore.core.internal.classify.LiveRecords;
import org.wherefore.core.internal.serve.Routing;

/** Answers where records are judged: aggregates of now, the model's scores, probabilities and decisions. Thread-safe. */
final class Judging {
    private static final int VERSIONS = 8;
    private final Routing routing;
    private final LiveRecords live;
    private final ExplanationMaker maker;
    private final CaseCache cases;
    private final Map<ModelInfo, Judgement> judgements = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ModelInfo, Judgement> eldest) {
            return size() > VERSIONS;
        }
    };

    Judging(Routing routing, LiveRecords live, ExplanationMaker maker, CaseCache cases) {
        this.routing = routing;
        this.live = live;
        this.maker = maker;
        this.cases = cases;
    }

    StoredPrediction predict(DomainPack pack, PredictionRequest request, Explainer explainer) {
        Classification task = pack.classification().orElseThrow();
        if (request.record() == null) {
            throw WhereforeException.invalid("/" + task.one(), "'" + pack.id() + "' judges a " + task.one() + "; send one as \"" + task.one() + "\"");
        }
        Optional<Lease> champion = leaseOrEmpty(pack.id(), request);
        if (champion.isPresent()) {
            try (Lease l = champion.get()) {
                return answer(pack, request, l, explainer, "");
            }
        }
        try (Lease l = leaseOrEmpty(Predictor.classicModel(pack.id()), request)
                .orElseThrow(() -> new WhereforeException(ErrorCode.MODEL_UNAVAILABLE, "no model of '" + pack.id()
                        + "' is trained yet; run: wherefore train " + pack.id() + " --data FILE.json"))) {
            return answer(pack, request, l, explainer, Predictor.NO_MODEL);
        }
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

    private StoredPrediction answer(DomainPack pack, PredictionRequest request, Lease lease, Explainer explainer, String fallback) {
        Judgement judgement = judgement(lease);
        DataRecord record = live.enrich(pack, judgement.parameters(), request.record());
        Instance instance = lease.extractor().extract(record);
        int targets = lease.extractor().schema().targets().size();
        List<Output> outputs = lease.model().predict(instance, targets, new BitSet()).stream().map(judgement::decide).toList();
        List<Explanation> explanations = explainer == null ? List.of() : explanations(pack, lease, record, instance, outputs, outputs.size(), explainer, request.explain());
        return new StoredPrediction(UUID.randomUUID().toString(), pack.id(), lease.version().info(), "", record, List.of(), outputs, explanations,
                fallback, Instant.now());
    }

    /** Of a record as it was judged, with the aggregates it had then. */
    List<Explanation> explain(DomainPack pack, Lease lease, StoredPrediction prediction, List<Output> outputs, Explainer explainer,
            ExplanationRequest request) {
        DataRecord record = (DataRecord) prediction.input();
        return explanations(pack, lease, record, lease.extractor().extract(record), outputs, prediction.outputs().size(), explainer, request);
    }

    private List<Explanation> explanations(DomainPack pack, Lease lease, DataRecord record, Instance instance, List<Output> outputs, int shown,
            Explainer explainer, ExplanationRequest request) {
        if (request.contrast() != null) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "/explain/contrast", "what is judged by itself has nothing to be compared with;"
                    + " '" + pack.id() + "' ranks no targets against each other", null);
        }
        FactorClaims claims = new FactorClaims(lease.extractor(), judgement(lease), record, pack.factors(), outputs);
        return maker.personal(new Asked(lease.model(), lease.extractor().schema(), instance, new BitSet(), outputs, new HashSet<>(pack.claimKinds()),
                claims, shown, cases.of(lease), -1), explainer, request);
    }

    private Judgement judgement(Lease lease) {
        ModelInfo info = lease.version().info();
        synchronized (judgements) {
            Judgement known = judgements.get(info);
            if (known != null) {
                return known;
            }
        }
        Judgement read = Judgement.read(lease.artifact());
        synchronized (judgements) {
            judgements.put(info, read);
        }
        return read;
    }
}
