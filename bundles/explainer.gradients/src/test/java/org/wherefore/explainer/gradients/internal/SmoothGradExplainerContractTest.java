package org.wherefore.explainer.gradients.internal;

import org.osgi.framework.Version;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.ExplainerContract;

class SmoothGradExplainerContractTest extends ExplainerContract {
    @Override
    protected Explainer explainer() {
        return new SmoothGradExplainer(new Version(1, 0, 0));
    }
}
