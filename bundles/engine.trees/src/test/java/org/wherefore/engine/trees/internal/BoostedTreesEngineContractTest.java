package org.wherefore.engine.trees.internal;

import java.util.Map;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.tck.TableEngineContract;

class BoostedTreesEngineContractTest extends TableEngineContract {
    @Override
    protected Engine engine() {
        return new BoostedTreesEngine();
    }

    @Override
    protected Map<String, String> parameters() {
        return Map.of("rounds", "20");
    }

    @Override
    protected int threads() {
        return 2;
    }
}
