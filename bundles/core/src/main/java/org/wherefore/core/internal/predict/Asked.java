package org.wherefore.core.internal.predict;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.wherefore.api.claim.Population;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.Model;
import org.wherefore.core.internal.claim.ClaimAudit;
import org.wherefore.core.internal.claim.Claims;
import org.wherefore.core.internal.claim.ContrastClaims;

/**
 * Outputs of a model, and all that explaining them needs besides the strategy.
 *
 * @param model leased by the caller until the explanations are made
 * @param excluded targets that were not ranked; not modified
 * @param outputs to explain
 * @param kinds of claims that the domain pack wants
 * @param claims on attributions of the outputs
 * @param shown outputs that the reader was shown, of which those explained are some
 * @param cases of the model version
 * @param contrast index of the target that the outputs are compared with, -1 for none
 */
public record Asked(Model model, FeatureSchema schema, Instance instance, BitSet excluded, List<Output> outputs, Set<String> kinds,
        Claims claims, int shown, List<Example> cases, int contrast) {
    public Asked {
        outputs = List.copyOf(outputs);
        kinds = Set.copyOf(kinds);
        cases = List.copyOf(cases);
    }

    /** Of a person's history: claims on what the person did, or on what makes one output come before another. */
    public static Asked ofHistory(DomainPack pack, Model model, FeatureSchema schema, SequenceInstance instance, BitSet excluded,
            List<Output> outputs, Population population, int shown, List<Example> cases, int contrast) {
        Set<String> kinds = new HashSet<>(pack.claimKinds());
        Claims claims;
        if (contrast < 0) {
            claims = (counted, attributions, seed) -> new ClaimAudit(counted, schema, instance, excluded, population, kinds, seed)
                    .personal(attributions, outputs);
        } else if (kinds.contains("contrast")) {
            claims = (counted, attributions, seed) -> new ContrastClaims(counted, schema, instance, seed, schema.targets().get(contrast))
                    .of(attributions, outputs);
        } else {
            claims = (counted, attributions, seed) -> ClaimAudit.none(attributions.size());
        }
        return new Asked(model, schema, instance, excluded, outputs, kinds, claims, shown, cases, contrast);
    }

    /** All outputs shown, of a model without cases, compared with none. */
    public static Asked ofHistory(DomainPack pack, Model model, FeatureSchema schema, SequenceInstance instance, BitSet excluded,
            List<Output> outputs, Population population) {
        return ofHistory(pack, model, schema, instance, excluded, outputs, population, outputs.size(), List.of(), -1);
    }

    boolean compares() {
        return contrast >= 0;
    }

    int[] targets() {
        return outputs.stream().mapToInt(Output::index).toArray();
    }
}
