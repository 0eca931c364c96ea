package org.wherefore.explainer.counterfactual.internal;

import org.osgi.framework.Version;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.CounterfactualContract;

class CounterfactualExplainerContractTest extends CounterfactualContract {
    @Override
    protected Explainer explainer() {
        return new CounterfactualExplainer(new Version(1, 0, 0));
    }
}
