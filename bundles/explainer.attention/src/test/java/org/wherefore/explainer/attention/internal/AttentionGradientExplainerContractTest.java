package org.wherefore.explainer.attention.internal;

import org.osgi.framework.Version;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.ExplainerContract;

class AttentionGradientExplainerContractTest extends ExplainerContract {
    @Override
    protected Explainer explainer() {
        return new AttentionGradientExplainer(new Version(1, 0, 0));
    }

    /** Where a model looks is not what it adds up: no more than the largest difference of the toy model is promised. */
    @Override
    protected double additiveTolerance() {
        return 12;
    }
}
