package org.wherefore.explainer.examples.internal;

import org.osgi.framework.Version;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.EvidenceContract;

class ExamplesExplainerContractTest extends EvidenceContract {
    @Override
    protected Explainer explainer() {
        return new ExamplesExplainer(new Version(1, 0, 0));
    }
}
