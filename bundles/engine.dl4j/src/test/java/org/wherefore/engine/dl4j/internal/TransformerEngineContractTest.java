package org.wherefore.engine.dl4j.internal;

import java.util.Map;

import org.wherefore.api.model.spi.Engine;
import org.wherefore.tck.EngineContract;

class TransformerEngineContractTest extends EngineContract {
    @Override
    protected Engine engine() {
        return new TransformerEngine();
    }

    @Override
    protected Map<String, String> parameters() {
        return Map.of("dim", "8", "blocks", "1", "maxLength", "10", "epochs", "2", "batchSize", "32", "warmup", "2");
    }
}
