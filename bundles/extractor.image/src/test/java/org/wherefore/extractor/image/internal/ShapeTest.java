package org.wherefore.extractor.image.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.wherefore.api.data.Picture;

class ShapeTest {
    private static Picture noise(int channels, int height, int width) {
        Random random = new Random(3);
        float[] samples = new float[channels * height * width];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = random.nextFloat();
        }
        return new Picture(channels, height, width, samples);
    }

    private static double mean(float[] values) {
        double sum = 0;
        for (float v : values) {
            sum += v;
        }
        return sum / values.length;
    }

    @Test
    void aPictureOfTheRightSizeStaysAsItIs() {
        Picture p = noise(1, 28, 28);
        assertThat(new Shape(28, false, 1).apply(p)).containsExactly(p.samples());
        assertThat(new Shape(28, true, 1).apply(p)).containsExactly(p.samples());
    }

    @Test
    void averagingKeepsTheMeanExactlyWhateverTheFactor() {
        for (int side : new int[] {28, 29, 41, 56, 100, 257}) {
            Picture p = noise(1, side, side);
            assertThat(mean(new Shape(28, false, 1).apply(p))).as("side %d", side).isCloseTo(mean(p.samples()), within(1e-6));
        }
        // Two by two into one.
        Picture p = noise(1, 56, 56);
        assertThat(new Shape(28, false, 1).apply(p)[29]).isCloseTo((p.sample(0, 2, 2) + p.sample(0, 2, 3) + p.sample(0, 3, 2)
                + p.sample(0, 3, 3)) / 4, within(1e-6f));
    }

    @Test
    void enlargingInterpolatesLinearlyBetweenCentres() {
        // A ramp stays a ramp, but for its flat ends.
        float[] ramp = new float[14 * 14];
        for (int i = 0; i < ramp.length; i++) {
            ramp[i] = i % 14 / 13f;
        }
        float[] large = new Shape(28, false, 1).apply(new Picture(1, 14, 14, ramp));
        assertThat(large[0]).isZero();
        assertThat(large[27]).isEqualTo(1);
        for (int x = 1; x < 27; x++) {
            assertThat(large[5 * 28 + x]).isCloseTo((float) (((x + .5) / 2 - .5) / 13), within(1e-6f));
        }
    }

    @Test
    void cropsToTheMiddleAndPadsWithBlack() {
        float[] wide = new float[28 * 84];
        for (int y = 0; y < 28; y++) {
            java.util.Arrays.fill(wide, y * 84 + 28, y * 84 + 56, 1);
        }
        Picture p = new Picture(1, 28, 84, wide);
        assertThat(mean(new Shape(28, false, 1).apply(p))).isEqualTo(1);
        float[] padded = new Shape(28, true, 1).apply(p);
        assertThat(mean(padded)).isCloseTo(mean(wide) / 3, within(1e-6));
        assertThat(padded[0]).isZero();
        assertThat(padded[14 * 28 + 14]).isCloseTo(1, within(1e-6f));
        // An odd remainder is shared between both sides.
        assertThat(mean(new Shape(28, true, 1).apply(new Picture(1, 28, 29, ones(28 * 29))))).isCloseTo(28 / 29.0, within(1e-6));
    }

    private static float[] ones(int n) {
        float[] v = new float[n];
        java.util.Arrays.fill(v, 1);
        return v;
    }

    @Test
    void coloursBecomeTheirLuminanceAndGreyStandsInAllChannels() {
        Picture p = noise(3, 28, 28);
        assertThat(new Shape(28, false, 1).apply(p)[7]).isCloseTo(.299f * p.sample(0, 0, 7) + .587f * p.sample(1, 0, 7) + .114f
                * p.sample(2, 0, 7), within(1e-6f));
        float[] three = new Shape(28, false, 3).apply(noise(1, 28, 28));
        assertThat(three[7]).isEqualTo(three[7 + 784]).isEqualTo(three[7 + 2 * 784]);
    }
}
