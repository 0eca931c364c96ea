package org.wherefore.engine.classic.internal;

import org.wherefore.api.model.spi.Engine;
import org.wherefore.tck.TableEngineContract;

class LogisticRegressionEngineContractTest extends TableEngineContract {
    @Override
    protected Engine engine() {
        return new LogisticRegressionEngine();
    }
}
