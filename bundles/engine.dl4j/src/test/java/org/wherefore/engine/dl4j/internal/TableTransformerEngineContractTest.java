package org.wherefore.engine.dl4j.internal;

import java.util.Map;

import org.wherefore.api.model.spi.Engine;
import org.wherefore.tck.TableEngineContract;

class TableTransformerEngineContractTest extends TableEngineContract {
    @Override
    protected Engine engine() {
        return new TableTransformerEngine();
    }

    @Override
    protected Map<String, String> parameters() {
        return Map.of("dim", "8", "blocks", "2", "heads", "2", "bins", "4", "epochs", "2", "batchSize", "32", "warmup", "2");
    }
}
