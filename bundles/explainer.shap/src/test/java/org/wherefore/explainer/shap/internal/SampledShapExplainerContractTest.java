package org.wherefore.explainer.shap.internal;

import org.osgi.framework.Version;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.ExplainerContract;

/** The same with too small a budget for exact values of seven events. */
class SampledShapExplainerContractTest extends ExplainerContract {
    @Override
    protected Explainer explainer() {
        return new ShapExplainer(new Version(1, 0, 0));
    }

    @Override
    protected int ampleBudget(int events) {
        return 8 * (events + 1);
    }
}
