package org.wherefore.core.internal.predict;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameters;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Population;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.Quality;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;
import org.wherefore.core.internal.claim.ClaimAudit;
import org.wherefore.core.internal.claim.ContrastClaims;
import org.wherefore.core.internal.guard.Bulkhead;
import org.wherefore.core.internal.guard.FindingCheck;
import org.wherefore.core.internal.guard.InstalledStrategy;
import org.wherefore.core.internal.guard.ModelView;
import org.wherefore.core.internal.guard.Outcome;
import org.wherefore.core.internal.quality.Ablation;
import org.wherefore.core.internal.quality.Judge;
import org.wherefore.core.internal.quality.Measures;
import org.wherefore.core.internal.quality.QualityMeter;
import org.wherefore.core.internal.quality.Reruns;

/** Runs a strategy behind its bulkhead and the claim audit for all outputs of one prediction. Thread-safe. */
public final class ExplanationMaker {
    private static final String CUT = "time or budget ran out";
    private final Bulkhead bulkhead;

    public ExplanationMaker(Bulkhead bulkhead) {
        this.bulkhead = bulkhead;
    }

    /**
     * Explanations of personal outputs, in order. A strategy that fails or does not answer costs the findings and claims only: what
     * comes back then says so.
     *
     * @throws WhereforeException {@code UNSUPPORTED} when the strategy can't explain this model, with its reason, and when it gives no
     *         attributions and a contrast is asked; {@code INVALID_INPUT} for a parameter or a budget it refuses
     */
    public List<Explanation> personal(Asked asked, Explainer explainer, ExplanationRequest request) {
        return measured(asked, explainer, request).stream().map(Measured::explanation).toList();
    }

    /**
     * An explanation, and the curves behind its figures.
     *
     * @param measures null when it has no attribution or no time was left
     * @param nanos that the strategy took for all outputs of the request
     */
    public record Measured(Explanation explanation, Measures measures, long nanos) {}

    /** As {@link #personal}. */
    public List<Measured> measured(Asked asked, Explainer explainer, ExplanationRequest request) {
        long start = System.nanoTime();
        long end = start + TimeUnit.MILLISECONDS.toNanos(request.deadlineMillis());
        InstalledStrategy strategy = bulkhead.install(explainer);
        Parameters parameters = Parameters.bind("/explain/parameters/", strategy.parameters(), request.parameters());
        CountingModel counted = new CountingModel(asked.compares() ? new ContrastModel(asked.model(), asked.contrast()) : asked.model());
        ExplanationContext context = ExplanationContext.of(counted, asked.schema(), asked.instance(), asked.targets())
                .withRanking(asked.excluded(), asked.shown()).withCases(asked.cases()).withParameters(parameters).withSeed(request.seed())
                .withBudget(request.budget());
        Outcome<Found> outcome = find(strategy, counted, context, request.deadlineMillis());
        long nanos = System.nanoTime() - start;
        if (outcome instanceof Outcome.Refused<Found> r) {
            throw r.refusal();
        }
        if (!(outcome instanceof Outcome.Done<Found> done)) {
            return nothing(strategy, counted, asked.outputs(), request, outcome);
        }
        return done.value().findings().stream().allMatch(Attribution.class::isInstance)
                ? attributed(asked, done.value().by(), counted, context, request, done.value(), end, nanos)
                : others(asked, done.value().by(), counted, request, done.value(), nanos);
    }

    private List<Measured> attributed(Asked asked, InstalledStrategy strategy, CountingModel counted, ExplanationContext context,
            ExplanationRequest request, Found found, long end, long nanos) {
        List<Attribution> attributions = attributions(found);
        Ablation ablation = Ablation.of(asked.schema(), asked.instance(), asked.cases());
        boolean partial = found.cut() || attributions.stream().anyMatch(a -> a.contributions().size() < ablation.count());
        List<ClaimAudit.Audited> audited = asked.claims().of(counted, attributions, request.seed());
        List<Measures> measures = partial || System.nanoTime() - end > 0 ? null
                : (request.fullQuality() ? QualityMeter.FULL : QualityMeter.BASIC).measure(counted, ablation, asked.targets(), attributions, request.seed());
        Reruns.Figures reruns = partial || !request.fullQuality() ? Reruns.Figures.without(attributions)
                : Reruns.measure(attributions, ablation, request.seed(), (other, seed) -> again(strategy, counted, context.withInstance(other).withSeed(seed), end));
        String contrast = asked.compares() ? asked.schema().targets().get(asked.contrast()) : "";
        List<Measured> out = new ArrayList<>();
        for (int i = 0; i < attributions.size(); i++) {
            ClaimAudit.Audited a = audited.get(i);
            Measures m = measures == null ? null : measures.get(i);
            out.add(new Measured(new Explanation(partial ? Explanation.PARTIAL : Explanation.COMPLETE, partial ? CUT : "", strategy.name(),
                    strategy.version(), request.seed(), counted.info(), attributions.get(i), a.claims(), a.withheld(),
                    Judge.quality(attributions.get(i), a.fidelity(), m, reruns, i, counted.evaluations()), contrast), m, nanos));
        }
        return out;
    }

    private static List<Measured> others(Asked asked, InstalledStrategy strategy, CountingModel counted, ExplanationRequest request, Found found,
            long nanos) {
        if (asked.compares()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "/explain/contrast", "strategy '" + strategy.name() + "' does not say how a score"
                    + " comes about, so it can't say why one is higher than another; ask a strategy that does, such as occlusion", null);
        }
        List<ClaimAudit.Audited> audited = OtherFindings.audit(asked, counted, found.findings());
        List<Measured> out = new ArrayList<>();
        for (int i = 0; i < found.findings().size(); i++) {
            String missing = found.cut() ? CUT : OtherFindings.missing(found.findings().get(i), asked);
            out.add(new Measured(new Explanation(missing.isEmpty() ? Explanation.COMPLETE : Explanation.PARTIAL, missing, strategy.name(),
                    strategy.version(), request.seed(), counted.info(), found.findings().get(i), audited.get(i).claims(),
                    audited.get(i).withheld(), Quality.unmeasured(counted.evaluations())), null, nanos));
        }
        return out;
    }

    /** A strategy's own words for itself. */
    public record Named(String name, String version) {}

    /** As it introduced itself when it was installed. */
    public Named named(Explainer explainer) {
        InstalledStrategy strategy = bulkhead.install(explainer);
        return new Named(strategy.name(), strategy.version());
    }

    /**
     * An attribution without claims and figures.
     *
     * @param attribution null when there is none
     * @param reason why there is none; empty when there is one
     */
    public record Attributed(Attribution attribution, String reason) {}

    /**
     * The complete attribution of one output, nothing tested.
     *
     * @throws WhereforeException {@code UNSUPPORTED} when the strategy can't explain this model or gives no attributions;
     *         {@code INVALID_INPUT} for a budget it refuses
     */
    public Attributed attribute(Explainer explainer, Model model, FeatureSchema schema, Instance instance, BitSet excluded,
            int target, List<Example> cases, ExplanationRequest request) {
        InstalledStrategy strategy = bulkhead.install(explainer);
        CountingModel counted = new CountingModel(model);
        ExplanationContext context = ExplanationContext.of(counted, schema, instance, target).withRanking(excluded, 1).withCases(cases)
                .withParameters(Parameters.bind("/explain/parameters/", strategy.parameters(), request.parameters()))
                .withSeed(request.seed()).withBudget(request.budget());
        Outcome<Found> outcome = find(strategy, counted, context, request.deadlineMillis());
        if (outcome instanceof Outcome.Refused<Found> r) {
            throw r.refusal();
        }
        if (!(outcome instanceof Outcome.Done<Found> done)) {
            return new Attributed(null, outcome.why());
        }
        if (!(done.value().findings().get(0) instanceof Attribution a)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "strategy '" + strategy.name() + "' does not say how a score comes about");
        }
        return done.value().cut() || a.contributions().size() < Ablation.of(schema, instance, cases).count() ? new Attributed(null, CUT) : new Attributed(a, "");
    }

    private static List<Attribution> attributions(Found found) {
        return found.findings().stream().map(Attribution.class::cast).toList();
    }

    private List<Attribution> again(InstalledStrategy strategy, CountingModel counted, ExplanationContext context, long end) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        return left > 0 && find(strategy, counted, context, left) instanceof Outcome.Done<Found> done && !done.value().cut()
                && done.value().findings().stream().allMatch(Attribution.class::isInstance) ? attributions(done.value()) : List.of();
    }

    /** Positions that contributions may have. */
    private static int size(Instance instance) {
        if (instance instanceof SequenceInstance s) {
            return s.length();
        }
        return instance instanceof TableInstance t ? t.length() : ((ImageInstance) instance).height() * ((ImageInstance) instance).width();
    }

    /** @param by who answered: not the one that was asked when that was replaced meanwhile @param cut whether it was told to come to an end */
    private record Found(InstalledStrategy by, List<Finding> findings, boolean cut) {}

    private Outcome<Found> find(InstalledStrategy asked, CountingModel counted, ExplanationContext context, long deadlineMillis) {
        Instance instance = context.instance();
        int[] targets = context.targets();
        RankedScore[] scores = counted.score(List.of(instance), targets, new BitSet(), false)[0];
        FindingCheck check = new FindingCheck(targets, Stream.of(scores).mapToDouble(RankedScore::score).toArray(), size(instance));
        ModelView view = new ModelView(counted, context.schema().targets().size());
        counted.allow(context.budget() + Math.max(8, context.budget() / 10));
        try {
            return bulkhead.call(asked, view, deadlineMillis, (strategy, over) -> {
                Support support = strategy.supports(view, instance);
                if (!support.supported()) {
                    throw new WhereforeException(ErrorCode.UNSUPPORTED, "/explain/strategy",
                            "strategy '" + strategy.name() + "' can't explain " + view.info().engine() + ": " + support.reason(), null);
                }
                AtomicBoolean cut = new AtomicBoolean();
                List<Finding> findings = check.check(strategy.explain(context.withModel(view).cancelledBy(() -> {
                    boolean now = over.getAsBoolean();
                    if (now) {
                        cut.set(true);
                    }
                    return now;
                })));
                return new Found(strategy, findings, cut.get());
            });
        } finally {
            counted.allow(Integer.MAX_VALUE);
        }
    }

    private static List<Measured> nothing(InstalledStrategy strategy, CountingModel counted, List<Output> outputs,
            ExplanationRequest request, Outcome<?> outcome) {
        String status = outcome instanceof Outcome.Late ? Explanation.PARTIAL : Explanation.FAILED;
        return outputs.stream().map(o -> new Measured(new Explanation(status, outcome.why(), strategy.name(),
                strategy.version(), request.seed(), counted.info(), null, List.of(), 0,
                Quality.unmeasured(counted.evaluations())), null, 0)).toList();
    }

    /** Explanations of outputs that nothing personal led to. */
    public static List<Explanation> fallback(Model model, List<Output> outputs, String reason, Population population,
            ExplanationRequest request) {
        List<Explanation> out = new ArrayList<>();
        for (Output o : outputs) {
            ClaimAudit.Audited a = ClaimAudit.fallback(o, reason, population);
            out.add(new Explanation(Explanation.COMPLETE, "", "fallback", "1.0.0", request.seed(), model.info(), null, a.claims(),
                    a.withheld(), new Quality(Double.NaN, 1, 0)));
        }
        return out;
    }
}
