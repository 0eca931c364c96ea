package org.wherefore.api.explain.spi;

import java.util.List;
import org.osgi.annotation.versioning.ConsumerType;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.spi.Model;

/** Says why a model answered as it did. Thread-safe; keeps neither model nor input after the call. */
@ConsumerType
public interface Explainer {
    String name();

    String version();

    List<Parameter> parameters();

    /** Whether it can explain this model; if not, why. */
    Support supports(Model model, Instance instance);

    /**
     * Explains each target of the context, all targets in shared batches. Blocks; asks {@link ExplanationContext#cancelled()} between
     * batches and then answers with what it knows.
     *
     * @return one finding per target, in the order given, all of one kind
     * @throws org.wherefore.api.WhereforeException {@code UNSUPPORTED} for what {@link #supports} denies, {@code INVALID_INPUT} for a budget that
     *         is too small or a parameter out of range
     */
    List<? extends Finding> explain(ExplanationContext context);
}
