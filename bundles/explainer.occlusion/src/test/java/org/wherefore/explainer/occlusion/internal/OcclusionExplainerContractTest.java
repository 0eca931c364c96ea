package org.wherefore.explainer.occlusion.internal;

import org.osgi.framework.Version;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.ExplainerContract;

class OcclusionExplainerContractTest extends ExplainerContract {
    @Override
    protected Explainer explainer() {
        return new OcclusionExplainer(new Version(1, 0, 0));
    }
}
