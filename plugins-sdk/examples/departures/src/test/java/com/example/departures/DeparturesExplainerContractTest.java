package com.example.departures;

import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.tck.ExplainerContract;

class DeparturesExplainerContractTest extends ExplainerContract {
    @Override
    protected Explainer explainer() {
        return new DeparturesExplainer();
    }
}
