package org.wherefore.core.internal.claim;

import java.util.List;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.model.spi.Model;

/** What can be said about the outputs of one prediction, tested on the model that made it. Thread-safe. */
@FunctionalInterface
public interface Claims {
    /** @param model counts what it is asked @return one result per attribution, in order */
    List<ClaimAudit.Audited> of(Model model, List<Attribution> attributions, long seed);
}
