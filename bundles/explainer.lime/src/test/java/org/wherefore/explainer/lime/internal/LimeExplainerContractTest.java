package org.wherefore.explainer.lime.internal;

import org.osgi.framework.Version;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.ExplainerContract;

class LimeExplainerContractTest extends ExplainerContract {
    @Override
    protected Explainer explainer() {
        return new LimeExplainer(new Version(1, 0, 0));
    }
}
