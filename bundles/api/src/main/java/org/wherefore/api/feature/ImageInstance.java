package org.wherefore.api.feature;

import java.util.Arrays;

/**
 * An image as model input: {@code channels x height x width} numbers in the unit that the extractor of the model chose, channel by
 * channel, each row by row from the top left. Immutable.
 */
public final class ImageInstance implements Instance {
    private final int channels;
    private final int height;
    private final int width;
    private final float[] values;

    /**
     * @param values {@code values[(channel * height + y) * width + x]}
     * @throws IllegalArgumentException when a size is under 1, their product is not the number of values, or a value is not finite
     */
    public ImageInstance(int channels, int height, int width, float[] values) {
        if (channels < 1 || height < 1 || width < 1 || (long) channels * height * width != values.length) {
            throw new IllegalArgumentException(channels + " x " + height + " x " + width + " (channels, height, width) but "
                    + values.length + " values");
        }
        for (int i = 0; i < values.length; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException("value " + i + " is " + values[i] + "; values of an image are finite");
            }
        }
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.values = values.clone();
    }

    public int channels() {
        return channels;
    }

    public int height() {
        return height;
    }

    public int width() {
        return width;
    }

    public float value(int channel, int y, int x) {
        return values[(channel * height + y) * width + x];
    }

    /** A copy. */
    public float[] values() {
        return values.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof ImageInstance i && channels == i.channels && height == i.height && Arrays.equals(values, i.values);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * channels + height) + Arrays.hashCode(values);
    }
}
