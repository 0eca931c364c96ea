package org.wherefore.connector.images.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.wherefore.connector.images.internal.PictureDecoder.Samples;

/**
 * PNG (ISO/IEC 15948): every colour type and depth, interlaced or not. Every chunk's length and checksum is checked, and the amount of
 * compressed data against what the header claims; only the chunks that samples depend on are read. Stateless.
 */
final class Png {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    /** Deflate makes at most this many bytes of one. */
    private static final int MAX_RATIO = 1032;
    private static final int[][] ADAM7 = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};

    private Png() {}

    static boolean is(byte[] head) {
        return head.length >= SIGNATURE.length && java.util.Arrays.equals(SIGNATURE, 0, SIGNATURE.length, head, 0, SIGNATURE.length);
    }

    static Samples decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).position(SIGNATURE.length);
        Header header = null;
        byte[] palette = null;
        byte[] transparent = null;
        java.util.List<int[]> data = new java.util.ArrayList<>();
        long compressed = 0;
        boolean ended = false;
        for (int chunk = 1; !ended; chunk++) {
            if (in.remaining() < 12) {
                throw PictureDecoder.refuse("PNG cut short: chunk " + chunk + " needs 12 bytes at least, " + in.remaining() + " are left");
            }
            int length = in.getInt();
            int at = in.position();
            if (length < 0 || length > in.remaining() - 8) {
                throw PictureDecoder.refuse("PNG cut short: chunk " + chunk + " claims " + Integer.toUnsignedString(length) + " bytes, "
                        + (in.remaining() - 8) + " are left");
            }
            String type = new String(bytes, at, 4, StandardCharsets.ISO_8859_1);
            CRC32 crc = new CRC32();
            crc.update(bytes, at, length + 4);
            in.position(at + 4 + length);
            if ((int) crc.getValue() != in.getInt()) {
                throw PictureDecoder.refuse("PNG damaged: the checksum of chunk " + chunk + " does not hold");
            }
            if ((header == null) != type.equals("IHDR")) {
                throw PictureDecoder.refuse("PNG damaged: chunk " + chunk + (header == null ? " is not the header" : " is a second header"));
            }
            ByteBuffer content = ByteBuffer.wrap(bytes, at + 4, length);
            switch (type) {
                case "IHDR" -> header = Header.read(content);
                case "PLTE" -> {
                    if (palette != null || length % 3 != 0 || length == 0 || length > 768 || !data.isEmpty()) {
                        throw PictureDecoder.refuse("PNG damaged: a palette of " + length + " bytes as chunk " + chunk);
                    }
                    palette = new byte[length];
                    content.get(palette);
                }
                case "tRNS" -> {
                    if (length > 256) {
                        throw PictureDecoder.refuse("PNG damaged: transparency of " + length + " bytes; at most 256");
                    }
                    transparent = new byte[length];
                    content.get(transparent);
                }
                case "IDAT" -> {
                    data.add(new int[] {at + 4, length});
                    compressed += length;
                }
                case "IEND" -> ended = true;
                default -> {
                    if (Character.isUpperCase(type.charAt(0))) {
                        throw PictureDecoder.refuse("PNG with an unknown critical chunk as number " + chunk);
                    }
                }
            }
        }
        if (in.hasRemaining()) {
            throw PictureDecoder.refuse(in.remaining() + " bytes behind the end of the PNG image: it may be another file, too, and is refused");
        }
        if (header.type == 3 && palette == null) {
            throw PictureDecoder.refuse("PNG damaged: colours by palette, but no palette");
        }
        long raw = header.rawBytes();
        if (raw > compressed * MAX_RATIO) {
            throw PictureDecoder.refuse("PNG cut short: the header wants " + raw + " bytes, " + compressed + " compressed bytes can't hold them");
        }
        return new Reader(header, palette, transparent, inflate(bytes, data, (int) raw)).read();
    }

    private static byte[] inflate(byte[] bytes, java.util.List<int[]> chunks, int size) {
        byte[] raw = new byte[size];
        Inflater inflater = new Inflater();
        try {
            int filled = 0;
            for (int[] chunk : chunks) {
                inflater.setInput(bytes, chunk[0], chunk[1]);
                while (!inflater.finished() && !inflater.needsInput()) {
                    if (filled == size) {
                        byte[] more = new byte[1];
                        if (inflater.inflate(more) > 0) {
                            throw PictureDecoder.refuse("PNG damaged: more image data than the header's " + size + " bytes");
                        }
                        if (!inflater.finished() && !inflater.needsInput()) {
                            throw PictureDecoder.refuse("PNG damaged: image data that can't be told to end");
                        }
                    } else {
                        int n = inflater.inflate(raw, filled, size - filled);
                        if (n == 0 && inflater.needsDictionary()) {
                            throw PictureDecoder.refuse("PNG damaged: image data that want a dictionary");
                        }
                        filled += n;
                    }
                }
            }
            if (filled < size || !inflater.finished()) {
                throw PictureDecoder.refuse("PNG cut short: " + filled + " of " + size + " bytes of image data");
            }
            return raw;
        } catch (DataFormatException e) {
            throw PictureDecoder.refuse("PNG damaged: the image data can't be decompressed", e);
        } finally {
            inflater.end();
        }
    }

    private record Header(int width, int height, int depth, int type, boolean interlaced) {
        static Header read(ByteBuffer in) {
            if (in.remaining() != 13) {
                throw PictureDecoder.refuse("PNG damaged: a header of " + in.remaining() + " bytes, expected 13");
            }
            long width = Integer.toUnsignedLong(in.getInt());
            long height = Integer.toUnsignedLong(in.getInt());
            int depth = in.get() & 0xff;
            int type = in.get() & 0xff;
            int compression = in.get();
            int filter = in.get();
            int interlace = in.get();
            boolean sound = switch (type) {
                case 0 -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
                case 3 -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
                case 2, 4, 6 -> depth == 8 || depth == 16;
                default -> false;
            };
            if (!sound || compression != 0 || filter != 0 || interlace < 0 || interlace > 1) {
                throw PictureDecoder.refuse("PNG damaged: the header names colour type " + type + " of " + depth + " bits, which does not exist");
            }
            PictureDecoder.checkSize(width, height, type == 0 || type == 4 ? 1 : 3);
            return new Header((int) width, (int) height, depth, type, interlace == 1);
        }

        int stored() {
            return switch (type) {
                case 2 -> 3;
                case 4 -> 2;
                case 6 -> 4;
                default -> 1;
            };
        }

        int rowBytes(int columns) {
            return (int) (((long) columns * stored() * depth + 7) / 8);
        }

        long rawBytes() {
            if (!interlaced) {
                return (long) height * (rowBytes(width) + 1);
            }
            long sum = 0;
            for (int[] p : ADAM7) {
                int w = columns(width, p[0], p[2]);
                int h = columns(height, p[1], p[3]);
                sum += w == 0 ? 0 : (long) h * (rowBytes(w) + 1);
            }
            return sum;
        }

        static int columns(int size, int first, int step) {
            return size <= first ? 0 : (size - first + step - 1) / step;
        }
    }

    private static final class Reader {
        private final Header header;
        private final byte[] palette;
        private final byte[] transparent;
        private final byte[] raw;
        private final int channels;
        private final float[] values;
        private int at;

        Reader(Header header, byte[] palette, byte[] transparent, byte[] raw) {
            this.header = header;
            this.palette = palette;
            this.transparent = transparent;
            this.raw = raw;
            this.channels = header.type == 0 || header.type == 4 ? 1 : 3;
            this.values = new float[channels * header.width * header.height];
        }

        Samples read() {
            if (header.interlaced) {
                for (int[] p : ADAM7) {
                    pass(p[0], p[1], p[2], p[3]);
                }
            } else {
                pass(0, 0, 1, 1);
            }
            return new Samples(channels, header.height, header.width, header.depth, values);
        }

        private void pass(int x0, int y0, int dx, int dy) {
            int w = Header.columns(header.width, x0, dx);
            int h = Header.columns(header.height, y0, dy);
            if (w == 0) {
                return;
            }
            int rowBytes = header.rowBytes(w);
            int step = Math.max(1, header.stored() * header.depth / 8);
            int above = -1;
            for (int y = 0; y < h; y++) {
                unfilter(raw[at], at + 1, above, rowBytes, step);
                row(at + 1, w, y0 + y * dy, x0, dx);
                above = at + 1;
                at += rowBytes + 1;
            }
        }

        private void unfilter(int filter, int row, int above, int length, int step) {
            if (filter < 0 || filter > 4) {
                throw PictureDecoder.refuse("PNG damaged: a row is filtered by method " + (filter & 0xff) + "; there are 0 to 4");
            }
            for (int i = 0; filter != 0 && i < length; i++) {
                int left = i < step ? 0 : raw[row + i - step] & 0xff;
                int up = above < 0 ? 0 : raw[above + i] & 0xff;
                int corner = i < step || above < 0 ? 0 : raw[above + i - step] & 0xff;
                raw[row + i] += (byte) switch (filter) {
                    case 1 -> left;
                    case 2 -> up;
                    case 3 -> (left + up) / 2;
                    default -> paeth(left, up, corner);
                };
            }
        }

        private static int paeth(int a, int b, int c) {
            int pa = Math.abs(b - c);
            int pb = Math.abs(a - c);
            int pc = Math.abs(a + b - 2 * c);
            return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
        }

        private int sample(int row, int index) {
            return switch (header.depth) {
                case 8 -> raw[row + index] & 0xff;
                case 16 -> (raw[row + 2 * index] & 0xff) << 8 | raw[row + 2 * index + 1] & 0xff;
                default -> {
                    int perByte = 8 / header.depth;
                    yield raw[row + index / perByte] >> 8 - header.depth * (index % perByte + 1) & (1 << header.depth) - 1;
                }
            };
        }

        private void row(int row, int w, int y, int x0, int dx) {
            int plane = header.width * header.height;
            float max = (1 << header.depth) - 1;
            int stored = header.stored();
            for (int i = 0; i < w; i++) {
                int to = y * header.width + x0 + i * dx;
                if (header.type == 3) {
                    int index = sample(row, i);
                    if (index * 3 >= palette.length) {
                        throw PictureDecoder.refuse("PNG damaged: colour " + index + " of a palette of " + palette.length / 3);
                    }
                    float alpha = transparent != null && index < transparent.length ? (transparent[index] & 0xff) / 255f : 1;
                    for (int c = 0; c < 3; c++) {
                        values[c * plane + to] = (palette[index * 3 + c] & 0xff) / 255f * alpha;
                    }
                    continue;
                }
                float alpha = header.type == 4 || header.type == 6 ? sample(row, i * stored + stored - 1) / max : 1;
                for (int c = 0; c < channels; c++) {
                    values[c * plane + to] = sample(row, i * stored + c) / max * alpha;
                }
            }
        }
    }
}
