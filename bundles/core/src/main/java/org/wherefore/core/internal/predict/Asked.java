package org.wherefore.core.internal.predict;

import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.wherefore.api.claim.Population;
import org.wherefore.api.domain.spi.DomainPack;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.spi.Model;

/**
 * Outputs of a model, and all that explaining them needs besides the strategy.
 *
 * @param model leased by the caller until the explanations are made
 * @param excluded targets that were not ranked; not modified
 * @param outputs to explain
 * @param shown outputs that the reader was shown, of which those explained are some
 * @param cases of the model version
 * @param contrast index of the target that the outputs are compared with, -1 for none
 */
public record Asked(DomainPack pack, Model model, FeatureSchema schema, SequenceInstance instance, BitSet excluded, List<Output> outputs,
        Population population, int shown, List<Example> cases, int contrast) {
    public Asked {
        outputs = List.copyOf(outputs);
        cases = List.copyOf(cases);
    }

    /** All outputs shown, of a model without cases, compared with none. */
    public Asked(DomainPack pack, Model model, FeatureSchema schema, SequenceInstance instance, BitSet excluded, List<Output> outputs,
            Population population) {
        this(pack, model, schema, instance, excluded, outputs, population, outputs.size(), List.of(), -1);
    }

    boolean compares() {
        return contrast >= 0;
    }

    /** The claim kinds the domain pack wants. */
    Set<String> kinds() {
        return new HashSet<>(pack.claimKinds());
    }

    int[] targets() {
        return outputs.stream().mapToInt(Output::index).toArray();
    }
}
