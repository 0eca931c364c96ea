package org.wherefore.api.data;

import java.util.Arrays;

/**
 * A decoded image, as a connector gives it: {@code channels x height x width} samples from 0 (black) to 1, channel by channel, each
 * row by row from the top left. One channel is grey, three are red, green, blue. A reader of medical images has applied rescaling
 * and window already. Immutable.
 */
public final class Picture {
    /** Most samples of one picture, a bound on what a request can make the platform hold. */
    public static final int MAX_SAMPLES = 64 << 20;
    private final int channels;
    private final int height;
    private final int width;
    private final float[] samples;

    /**
     * @param channels 1 or 3
     * @param samples {@code samples[(channel * height + y) * width + x]}
     * @throws IllegalArgumentException when a size is under 1, their product is not the number of samples or over
     *         {@link #MAX_SAMPLES}, or a sample is not within 0 and 1
     */
    public Picture(int channels, int height, int width, float[] samples) {
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException("a picture has 1 or 3 channels, got " + channels);
        }
        if (height < 1 || width < 1 || (long) channels * height * width != samples.length || samples.length > MAX_SAMPLES) {
            throw new IllegalArgumentException(channels + " x " + height + " x " + width + " (channels, height, width) but "
                    + samples.length + " samples; at most " + MAX_SAMPLES);
        }
        for (int i = 0; i < samples.length; i++) {
            if (!(samples[i] >= 0 && samples[i] <= 1)) {
                throw new IllegalArgumentException("sample " + i + " is " + samples[i] + "; samples are 0 to 1");
            }
        }
        this.channels = channels;
        this.height = height;
        this.width = width;
        this.samples = samples.clone();
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

    public float sample(int channel, int y, int x) {
        return samples[(channel * height + y) * width + x];
    }

    /** A copy. */
    public float[] samples() {
        return samples.clone();
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Picture p && channels == p.channels && height == p.height && Arrays.equals(samples, p.samples);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * channels + height) + Arrays.hashCode(samples);
    }

    @Override
    public String toString() {
        return "picture of " + width + " x " + height + (channels == 1 ? ", grey" : ", colour");
    }
}
