package org.wherefore.explainer.gradients.internal;

import org.osgi.framework.Version;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.ExplainerContract;

class IntegratedGradientsExplainerContractTest extends ExplainerContract {
    @Override
    protected Explainer explainer() {
        return new IntegratedGradientsExplainer(new Version(1, 0, 0));
    }
}
