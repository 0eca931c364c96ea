package org.wherefore.core.internal.predict;

import java.util.List;

import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.spi.Model;
import org.wherefore.core.internal.claim.ClaimAudit;
import org.wherefore.core.internal.claim.CounterfactualClaims;
import org.wherefore.core.internal.claim.ExampleClaims;

/** What is done with findings that are no attributions. Stateless. */
final class OtherFindings {
    private OtherFindings() {}

    /** @param model the asked one, counted @return one result per finding, in order */
    static List<ClaimAudit.Audited> audit(Asked asked, Model model, List<Finding> findings) {
        if (asked.instance() instanceof SequenceInstance history && findings.stream().allMatch(Counterfactual.class::isInstance)
                && asked.kinds().contains("counterfactual")) {
            return CounterfactualClaims.of(findings.stream().map(Counterfactual.class::cast).toList(), asked.outputs(), model, asked.schema(),
                    history, asked.excluded(), asked.shown());
        }
        if (findings.stream().allMatch(Evidence.class::isInstance) && asked.kinds().contains("example")) {
            return ExampleClaims.of(findings.stream().map(Evidence.class::cast).toList(), asked.outputs(), asked.schema(), asked.cases());
        }
        return findings.stream().map(f -> new ClaimAudit.Audited(List.of(), 0, Double.NaN)).toList();
    }

    /** Why a finding does not say all that was asked; empty when it does. */
    static String missing(Finding finding, Asked asked) {
        if (finding instanceof Counterfactual c && !c.found() && c.rank() <= asked.shown()) {
            return "no change was found within the budget that takes it out of the " + asked.shown() + " shown";
        }
        if (finding instanceof Evidence && asked.cases().isEmpty()) {
            return "this model version keeps no cases of its training; one that is trained now does";
        }
        return "";
    }
}
