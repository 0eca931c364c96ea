package org.wherefore.explainer.lime.internal;

import org.osgi.framework.Version;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.ExplainerContract;

/** The same with too small a budget for all histories without some of seven events. */
class SampledLimeExplainerContractTest extends ExplainerContract {
    @Override
    protected Explainer explainer() {
        return new LimeExplainer(new Version(1, 0, 0));
    }

    @Override
    protected int ampleBudget(int events) {
        return 12 * (events + 1);
    }
}
