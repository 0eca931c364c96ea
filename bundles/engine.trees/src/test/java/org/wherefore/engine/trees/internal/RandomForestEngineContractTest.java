package org.wherefore.engine.trees.internal;

import java.util.List;
import java.util.Map;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.tck.EngineContract;
import org.wherefore.testkit.data.Tables;

class RandomForestEngineContractTest extends EngineContract {
    @Override
    protected Engine engine() {
        return new RandomForestEngine();
    }

    @Override
    protected Map<String, String> parameters() {
        return Map.of("trees", "20");
    }

    @Override
    protected int threads() {
        return 2;
    }

    @Override
    protected FeatureSchema schema() {
        return Rows.SCHEMA;
    }

    @Override
    protected List<? extends Instance> instances() {
        return List.of(Tables.row(schema(), 1), Tables.row(schema(), 2).with(0, Double.NaN), Tables.row(schema(), 3).with(2, Double.NaN));
    }

    @Override
    protected List<Example> examples(int count, long seed) {
        return Tables.answered(schema(), count, seed);
    }
}
