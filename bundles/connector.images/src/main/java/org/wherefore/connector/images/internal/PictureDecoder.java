package org.wherefore.connector.images.internal;

import java.util.LinkedHashMap;
import java.util.Map;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Picture;
import org.wherefore.api.data.spi.ImageDecoder;

/**
 * PNG and JPEG. Thread-safe; keeps nothing, writes no file. A header that claims more than {@link #MAX_SAMPLES} samples is refused
 * before anything is allocated for them; so is a file that is cut short, contradicts itself, or goes on behind its image.
 * What a file holds besides its samples (comments, profiles, thumbnails, positions) is not read and does not come out.
 *
 * <p>A colour image whose three channels are equal everywhere becomes a grey picture. Transparent pixels stand on black.
 */
@Component(service = ImageDecoder.class)
public final class PictureDecoder implements ImageDecoder {
    /** Most samples (pixels times channels) of one image. */
    static final int MAX_SAMPLES = 24 << 20;
    /** Most bytes of one file. */
    static final int MAX_BYTES = 128 << 20;
    static final String POINTER = "/image";

    @Activate
    public PictureDecoder() {
        // Stateless.
    }

    @Override
    public String name() {
        return "png-jpeg";
    }

    @Override
    public boolean supports(byte[] head) {
        return Png.is(head) || Jpeg.is(head);
    }

    @Override
    public Decoded decode(byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            throw refuse("a file of " + bytes.length + " bytes; at most " + MAX_BYTES);
        }
        boolean png = Png.is(bytes);
        if (!png && !Jpeg.is(bytes)) {
            throw refuse("neither PNG nor JPEG: its first bytes are those of another format");
        }
        Samples s = png ? Png.decode(bytes) : Jpeg.decode(bytes);
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("format", png ? "png" : "jpeg");
        tags.put("bits", Integer.toString(s.bits()));
        tags.put("stored", s.channels() == 1 ? "grey" : "colour");
        return new Decoded(s.picture(), tags);
    }

    /** @throws WhereforeException when the image has too many pixels, or none */
    static void checkSize(long width, long height, int channels) {
        if (width < 1 || height < 1) {
            throw refuse("the header says " + width + " x " + height + " pixels; an image has at least one");
        }
        if (width > MAX_SAMPLES || height > MAX_SAMPLES || width * height > MAX_SAMPLES / channels) {
            throw refuse("the header says " + width + " x " + height + " pixels with " + channels + " channels; at most " + MAX_SAMPLES
                    + " samples are decoded: make it smaller");
        }
    }

    static WhereforeException refuse(String message) {
        return WhereforeException.invalid(POINTER, message);
    }

    static WhereforeException refuse(String message, Throwable cause) {
        return new WhereforeException(org.wherefore.api.ErrorCode.INVALID_INPUT, POINTER, message, cause);
    }

    /** Samples of 0 to 1, channel by channel. */
    record Samples(int channels, int height, int width, int bits, float[] values) {
        Picture picture() {
            int plane = height * width;
            if (channels == 3) {
                boolean grey = true;
                for (int i = 0; i < plane && grey; i++) {
                    grey = values[i] == values[plane + i] && values[i] == values[2 * plane + i];
                }
                if (grey) {
                    return new Picture(1, height, width, java.util.Arrays.copyOf(values, plane));
                }
            }
            return new Picture(channels, height, width, values);
        }
    }
}
