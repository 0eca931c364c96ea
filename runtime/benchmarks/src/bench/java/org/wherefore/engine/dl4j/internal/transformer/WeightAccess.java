package org.wherefore.engine.dl4j.internal.transformer;

import java.util.Map;

/** Puts given weights into a model; stands in the engine's package because only benchmarks want that. */
public final class WeightAccess {
    private WeightAccess() {}

    public static void set(Transformer model, Map<String, float[]> weights) {
        for (Layout.Entry e : model.layout.entries) {
            float[] values = weights.get(e.name());
            if (values == null || values.length != e.size()) {
                throw new IllegalStateException("the engine's parameter '" + e.name() + "' has " + e.size()
                        + " values, the benchmark's shape does not");
            }
            System.arraycopy(values, 0, model.parameters, e.offset(), values.length);
        }
        model.refresh();
    }
}
