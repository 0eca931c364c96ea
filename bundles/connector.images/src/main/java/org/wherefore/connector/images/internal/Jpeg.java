package org.wherefore.connector.images.internal;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.wherefore.connector.images.internal.PictureDecoder.Samples;

/**
 * JPEG of 8 bits, sequential or progressive, by the platform's ImageIO. The markers are walked first: sizes are checked, and only the
 * segments that samples depend on go on to ImageIO, which therefore sees no profile, comment, thumbnail or other payload. Stateless.
 */
final class Jpeg {
    /** Most scans: each goes over the whole image, so that a small file of many would keep a processor busy. */
    private static final int MAX_SCANS = 64;
    private static final int MAX_TRAILING_ZEROS = 4096;

    private Jpeg() {}

    static boolean is(byte[] head) {
        return head.length >= 3 && (head[0] & 0xff) == 0xff && (head[1] & 0xff) == 0xd8 && (head[2] & 0xff) == 0xff;
    }

    static Samples decode(byte[] bytes) {
        Walk walk = new Walk(bytes);
        byte[] bare = walk.bare();
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg");
        if (!readers.hasNext()) {
            throw new org.wherefore.api.WhereforeException(org.wherefore.api.ErrorCode.UNSUPPORTED, "this Java runtime has no JPEG reader");
        }
        ImageReader reader = readers.next();
        try (MemoryCacheImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bare))) {
            boolean[] warned = new boolean[1];
            reader.setInput(in, true, true);
            reader.addIIOReadWarningListener((source, warning) -> warned[0] = true);
            if (reader.getWidth(0) != walk.width || reader.getHeight(0) != walk.height) {
                throw PictureDecoder.refuse("JPEG damaged: two headers that contradict each other");
            }
            BufferedImage image = reader.read(0);
            if (warned[0]) {
                throw PictureDecoder.refuse("JPEG damaged: its compressed data break off or can't be decoded");
            }
            return samples(image.getRaster(), walk.channels);
        } catch (IOException | RuntimeException e) {
            if (e instanceof org.wherefore.api.WhereforeException known) {
                throw known;
            }
            // ImageIO throws what it likes for damaged files.
            throw PictureDecoder.refuse("JPEG damaged: it can't be decoded", e);
        } finally {
            reader.dispose();
        }
    }

    private static Samples samples(Raster raster, int channels) {
        int w = raster.getWidth();
        int h = raster.getHeight();
        if (raster.getNumBands() != channels) {
            throw PictureDecoder.refuse("JPEG damaged: " + raster.getNumBands() + " channels decoded, the header says " + channels);
        }
        float[] values = new float[channels * w * h];
        int[] row = new int[w];
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < h; y++) {
                raster.getSamples(0, y, w, 1, c, row);
                for (int x = 0; x < w; x++) {
                    values[(c * h + y) * w + x] = row[x] / 255f;
                }
            }
        }
        return new Samples(channels, h, w, 8, values);
    }

    /** Goes over the markers and keeps what decoding needs. */
    private static final class Walk {
        private final byte[] in;
        private final ByteArrayOutputStream out;
        private int at = 2;
        private int width;
        private int height;
        private int channels;
        private int scans;

        Walk(byte[] in) {
            this.in = in;
            this.out = new ByteArrayOutputStream(in.length);
        }

        byte[] bare() {
            out.write(0xff);
            out.write(0xd8);
            while (true) {
                int marker = marker();
                if (marker == 0xd9) {
                    break;
                }
                if (marker == 0x01 || marker >= 0xd0 && marker <= 0xd8 || marker < 0xc0) {
                    throw PictureDecoder.refuse("JPEG damaged: marker " + Integer.toHexString(marker) + " where a segment should begin");
                }
                segment(marker);
            }
            if (scans == 0) {
                throw PictureDecoder.refuse("JPEG damaged: an image without data");
            }
            int zeros = 0;
            for (int i = at; i < in.length; i++) {
                if (in[i] != 0 || ++zeros > MAX_TRAILING_ZEROS) {
                    throw PictureDecoder.refuse((in.length - at) + " bytes behind the end of the JPEG image: it may be another file, too, and is"
                            + " refused");
                }
            }
            out.write(0xff);
            out.write(0xd9);
            return out.toByteArray();
        }

        private int marker() {
            if (at >= in.length || (in[at] & 0xff) != 0xff) {
                throw at >= in.length ? cut() : PictureDecoder.refuse("JPEG damaged: no marker at byte " + at + ", where one should be");
            }
            while (at < in.length && (in[at] & 0xff) == 0xff) {
                at++;
            }
            if (at >= in.length) {
                throw cut();
            }
            return in[at++] & 0xff;
        }

        private static org.wherefore.api.WhereforeException cut() {
            return PictureDecoder.refuse("JPEG cut short: it ends before its end marker");
        }

        private void segment(int marker) {
            if (in.length - at < 2) {
                throw cut();
            }
            int length = u16(at);
            if (length < 2 || length > in.length - at) {
                throw PictureDecoder.refuse("JPEG cut short: a segment claims " + length + " bytes, " + (in.length - at) + " are left");
            }
            boolean frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
            if (frame) {
                frame(marker, length);
            }
            boolean jfif = marker == 0xe0 && length >= 16 && text(at + 2, "JFIF");
            boolean adobe = marker == 0xee && length >= 14 && text(at + 2, "Adobe");
            if (jfif) {
                // Without its thumbnail.
                out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0});
            } else if (adobe || marker < 0xe0) {
                out.write(0xff);
                out.write(marker);
                out.write(in, at, length);
            }
            at += length;
            if (marker == 0xda) {
                scan();
            }
        }

        private void frame(int marker, int length) {
            if (width != 0) {
                throw PictureDecoder.refuse("JPEG damaged: two headers");
            }
            if (marker > 0xc2) {
                throw PictureDecoder.refuse("a lossless, arithmetic or hierarchical JPEG, which is not read: save it as baseline JPEG or PNG");
            }
            if (length < 11) {
                throw PictureDecoder.refuse("JPEG damaged: a header of " + length + " bytes");
            }
            int bits = in[at + 2] & 0xff;
            height = u16(at + 3);
            width = u16(at + 5);
            channels = in[at + 7] & 0xff;
            if (bits != 8 || channels != 1 && channels != 3) {
                throw PictureDecoder.refuse("a JPEG of " + bits + " bits and " + channels + " channels; 8 bits and 1 or 3 channels are read");
            }
            PictureDecoder.checkSize(width, height, channels);
        }

        private void scan() {
            if (width == 0) {
                throw PictureDecoder.refuse("JPEG damaged: data before the header");
            }
            if (++scans > MAX_SCANS) {
                throw PictureDecoder.refuse("a JPEG of more than " + MAX_SCANS + " scans");
            }
            int from = at;
            while (true) {
                while (at < in.length && (in[at] & 0xff) != 0xff) {
                    at++;
                }
                if (at + 1 >= in.length) {
                    throw cut();
                }
                int next = in[at + 1] & 0xff;
                if (next == 0xff) {
                    at++;
                } else if (next == 0 || next >= 0xd0 && next <= 0xd7) {
                    at += 2;
                } else {
                    break;
                }
            }
            out.write(in, from, at - from);
        }

        private int u16(int i) {
            return (in[i] & 0xff) << 8 | in[i + 1] & 0xff;
        }

        private boolean text(int from, String wanted) {
            for (int i = 0; i < wanted.length(); i++) {
                if (in[from + i] != wanted.charAt(i)) {
                    return false;
                }
            }
            return true;
        }
    }
}
