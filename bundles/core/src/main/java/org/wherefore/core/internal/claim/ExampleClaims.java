package org.wherefore.core.internal.claim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.wherefore.api.claim.Claim;
import org.wherefore.api.claim.ClaimTest;
import org.wherefore.api.claim.Verdict;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Evidence.Precedent;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.Output;

/**
 * Claims of kind {@code example}: so many of the most similar histories went on to the output. Counted from the model's cases, not
 * from what the strategy says of them; it holds when at least {@value #FEWEST} did, each of them another case, and a larger share than of all cases. Stateless,
 * thread-safe.
 */
public final class ExampleClaims {
    /** Fewest histories that a claim speaks of. */
    static final int FEWEST = 2;

    private ExampleClaims() {}

    /** @return one result per finding, in order */
    public static List<ClaimAudit.Audited> of(List<Evidence> findings, List<Output> outputs, FeatureSchema schema, List<Example> cases) {
        List<ClaimAudit.Audited> out = new ArrayList<>();
        for (int i = 0; i < findings.size(); i++) {
            Evidence e = findings.get(i);
            Output output = outputs.get(i);
            if (e.cases().stream().filter(Precedent::supports).count() < FEWEST) {
                out.add(new ClaimAudit.Audited(List.of(), 0, Double.NaN));
                continue;
            }
            boolean known = e.cases().stream().allMatch(p -> p.index() >= 0 && p.index() < cases.size()
                    && p.outcome().equals(schema.targets().get(cases.get(p.index()).target())));
            long supporting = !known ? 0 : e.cases().stream().map(Precedent::index).distinct().filter(n -> cases.get(n).target() == output.index()).count();
            long have = cases.stream().filter(c -> c.target() == output.index()).count();
            int of = e.cases().size();
            boolean holds = supporting >= FEWEST && (double) supporting / of > (double) have / cases.size();
            Claim claim = new Claim("example", output.target(), List.of(), Map.of("supporting", Long.toString(supporting), "of", Integer.toString(of)),
                    new ClaimTest("recount-cases", Map.of("supporting", (double) supporting, "of", (double) of, "have", (double) have,
                            "cases", (double) cases.size())), holds ? Verdict.SUPPORTED : Verdict.REFUTED);
            out.add(new ClaimAudit.Audited(holds ? List.of(claim) : List.of(), holds ? 0 : 1, Double.NaN));
        }
        return out;
    }
}
