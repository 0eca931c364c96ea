package org.wherefore.core.internal.predict;

import java.util.BitSet;
import java.util.List;
import java.util.Set;

import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.Model;
import org.wherefore.core.internal.claim.ClaimAudit;
import org.wherefore.core.internal.claim.CounterfactualClaims;
import org.wherefore.core.internal.claim.ExampleClaims;

/** What is done with findings that are no attributions. Stateless. */
final class OtherFindings {
    private OtherFindings() {}

    /** @param kinds the claim kinds the domain pack wants @return one result per finding, in order */
    static List<ClaimAudit.Audited> audit(List<Finding> findings, List<Output> outputs, Model model, FeatureSchema schema,
            SequenceInstance instance, BitSet excluded, Setting setting, Set<String> kinds) {
        if (findings.stream().allMatch(Counterfactual.class::isInstance) && kinds.contains("counterfactual")) {
            return CounterfactualClaims.of(findings.stream().map(Counterfactual.class::cast).toList(), outputs, model, schema, instance, excluded,
                    setting.shown());
        }
        if (findings.stream().allMatch(Evidence.class::isInstance) && kinds.contains("example")) {
            return ExampleClaims.of(findings.stream().map(Evidence.class::cast).toList(), outputs, schema, setting.cases());
        }
        return findings.stream().map(f -> new ClaimAudit.Audited(List.of(), 0, Double.NaN)).toList();
    }

    /** Why a finding does not say all that was asked; empty when it does. */
    static String missing(Finding finding, Setting setting) {
        if (finding instanceof Counterfactual c && !c.found() && c.rank() <= setting.shown()) {
            return "no change was found within the budget that takes it out of the " + setting.shown() + " shown";
        }
        if (finding instanceof Evidence && setting.cases().isEmpty()) {
            return "this model version keeps no cases of its training; one that is trained now does";
        }
        return "";
    }
}
