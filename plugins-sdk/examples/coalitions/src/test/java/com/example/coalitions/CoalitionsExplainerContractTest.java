package com.example.coalitions;

import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.ExplainerContract;

class CoalitionsExplainerContractTest extends ExplainerContract {
    @Override
    protected Explainer explainer() {
        return new CoalitionsExplainer();
    }
}
