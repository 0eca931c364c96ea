package org.wherefore.core.internal.predict;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.function.BooleanSupplier;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameters;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.claim.Population;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Explanation;
import org.wherefore.api.explain.ExplanationRequest;
import org.wherefore.api.explain.Quality;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.Model;
import org.wherefore.core.internal.claim.ClaimAudit;

/** Runs a strategy and the claim audit for all outputs of one prediction. Stateless. */
public final class ExplanationMaker {
    private ExplanationMaker() {}

    /**
     * Explanations of personal outputs, in order.
     *
     * @throws WhereforeException {@code UNSUPPORTED} when the strategy can't explain this model, with its reason
     */
    public static List<Explanation> personal(DomainPack pack, Explainer explainer, Model model, FeatureSchema schema,
            SequenceInstance instance, BitSet excluded, List<Output> outputs, Population population, ExplanationRequest request) {
        Support support = explainer.supports(model, instance);
        if (!support.supported()) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "/explain/strategy",
                    "strategy '" + explainer.name() + "' can't explain " + model.info().engine() + ": " + support.reason(), null);
        }
        long deadline = System.nanoTime() + request.deadlineMillis() * 1_000_000;
        BooleanSupplier late = () -> System.nanoTime() - deadline > 0;
        CountingModel counted = new CountingModel(model);
        int[] targets = outputs.stream().mapToInt(Output::index).toArray();
        Parameters parameters = Parameters.bind("/explain/parameters/", explainer.parameters(), request.parameters());
        ExplanationContext context = ExplanationContext.of(counted, schema, instance, targets).withRanking(excluded, outputs.size())
                .withParameters(parameters).withSeed(request.seed()).withBudget(request.budget()).cancelledBy(late);
        List<Attribution> attributions = explainer.explain(context).stream().map(Attribution.class::cast).toList();
        boolean partial = late.getAsBoolean()
                || attributions.stream().anyMatch(a -> a.contributions().size() < instance.length());
        List<ClaimAudit.Audited> audited = new ClaimAudit(counted, schema, instance, excluded, population,
                new HashSet<>(pack.claimKinds()), request.seed()).personal(attributions, outputs);
        List<Explanation> out = new ArrayList<>();
        for (int i = 0; i < outputs.size(); i++) {
            ClaimAudit.Audited a = audited.get(i);
            out.add(new Explanation(partial ? Explanation.PARTIAL : Explanation.COMPLETE, partial ? "time or budget ran out" : "", explainer.name(), explainer.version(), request.seed(),
                    model.info(), attributions.get(i), a.claims(), a.withheld(),
                    new Quality(a.fidelity(), stability(attributions.get(i)), counted.evaluations())));
        }
        return out;
    }

    /** Known without repeating anything where there is no sampling error. */
    private static double stability(Attribution attribution) {
        return attribution.contributions().stream().allMatch(c -> c.stdError() == 0) ? 1 : Double.NaN;
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
