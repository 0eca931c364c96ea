package org.wherefore.engine.dl4j.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.tck.EngineContract;

class ImageTransformerEngineContractTest extends EngineContract {
    @Override
    protected Engine engine() {
        return new ImageTransformerEngine();
    }

    @Override
    protected Map<String, String> parameters() {
        return Map.of("dim", "8", "blocks", "2", "heads", "2", "window", "4", "stride", "3", "epochs", "2", "batchSize", "32", "warmup", "2");
    }

    @Override
    protected FeatureSchema schema(int targets) {
        return FeatureSchema.of(List.of(new FeatureSpec("picture", "image", "image", false, false, false, "Picture")),
                IntStream.range(0, targets).mapToObj(i -> "t" + i).toList());
    }

    /** Noise with a bright spot whose place tells the target. */
    @Override
    protected List<Example> examples(int count, long seed) {
        Random random = new Random(seed);
        List<Example> out = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int target = random.nextInt(schema().targets().size());
            float[] pixels = new float[10 * 9];
            for (int p = 0; p < pixels.length; p++) {
                pixels[p] = random.nextFloat();
            }
            pixels[target * 11 + 4] = 5;
            out.add(new Example(new ImageInstance(1, 10, 9, pixels), random.nextInt(10) == 0 ? Example.NONE : target));
        }
        return out;
    }

    @Override
    protected List<? extends Instance> instances() {
        return examples(3, 9).stream().map(Example::instance).toList();
    }
}
