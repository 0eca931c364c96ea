package org.wherefore.core.internal.train;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.data.CleanData;
import org.wherefore.api.data.DataDescription;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.domain.Factor;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.train.EvaluationResult;
import org.wherefore.core.internal.cases.CaseFile;
import org.wherefore.core.internal.classify.FactorClaims;
import org.wherefore.core.internal.classify.Judgement;
import org.wherefore.core.internal.classify.Prepared;
import org.wherefore.core.internal.classify.Scored;
import org.wherefore.core.internal.classify.Slices;
import org.wherefore.core.internal.predict.Asked;
import org.wherefore.core.internal.predict.ExplanationMaker;
import org.wherefore.core.internal.predict.Predictor;

/**
 * Judges a model that classifies on the records its data set keeps for that, and the claims made of them. A claim is tested again by
 * itself: the cited numbers must be the record's, comparisons with the training data hold of its records, the record with the usual value is
 * made from scratch and scored alone, and the probability must fall.
 */
final class JudgedEvaluation {
    private static final int SEED = 7;
    private final Plugins plugins;
    private final ModelRegistry registry;
    private final DomainPack pack;
    private final Classification task;
    private final ExplanationMaker maker;
    private final Lease lease;
    private final CleanData data;
    private final Judgement judgement;
    private final Oracle oracle;
    /** What the model learned from, and its numbers by field, ascending. */
    private List<DataRecord> teach = List.of();
    private final Map<String, double[]> taught = new HashMap<>();
    private long explained;
    private long shown;
    private long supported;
    private long detected;
    private long reasoned;
    private double fidelity;
    private long fidelityCount;
    private long planted;
    private long plantedTop;

    /**
     * The field that says why a positive case is one, never an input, and which factor that is; parameter {@code oracle} of the data set:
     * {@code FIELD VALUE=FACTOR ...}, several factors of one value parted by {@code |}.
     */
    private record Oracle(String field, Map<String, List<String>> factors) {
        static Oracle of(String text) {
            if (text == null) {
                return null;
            }
            String[] words = text.strip().split("\\s+");
            Map<String, List<String>> factors = new HashMap<>();
            for (int i = 1; i < words.length; i++) {
                int eq = words[i].indexOf('=');
                if (eq < 1) {
                    throw WhereforeException.invalid("/parameters/" + Trainer.ORACLE, Trainer.ORACLE + " is FIELD VALUE=FACTOR ..., got '" + text + "'");
                }
                factors.put(words[i].substring(0, eq), List.of(words[i].substring(eq + 1).split("\\|")));
            }
            return new Oracle(words[0], factors);
        }
    }

    JudgedEvaluation(Plugins plugins, ModelRegistry registry, DomainPack pack, ExplanationMaker maker, Lease lease, CleanData data,
            DataDescription description) {
        this.plugins = plugins;
        this.registry = registry;
        this.pack = pack;
        this.task = pack.classification().orElseThrow();
        this.maker = maker;
        this.lease = lease;
        this.data = data;
        this.judgement = Judgement.read(lease.artifact());
        this.oracle = Oracle.of(description.parameters().get(Trainer.ORACLE));
    }

    EvaluationResult run(int explanations, TrainingProgress progress) {
        Prepared prepared = prepared(judgement);
        teach = prepared.part(Slices.Part.TRAIN);
        List<DataRecord> test = prepared.part(Slices.Part.TEST);
        Scored scored = Scored.of(task, lease.model(), lease.extractor(), test);
        Map<String, Double> metrics = scored.figures(judgement, judgement.parameters());
        if (explanations > 0) {
            List<Integer> sample = sample(scored, explanations);
            List<org.wherefore.api.model.Example> cases = CaseFile.read(lease.artifact());
            for (int i = 0; i < sample.size() && !progress.cancelled(); i++) {
                explain(scored.records().get(sample.get(i)), scored, sample.get(i), cases);
                progress.update((i + 1.0) / sample.size(), figures());
            }
        }
        return new EvaluationResult(lease.version().info(), metrics, classical(scored.records()), explanations > 0 ? figures() : Map.of());
    }

    private Prepared prepared(Judgement of) {
        return Prepared.of(task, data.records(), plugins.extractor(pack.extractor()).aggregates(data.records().get(0).schema(), of.parameters())
                .orElse(null), of.parameters());
    }

    /** The registered classical model on the same records, with the aggregates it was trained with. */
    private Map<String, Map<String, Double>> classical(List<DataRecord> records) {
        return registry.lease(ModelRef.alias(Predictor.classicModel(pack.id()), ModelRef.CHAMPION)).map(l -> {
            try (l) {
                Judgement own = Judgement.read(l.artifact());
                return Map.of(l.version().info().engine(), Scored.of(task, l.model(), l.extractor(), records).figures(own, own.parameters()));
            }
        }).orElse(Map.of());
    }

    /** Half of them records that are acted on, the other half any. */
    private List<Integer> sample(Scored scored, int most) {
        List<Integer> acted = new ArrayList<>();
        List<Integer> all = new ArrayList<>();
        for (int i = 0; i < scored.records().size(); i++) {
            all.add(i);
            if (acted(scored, i)) {
                acted.add(i);
            }
        }
        Collections.shuffle(acted, new Random(SEED));
        Collections.shuffle(all, new Random(SEED));
        java.util.Set<Integer> out = new java.util.LinkedHashSet<>(acted.subList(0, Math.min((most + 1) / 2, acted.size())));
        for (int i = 0; i < all.size() && out.size() < most; i++) {
            out.add(all.get(i));
        }
        return List.copyOf(out);
    }

    private boolean acted(Scored scored, int record) {
        for (int t = 0; t < scored.scores().length; t++) {
            if (judgement.probability(t, scored.scores()[t][record]) >= judgement.targets().get(t).thresholds().steps().get(1).threshold()) {
                return true;
            }
        }
        return false;
    }

    private void explain(DataRecord record, Scored scored, int row, List<org.wherefore.api.model.Example> cases) {
        Instance instance = lease.extractor().extract(record);
        List<Output> outputs = lease.model().predict(instance, task.targets().size(), new BitSet()).stream().map(judgement::decide).toList();
        FactorClaims claims = new FactorClaims(lease.extractor(), judgement, record, pack.factors(), outputs);
        List<Explanation> explanations = maker.personal(new Asked(lease.model(), lease.extractor().schema(), instance, new BitSet(), outputs,
                new HashSet<>(pack.claimKinds()), claims, outputs.size(), cases, -1), plugins.explainer(""), ExplanationRequest.defaults(Locale.ENGLISH));
        for (int i = 0; i < outputs.size(); i++) {
            Explanation e = explanations.get(i);
            Output o = outputs.get(i);
            explained += e.finding() == null ? 0 : 1;
            if (!Double.isNaN(e.quality().fidelity())) {
                fidelity += e.quality().fidelity();
                fidelityCount++;
            }
            for (Claim claim : e.claims()) {
                shown++;
                if (holds(claim, record, o)) {
                    supported++;
                } else {
                    System.getLogger(JudgedEvaluation.class.getName()).log(System.Logger.Level.WARNING, "claim did not hold again: {0}", claim);
                }
            }
            if (acted(scored, row)) {
                detected++;
                reasoned += e.claims().isEmpty() ? 0 : 1;
                if (scored.labels()[o.index()][row]) {
                    plant(e, record);
                }
            }
        }
    }

    private void plant(Explanation e, DataRecord record) {
        if (oracle == null || record.schema().indexOf(oracle.field()) < 0) {
            return;
        }
        Object why = record.value(oracle.field());
        String key = why instanceof Double d ? new java.math.BigDecimal(d).stripTrailingZeros().toPlainString() : String.valueOf(why);
        List<String> factors = oracle.factors().get(key);
        if (factors != null) {
            planted++;
            plantedTop += !e.claims().isEmpty() && factors.contains(e.claims().get(0).values().get("factor")) ? 1 : 0;
        }
    }

    private boolean holds(Claim claim, DataRecord record, Output output) {
        Factor factor = pack.factors().stream().filter(f -> f.name().equals(claim.values().get("factor"))).findFirst().orElse(null);
        if (factor == null || !claim.kind().equals("unusual")) {
            return false;
        }
        for (String field : factor.cites()) {
            String said = claim.values().get(field);
            if (said != null && !said.equals(String.valueOf(record.value(field)))) {
                return false;
            }
        }
        DataRecord other = record;
        for (String field : factor.usual().keySet()) {
            String usual = claim.values().get("usual." + field);
            if (!compared(claim, record, field, usual)) {
                return false;
            }
            other = other.with(field, usual == null ? null : (Object) Double.valueOf(usual));
        }
        return score(other, output) < score(record, output);
    }

    /** Whether what is said of a field in comparison, to what is usual and to the training data, is so by the numbers themselves. */
    private boolean compared(Claim claim, DataRecord record, String field, String usual) {
        String times = claim.values().get("times." + field);
        String share = claim.values().get(FactorClaims.SHARE + field);
        double value = times == null && share == null ? Double.NaN : record.number(field).orElse(Double.NaN);
        if (times != null && !(Math.abs(Double.parseDouble(times) * Double.parseDouble(usual) - value) <= 1e-9 * Math.abs(value))) {
            return false;
        }
        double[] all = share == null ? null : taught.computeIfAbsent(field,
                f -> teach.stream().mapToDouble(r -> r.number(f).orElse(Double.NaN)).filter(v -> !Double.isNaN(v)).sorted().toArray());
        if (all == null) {
            return true;
        }
        int below = 0;
        while (below < all.length && all[below] < value) {
            below++;
        }
        return 100.0 * below / all.length >= Double.parseDouble(share) - 1e-9;
    }

    private double score(DataRecord record, Output output) {
        return lease.model().score(List.of(lease.extractor().extract(record)), new int[] {output.index()}, new BitSet(), false)[0][0].score();
    }

    private Map<String, Double> figures() {
        Map<String, Double> out = new LinkedHashMap<>();
        out.put("shown", (double) shown);
        out.put("supported", (double) supported);
        out.put("precision", shown == 0 ? Double.NaN : (double) supported / shown);
        out.put("coverage", detected == 0 ? Double.NaN : (double) reasoned / detected);
        out.put("explained", (double) explained);
        out.put("detected", (double) detected);
        if (fidelityCount > 0) {
            out.put("fidelity", fidelity / fidelityCount);
        }
        if (planted > 0) {
            out.put("trueReason", (double) plantedTop / planted);
            out.put("trueReasonCases", (double) planted);
        }
        return out;
    }
}
