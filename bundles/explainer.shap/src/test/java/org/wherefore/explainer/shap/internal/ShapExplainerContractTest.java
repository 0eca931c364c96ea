package org.wherefore.explainer.shap.internal;

import org.osgi.framework.Version;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.ExplainerContract;

class ShapExplainerContractTest extends ExplainerContract {
    @Override
    protected Explainer explainer() {
        return new ShapExplainer(new Version(1, 0, 0));
    }
}
