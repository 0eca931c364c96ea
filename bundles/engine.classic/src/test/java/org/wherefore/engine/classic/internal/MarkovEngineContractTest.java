package org.wherefore.engine.classic.internal;

import org.wherefore.api.model.spi.Engine;
import org.wherefore.tck.EngineContract;

class MarkovEngineContractTest extends EngineContract {
    @Override
    protected Engine engine() {
        return new MarkovEngine();
    }
}
