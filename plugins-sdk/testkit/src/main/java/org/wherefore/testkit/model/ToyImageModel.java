package org.wherefore.testkit.model;

import java.util.stream.IntStream;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.ImageInstance;

/**
 * A linear model of images: {@code bias + sum over channels and pixels of weight x value}, for its single target. What a set of pixels
 * adds when others take their place is exactly the difference of the scores, whichever other pixels are there: the Shapley value
 * of each region. Immutable and thread-safe until closed.
 */
public final class ToyImageModel extends ToyFunction<ImageInstance> {
    private final double bias;
    private final double[] weight;

    private ToyImageModel(FeatureSchema schema, double bias, double[] weight) {
        super(schema, ImageInstance.class);
        this.bias = bias;
        this.weight = weight;
    }

    /**
     * @param schema of one target
     * @param weight in the order of {@link ImageInstance#values}
     */
    public static ToyImageModel linear(FeatureSchema schema, double bias, double[] weight) {
        if (schema.targets().size() != 1) {
            throw new IllegalArgumentException("one target, got " + schema.targets().size());
        }
        return new ToyImageModel(schema, bias, weight.clone());
    }

    @Override
    public double scoreOf(ImageInstance image, int target) {
        float[] values = image.values();
        if (values.length != weight.length) {
            throw new IllegalArgumentException(weight.length + " weights but an image of " + values.length + " values");
        }
        return bias + IntStream.range(0, weight.length).mapToDouble(i -> weight[i] * values[i]).sum();
    }
}
