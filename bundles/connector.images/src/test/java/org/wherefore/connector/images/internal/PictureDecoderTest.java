package org.wherefore.connector.images.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Picture;

class PictureDecoderTest {
    private final PictureDecoder decoder = new PictureDecoder();

    private Picture picture(byte[] bytes) {
        assertThat(decoder.supports(Arrays.copyOf(bytes, Math.min(bytes.length, 512)))).isTrue();
        return decoder.decode(bytes).picture();
    }

    private static void same(Picture got, Raster wanted, double max) {
        assertThat(got.channels()).isEqualTo(wanted.getNumBands());
        for (int c = 0; c < got.channels(); c++) {
            for (int y = 0; y < got.height(); y++) {
                for (int x = 0; x < got.width(); x++) {
                    assertThat((double) got.sample(c, y, x)).isCloseTo(wanted.getSample(x, y, c) / max, within(1e-6));
                }
            }
        }
    }

    private void refused(byte[] bytes, String why) {
        assertThatThrownBy(() -> decoder.decode(bytes)).isInstanceOfSatisfying(WhereforeException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT);
            assertThat(e.pointer()).contains("/image");
            assertThat(e.getMessage()).contains(why);
        });
    }

    @Test
    void readsGreyColourAndDeepPngAsTheyWereWritten() {
        for (boolean interlaced : new boolean[] {false, true}) {
            for (int[] size : new int[][] {{1, 1}, {3, 2}, {17, 9}, {64, 65}}) {
                BufferedImage grey = TestImages.noise(size[0], size[1], BufferedImage.TYPE_BYTE_GRAY, 1);
                same(picture(TestImages.write(grey, "png", interlaced)), grey.getRaster(), 255);
                BufferedImage deep = TestImages.noise(size[0], size[1], BufferedImage.TYPE_USHORT_GRAY, 2);
                same(picture(TestImages.write(deep, "png", interlaced)), deep.getRaster(), 65_535);
                BufferedImage colour = TestImages.noise(size[0], size[1], BufferedImage.TYPE_INT_RGB, 3);
                same(picture(TestImages.write(colour, "png", interlaced)), colour.getRaster(), 255);
                BufferedImage bits = TestImages.noise(size[0], size[1], BufferedImage.TYPE_BYTE_BINARY, 4);
                same(picture(TestImages.write(bits, "png", interlaced)), bits.getRaster(), 1);
            }
        }
    }

    @Test
    void looksColoursUpAndPutsTransparentPixelsOnBlack() {
        BufferedImage indexed = TestImages.noise(20, 10, BufferedImage.TYPE_BYTE_INDEXED, 5);
        Picture got = picture(TestImages.write(indexed, "png", false));
        for (int y = 0; y < 10; y++) {
            for (int x = 0; x < 20; x++) {
                int argb = indexed.getRGB(x, y);
                int alpha = argb >>> 24;
                assertThat(got.sample(0, y, x)).isCloseTo((argb >> 16 & 255) / 255f * (alpha / 255f), within(1e-5f));
                assertThat(got.sample(2, y, x)).isCloseTo((argb & 255) / 255f * (alpha / 255f), within(1e-5f));
            }
        }
        BufferedImage faint = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        faint.setRGB(0, 0, 0x80ff0000);
        assertThat(picture(TestImages.write(faint, "png", false)).sample(0, 0, 0)).isCloseTo(128 / 255f, within(1e-6f));
    }

    @Test
    void aColourImageWithoutColoursIsGrey() {
        BufferedImage image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_RGB);
        image.setRGB(1, 1, 0x404040);
        assertThat(picture(TestImages.write(image, "png", false)).channels()).isEqualTo(1);
        assertThat(decoder.decode(TestImages.write(image, "png", false)).tags())
                .isEqualTo(Map.of("format", "png", "bits", "8", "stored", "colour"));
    }

    @Test
    void readsJpegSequentialAndProgressive() {
        BufferedImage image = new BufferedImage(40, 24, BufferedImage.TYPE_BYTE_GRAY);
        for (int y = 0; y < 24; y++) {
            for (int x = 0; x < 40; x++) {
                image.getRaster().setSample(x, y, 0, 5 * x + y);
            }
        }
        Picture sequential = picture(TestImages.write(image, "jpeg", false));
        Picture progressive = picture(TestImages.write(image, "jpeg", true));
        assertThat(sequential.toString()).isEqualTo("picture of 40 x 24, grey");
        for (Picture p : new Picture[] {sequential, progressive}) {
            assertThat(p.sample(0, 10, 20)).isCloseTo(110 / 255f, within(0.03f));
            assertThat(p.sample(0, 23, 39)).isCloseTo(218 / 255f, within(0.03f));
        }
        BufferedImage red = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        red.createGraphics().fillRect(0, 0, 0, 0);
        for (int i = 0; i < 256; i++) {
            red.setRGB(i % 16, i / 16, 0xc02010);
        }
        Picture colour = picture(TestImages.write(red, "jpeg", false));
        assertThat(colour.channels()).isEqualTo(3);
        assertThat(colour.sample(0, 8, 8)).isCloseTo(192 / 255f, within(0.03f));
        assertThat(colour.sample(2, 8, 8)).isCloseTo(16 / 255f, within(0.03f));
    }

    @Test
    void refusesAnImageBombByItsHeaderAlone() {
        byte[] header = ByteBuffer.allocate(13).putInt(100_000).putInt(100_000).put((byte) 8).put((byte) 2).array();
        byte[] png = TestImages.grey(7);
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        bomb.write(png, 0, 8);
        bomb.writeBytes(TestImages.chunk("IHDR", header));
        bomb.writeBytes(TestImages.chunk("IDAT", new byte[100]));
        bomb.writeBytes(TestImages.chunk("IEND", new byte[0]));
        refused(bomb.toByteArray(), "100000 x 100000 pixels");
        // Small enough to decode, but with too few bytes to be true.
        header = ByteBuffer.allocate(13).putInt(4_000).putInt(4_000).put((byte) 8).put((byte) 0).array();
        bomb = new ByteArrayOutputStream();
        bomb.write(png, 0, 8);
        bomb.writeBytes(TestImages.chunk("IHDR", header));
        bomb.writeBytes(TestImages.chunk("IDAT", new byte[100]));
        bomb.writeBytes(TestImages.chunk("IEND", new byte[0]));
        refused(bomb.toByteArray(), "can't hold them");
        byte[] jpeg = TestImages.write(new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY), "jpeg", false);
        for (int i = 0; i < jpeg.length - 9; i++) {
            if ((jpeg[i] & 0xff) == 0xff && (jpeg[i + 1] & 0xff) == 0xc0) {
                Arrays.fill(jpeg, i + 5, i + 9, (byte) 0xff);
            }
        }
        refused(jpeg, "65535 x 65535 pixels");
    }

    @Test
    void refusesWhatGoesOnBehindTheImage() {
        for (String format : new String[] {"png", "jpeg"}) {
            byte[] image = TestImages.write(TestImages.noise(8, 8, BufferedImage.TYPE_BYTE_GRAY, 6), format, false);
            byte[] both = Arrays.copyOf(image, image.length + 4);
            both[image.length] = 'P';
            both[image.length + 1] = 'K';
            refused(both, "behind the end");
        }
    }

    @Test
    void refusesEveryTruncationAndSurvivesEveryFlippedBit() {
        Random random = new Random(42);
        int flipped = 0;
        for (String format : new String[] {"png", "jpeg"}) {
            byte[] image = TestImages.write(TestImages.noise(9, 7, BufferedImage.TYPE_INT_RGB, 7), format, false);
            for (int n = 0; n < image.length; n++) {
                byte[] cut = Arrays.copyOf(image, n);
                assertThatThrownBy(() -> decoder.decode(cut)).as("%s cut to %d", format, n).isInstanceOf(WhereforeException.class);
            }
            for (int n = 0; n < 2_000; n++) {
                byte[] other = image.clone();
                for (int k = 0; k <= random.nextInt(3); k++) {
                    other[random.nextInt(other.length)] ^= (byte) (1 << random.nextInt(8));
                }
                try {
                    decoder.decode(other);
                } catch (WhereforeException e) {
                    assertThat(e.code()).isEqualTo(ErrorCode.INVALID_INPUT);
                    flipped++;
                }
            }
        }
        System.out.println("images: 4,000 damaged PNG and JPEG, " + flipped + " refused, the others decoded");
        refused(new byte[0], "neither PNG nor JPEG");
        refused("GIF89a".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1), "neither PNG nor JPEG");
    }
}
