package org.wherefore.core.internal.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Claim;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.domain.Factor;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.journal.StoredPrediction;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.model.Output;
import org.wherefore.api.narrate.Narrator;
import org.wherefore.api.predict.Plugins;
import org.wherefore.api.predict.PredictionService;
import org.wherefore.api.registry.Lease;
import org.wherefore.api.registry.ModelRegistry;
import org.wherefore.api.report.Case;
import org.wherefore.api.report.Report;
import org.wherefore.api.report.Reports;
import org.wherefore.core.internal.cases.CaseCache;
import org.wherefore.core.internal.classify.Judgement;
import org.wherefore.core.internal.classify.LiveRecords;
import org.wherefore.core.internal.classify.Thresholds;

/** Reports of judged records, by their packs, on the model version that judged them. Thread-safe. */
@Component(service = Reports.class)
public class CaseReports implements Reports {
    /** Nearest cases that a report tells of. */
    private static final int NEAREST = 10;
    /** Halvings of the way to the value that is usual: after these, less than a millionth of it is left. */
    private static final int HALVINGS = 20;
    private static final double CENT = 100;
    private final Plugins plugins;
    private final ModelRegistry registry;
    private final PredictionService predictions;
    private final Narrator narrator;
    private final CaseCache cases = new CaseCache();

    @Activate
    public CaseReports(@Reference Plugins plugins, @Reference ModelRegistry registry, @Reference PredictionService predictions,
            @Reference Narrator narrator) {
        this.plugins = plugins;
        this.registry = registry;
        this.predictions = predictions;
        this.narrator = narrator;
    }

    @Override
    public Report of(StoredPrediction prediction, Locale locale) {
        DomainPack pack = plugins.domain(prediction.domain());
        if (!(prediction.input() instanceof DataRecord record) || pack.classification().isEmpty()) {
            throw none(pack);
        }
        int best = IntStream.range(0, prediction.outputs().size()).boxed()
                .max(Comparator.comparingDouble(i -> prediction.outputs().get(i).decision().probability())).orElseThrow();
        Output output = prediction.outputs().get(best);
        Explanation explanation = prediction.explanations().size() > best && prediction.explanations().get(best).status().equals(Explanation.COMPLETE)
                && prediction.explanations().get(best).attribution() != null ? prediction.explanations().get(best)
                : predictions.explain(prediction, output.target(), ExplanationRequest.defaults(locale)).get(0);
        ModelRef ref = ModelRef.version(prediction.model().name(), prediction.model().version());
        try (Lease lease = registry.lease(ref).orElseThrow(() -> new WhereforeException(ErrorCode.NOT_FOUND, "the model " + ref
                + " that made this prediction is gone; predict again"))) {
            Judgement judgement = Judgement.read(lease.artifact());
            Judgement.Target target = judgement.targets().get(output.index());
            List<Case.Step> steps = target.thresholds().steps().stream()
                    .map(s -> new Case.Step(s.decision(), s.threshold(), s.share(), s.precision(), s.recall())).toList();
            List<String> sentences = explanation.claims().stream().map(c -> narrator.sentence(pack.id(), c, locale, id -> id))
                    .filter(s -> !s.isEmpty()).toList();
            Case about = new Case(prediction, output, lease.version(), explanation, sentences, steps,
                    target.calibration() == null ? 0 : target.calibration().cases(), turns(pack, lease, judgement, record, output, explanation),
                    precedents(lease, record));
            return pack.report(about, locale).orElseThrow(() -> none(pack));
        }
    }

    private static WhereforeException none(DomainPack pack) {
        return new WhereforeException(ErrorCode.UNSUPPORTED, "the domain '" + pack.id() + "' writes no reports of its predictions");
    }

    /** For each number of the record itself that a shown claim calls unusual: the value nearest to it with which nothing is done. */
    private List<Case.Turn> turns(DomainPack pack, Lease lease, Judgement judgement, DataRecord record, Output output, Explanation explanation) {
        Map<String, Case.Turn> out = new LinkedHashMap<>();
        Thresholds thresholds = judgement.targets().get(output.index()).thresholds();
        double acted = thresholds.steps().get(1).threshold();
        if (output.decision().probability() < acted) {
            return List.of();
        }
        var own = LiveRecords.schema(pack, pack.classification().orElseThrow());
        for (Claim claim : explanation.claims()) {
            Factor factor = pack.factors().stream().filter(f -> f.name().equals(claim.values().get("factor"))).findFirst().orElse(null);
            for (String field : factor == null ? List.<String>of() : List.copyOf(factor.usual().keySet())) {
                String usual = claim.values().get("usual." + field);
                if (usual == null || own.indexOf(field) < 0 || out.containsKey(field) || record.number(field).isEmpty()) {
                    continue;
                }
                double from = record.number(field).getAsDouble();
                double far = from;
                double near = cents(Double.parseDouble(usual), from);
                if (probability(lease, judgement, record, output, field, near) >= acted) {
                    continue;
                }
                for (int i = 0; i < HALVINGS; i++) {
                    double middle = cents((near + far) / 2, far);
                    if (probability(lease, judgement, record, output, field, middle) < acted) {
                        near = middle;
                    } else {
                        far = middle;
                    }
                }
                out.put(field, new Case.Turn(field, from, near, probability(lease, judgement, record, output, field, near)));
            }
        }
        return List.copyOf(out.values());
    }

    /** In whole hundredths, away from {@code from}. */
    private static double cents(double value, double from) {
        return (value < from ? Math.floor(value * CENT) : Math.ceil(value * CENT)) / CENT;
    }

    private static double probability(Lease lease, Judgement judgement, DataRecord record, Output output, String field, double value) {
        return judgement.probability(output.index(), lease.model().score(List.of(lease.extractor().extract(record.with(field, value))),
                new int[] {output.index()}, new java.util.BitSet(), false)[0][0].score());
    }

    /** By the squared differences of their features, each in units of its standard deviation; missing against known counts as one. */
    private Case.Precedents precedents(Lease lease, DataRecord record) {
        if (!(lease.extractor().extract(record) instanceof TableInstance own)) {
            return new Case.Precedents(0, 0, List.of());
        }
        List<Example> all = cases.of(lease).stream().filter(e -> e.instance() instanceof TableInstance).toList();
        double[] deviation = IntStream.range(0, own.length()).mapToDouble(f -> deviation(all, f)).toArray();
        record Near(Example example, double distance) {}
        List<Near> near = new ArrayList<>();
        for (Example e : all) {
            TableInstance row = (TableInstance) e.instance();
            double sum = 0;
            for (int f = 0; f < deviation.length; f++) {
                double d = row.missing(f) && own.missing(f) || deviation[f] == 0 ? 0 : row.missing(f) || own.missing(f) ? 1
                        : (row.value(f) - own.value(f)) / deviation[f];
                sum += d * d;
            }
            near.add(new Near(e, sum));
        }
        near.sort(Comparator.comparingDouble(Near::distance));
        FeatureSchema schema = lease.extractor().schema();
        List<Case.Precedent> nearest = near.stream().limit(NEAREST).map(n -> {
            Map<String, Double> values = new LinkedHashMap<>();
            TableInstance row = (TableInstance) n.example().instance();
            for (int f = 0; f < row.length(); f++) {
                if (!row.missing(f)) {
                    values.put(schema.features().get(f).name(), row.value(f));
                }
            }
            return new Case.Precedent(n.example().target() != Example.NONE, values);
        }).toList();
        return new Case.Precedents(all.size(), (int) all.stream().filter(e -> e.target() != Example.NONE).count(), nearest);
    }

    private static double deviation(List<Example> cases, int feature) {
        double[] values = cases.stream().mapToDouble(e -> ((TableInstance) e.instance()).value(feature)).filter(v -> !Double.isNaN(v)).toArray();
        double mean = java.util.Arrays.stream(values).average().orElse(0);
        return Math.sqrt(java.util.Arrays.stream(values).map(v -> (v - mean) * (v - mean)).average().orElse(0));
    }
}
