package org.wherefore.api.explain.spi;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.spi.Model;

/** Says what each part of an input contributed. Thread-safe; keeps neither model nor input after the call. */
@ConsumerType
public interface Explainer {
    String name();

    String version();

    List<Parameter> parameters();

    /** Whether it can explain this model; if not, why. */
    Support supports(Model model, Instance instance);

    /**
     * Attributes each target's score to the parts of the instance, all targets in shared batches.
     *
     * @param seed the only source of randomness
     * @param budget model evaluations allowed
     * @param cancelled asked between batches; when true, what is known so far is returned
     * @return one per target, in the order given
     */
    List<Attribution> explain(Model model, FeatureSchema schema, Instance instance, int[] targets, long seed, int budget,
            java.util.function.BooleanSupplier cancelled);
}
