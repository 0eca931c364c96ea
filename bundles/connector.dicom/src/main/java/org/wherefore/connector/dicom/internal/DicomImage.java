package org.wherefore.connector.dicom.internal;

import java.util.List;
import org.wherefore.api.data.Picture;
import org.wherefore.connector.dicom.internal.DataElements.Element;

/**
 * The image of a DICOM file: its pixel module checked, its frames decoded one by one into pictures. Rescaling, window, the sense of grey and
 * colours are applied; overlays and presentation tables are not. Immutable.
 */
final class DicomImage {
    /** Most samples (pixels times channels) of a frame. */
    static final int MAX_SAMPLES = 24 << 20;
    private static final int MAX_FRAMES = 100_000;
    private static final String RLE = "1.2.840.10008.1.2.5";
    private static final String JPEG = "1.2.840.10008.1.2.4.";

    private static final List<String> PLAIN = List.of(Parser.IMPLICIT, Parser.EXPLICIT, Parser.BIG_ENDIAN, Parser.DEFLATED);
    /** Least bytes of a kind of compressed data: one for so many samples at most. */
    private static final int RLE_MOST = 64;
    private static final int JPEG_MOST = 256;

    private final DataElements data;
    private final int rows;
    private final int columns;
    private final int channels;
    private final int allocated;
    private final int stored;
    private final int shift;
    private final boolean signed;
    private final boolean planar;
    private final int frames;
    private final String photometric;

    /** @throws org.wherefore.api.WhereforeException when it holds no image that can be decoded */
    DicomImage(DataElements data) {
        this.data = data;
        if (!data.has(Tags.PIXELS)) {
            throw Refusals.unsupported(data.has(Tags.WAVEFORMS) ? "a DICOM file with a waveform, such as an electrocardiogram, and no image: send an image"
                    : data.has(Tags.RT_PLAN_LABEL) || data.text(Tags.MODALITY).equals("RTPLAN")
                    ? "a DICOM radiotherapy plan, which holds no image: send an image"
                    : data.has(Tags.FLOAT_PIXELS) || data.has(Tags.DOUBLE_PIXELS) ? "a DICOM image of floating point numbers, which is not read"
                    : "a DICOM file without an image: send an image");
        }
        if (!data.has(Tags.ROWS) || !data.has(Tags.COLUMNS)) {
            throw Refusals.damaged("it holds pixel data but does not say how many rows and columns");
        }
        rows = data.word(Tags.ROWS).orElse(0);
        columns = data.word(Tags.COLUMNS).orElse(0);
        channels = data.word(Tags.SAMPLES_PER_PIXEL).orElse(1);
        allocated = data.word(Tags.BITS_ALLOCATED).orElse(0);
        stored = data.word(Tags.BITS_STORED).orElse(allocated);
        shift = data.word(Tags.HIGH_BIT).orElse(stored - 1) - stored + 1;
        signed = data.word(Tags.PIXEL_REPRESENTATION).orElse(0) == 1;
        planar = data.word(Tags.PLANAR).orElse(0) == 1;
        if (rows < 1 || columns < 1 || channels != 1 && channels != 3) {
            throw Refusals.damaged(columns + " x " + rows + " pixels with " + channels + " channels");
        }
        if ((long) rows * columns > MAX_SAMPLES / channels) {
            throw Refusals.damaged(columns + " x " + rows + " pixels with " + channels + " channels; at most " + MAX_SAMPLES + " samples are decoded");
        }
        if (allocated != 1 && allocated != 8 && allocated != 16 || stored < 1 || stored > allocated || shift < 0 || shift + stored > allocated) {
            throw Refusals.unsupported("a DICOM image of " + allocated + " bits a sample, " + stored + " of them used from bit "
                    + (shift + stored - 1) + " down: 1, 8 and 16 bits are read");
        }
        double count = data.decimal(Tags.FRAMES, 1);
        if (count < 1 || count > MAX_FRAMES || count != Math.rint(count)) {
            throw Refusals.damaged("a number of frames that is not 1 to " + MAX_FRAMES);
        }
        frames = (int) count;
        String given = data.text(Tags.PHOTOMETRIC);
        photometric = given.isEmpty() ? channels == 1 ? "MONOCHROME2" : "RGB" : given;
        boolean known = switch (photometric) {
            case "MONOCHROME1", "MONOCHROME2", "PALETTE COLOR" -> channels == 1;
            case "RGB", "YBR_FULL", "YBR_FULL_422", "YBR_RCT", "YBR_ICT" -> channels == 3;
            default -> false;
        };
        if (!known || channels == 3 && allocated == 1) {
            throw Refusals.unsupported("a DICOM image whose " + channels + " channels are to be understood in a way that is not read: MONOCHROME1,"
                    + " MONOCHROME2, PALETTE COLOR, RGB, YBR_FULL, YBR_FULL_422, YBR_RCT and YBR_ICT are");
        }
        if (data.has(Tags.MODALITY_LUT)) {
            throw Refusals.unsupported("a DICOM image with a modality lookup table, which is not applied");
        }
        if (!encapsulated() && !PLAIN.contains(data.transferSyntax())) {
            throw unreadable();
        }
        if (encapsulated() != !data.fragments().isEmpty()) {
            throw Refusals.damaged("its pixel data are " + (encapsulated() ? "not " : "") + "compressed, against its transfer syntax");
        }
        if (!encapsulated() && nativeBits() * frames > 8L * data.element(Tags.PIXELS).length()) {
            throw Refusals.damaged(frames + " frames of " + columns + " x " + rows + " want " + (nativeBits() * frames + 7) / 8
                    + " bytes of pixel data, there are " + data.element(Tags.PIXELS).length());
        }
    }

    private boolean encapsulated() {
        return data.transferSyntax().startsWith(JPEG) || data.transferSyntax().equals(RLE);
    }

    private boolean halfColour() {
        return photometric.equals("YBR_FULL_422") && !encapsulated();
    }

    private long nativeBits() {
        return (long) rows * columns * allocated * (halfColour() ? 2 : channels);
    }

    int frames() {
        return frames;
    }

    String photometric() {
        return photometric;
    }

    int bits() {
        return stored;
    }

    /** @param window how grey levels become light */
    Picture frame(int index, Window window) {
        int[][] samples = samples(index);
        int plane = rows * columns;
        if (photometric.equals("PALETTE COLOR")) {
            return new Picture(3, rows, columns, looked(samples[0]));
        }
        if (channels == 3) {
            float[] out = new float[3 * plane];
            float max = (1 << stored) - 1;
            for (int c = 0; c < 3; c++) {
                for (int i = 0; i < plane; i++) {
                    out[c * plane + i] = Math.max(0, Math.min(1, samples[c][i] / max));
                }
            }
            return new Picture(3, rows, columns, out);
        }
        return new Picture(1, rows, columns, grey(samples[0], window));
    }

    // ---- samples as they are stored

    private int[][] plain(int index) {
        byte[] in = data.bytes();
        Element e = data.element(Tags.PIXELS);
        int plane = rows * columns;
        int[][] out = new int[channels][plane];
        long firstBit = nativeBits() * index;
        int from = e.at() + (int) (firstBit / 8);
        // Bytes in words of the big endian encoding stand swapped.
        int swap = data.bigEndian() && allocated == 8 && e.vr().equals("OW") ? 1 : 0;
        if (swap == 1 && (e.length() & 1) == 1) {
            throw Refusals.damaged("pixel data in words with an odd number of bytes");
        }
        int start = e.at();
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < plane; i++) {
                int at = halfColour() ? i / 2 * 4 + (c == 0 ? i % 2 : c + 1) : planar ? c * plane + i : i * channels + c;
                int v = switch (allocated) {
                    case 1 -> in[start + (int) ((firstBit + at) / 8)] >> (int) ((firstBit + at) % 8) & 1;
                    case 8 -> in[start + (from - start + at ^ swap)] & 0xff;
                    default -> data.u16(from + 2 * at);
                };
                out[c][i] = extend(v >> shift, stored);
            }
        }
        if (photometric.startsWith("YBR_FULL")) {
            unmix(out);
        }
        return out;
    }

    private int extend(int v, int bits) {
        int value = v & (1 << bits) - 1;
        return signed && value >> bits - 1 != 0 ? value - (1 << bits) : value;
    }

    private void unmix(int[][] s) {
        int max = (1 << stored) - 1;
        double half = 1 << stored - 1;
        for (int i = 0; i < s[0].length; i++) {
            double y = s[0][i];
            double b = s[1][i] - half;
            double r = s[2][i] - half;
            s[0][i] = clamp(y + 1.402 * r, max);
            s[1][i] = clamp(y - .344136 * b - .714136 * r, max);
            s[2][i] = clamp(y + 1.772 * b, max);
        }
    }

    private static int clamp(double v, int max) {
        return (int) Math.max(0, Math.min(max, Math.rint(v)));
    }

    private int[][] decoded(int index) {
        byte[] bytes = data.bytes();
        int from;
        int length;
        int count = data.fragments().size() - 1;
        if (count < 1) {
            throw Refusals.damaged("its compressed pixel data are empty");
        }
        if (count == 1 || count == frames) {
            if (frames > count) {
                throw Refusals.damaged(frames + " frames in one piece of compressed pixel data");
            }
            Element e = data.fragments().get(index + 1);
            from = e.at();
            length = e.length();
        } else {
            int[] range = range(index, count);
            java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
            for (int f = range[0]; f < range[1]; f++) {
                Element e = data.fragments().get(f + 1);
                out.write(bytes, e.at(), e.length());
            }
            bytes = out.toByteArray();
            from = 0;
            length = bytes.length;
        }
        return meaning(codec(bytes, from, length));
    }

    /** The fragments of a frame, when there are more of them than frames. */
    private int[] range(int frame, int count) {
        if (frames == 1) {
            return new int[] {0, count};
        }
        Element table = data.fragments().get(0);
        if (table.length() != 4 * frames) {
            throw Refusals.unsupported(count + " pieces of compressed pixel data for " + frames + " frames without a table that says which is whose");
        }
        int from = fragment(offset(table, frame), count);
        int to = frame + 1 < frames ? fragment(offset(table, frame + 1), count) : count;
        if (from >= to) {
            throw Refusals.damaged("its table of frames goes backwards");
        }
        return new int[] {from, to};
    }

    private long offset(Element table, int frame) {
        int at = table.at() + 4 * frame;
        byte[] b = data.bytes();
        return b[at] & 0xffL | (b[at + 1] & 0xffL) << 8 | (b[at + 2] & 0xffL) << 16 | (b[at + 3] & 0xffL) << 24;
    }

    private int fragment(long offset, int count) {
        Element first = data.fragments().get(1);
        for (int f = 0; f < count; f++) {
            if (data.fragments().get(f + 1).at() - first.at() == offset) {
                return f;
            }
        }
        throw Refusals.damaged("its table of frames points beside them");
    }

    private org.wherefore.api.WhereforeException unreadable() {
        return Refusals.unsupported("a DICOM image coded in a way that is not read (transfer syntax " + data.transferSyntax()
                + "): save it uncompressed, or as RLE, JPEG baseline, extended or lossless, JPEG-LS or JPEG 2000");
    }

    private Coded codec(byte[] in, int from, int length) {
        String syntax = data.transferSyntax();
        boolean open = syntax.startsWith(JPEG + "8") || syntax.startsWith(JPEG + "9");
        if (!open && (long) rows * columns * channels > (syntax.equals(RLE) ? RLE_MOST : JPEG_MOST) * (long) length) {
            throw Refusals.damaged(columns + " x " + rows + " pixels in " + length + " bytes of compressed pixel data, which can't hold them");
        }
        if (syntax.equals(RLE)) {
            if (allocated == 1) {
                throw Refusals.unsupported("run-length data of single bits, which are not read");
            }
            return new Coded(Rle.decode(in, from, length, rows * columns, channels, allocated / 8), allocated, false, false);
        }
        Coded coded = switch (syntax.substring(JPEG.length())) {
            case "50", "51", "57", "70" -> JpegDecoder.decode(in, from, length, rows, columns, channels);
            case "90", "91" -> Jpeg2000Decoder.decode(in, from, length, rows, columns, channels);
            case "80", "81" -> JpegLsDecoder.decode(in, from, length, rows, columns, channels);
            default -> throw unreadable();
        };
        if (coded.bits() > allocated) {
            throw Refusals.damaged("compressed samples of " + coded.bits() + " bits, the header says " + allocated);
        }
        return coded;
    }

    /** Samples in the header's sense: what was coded without a sign is read as the header says. */
    private int[][] meaning(Coded coded) {
        int[][] samples = coded.samples();
        boolean rle = data.transferSyntax().equals(RLE);
        boolean colour = photometric.startsWith("YBR_FULL");
        for (int[] channel : samples) {
            for (int i = 0; i < channel.length; i++) {
                int v = channel[i];
                channel[i] = rle ? extend(v >> shift, stored) : coded.signed() ? signed ? v : v & (1 << stored) - 1 : extend(v, coded.bits());
            }
        }
        // JPEG 2000 has turned its channels back already, whatever the header calls them.
        if (channels == 3 && !data.transferSyntax().startsWith(JPEG + "9") && (colour || coded.mixed())) {
            unmix(samples);
        }
        return samples;
    }

    // ---- light

    private float[] looked(int[] samples) {
        int plane = samples.length;
        float[] out = new float[3 * plane];
        for (int c = 0; c < 3; c++) {
            if (data.has(Tags.RED_SEGMENTED + c)) {
                throw Refusals.unsupported("a DICOM image with a segmented palette, which is not read");
            }
            Element descriptor = data.element(Tags.RED_DESCRIPTOR + c);
            Element table = data.element(Tags.RED_TABLE + c);
            if (descriptor == null || table == null || descriptor.length() < 6) {
                throw Refusals.damaged("an image in colours of a palette that is missing");
            }
            int entries = data.u16(descriptor.at());
            entries = entries == 0 ? 65_536 : entries;
            int first = signed ? (short) data.u16(descriptor.at() + 2) : data.u16(descriptor.at() + 2);
            int bits = data.u16(descriptor.at() + 4);
            boolean words = table.length() >= 2 * entries;
            if (bits != 8 && bits != 16 || !words && table.length() < entries) {
                throw Refusals.damaged("a palette of " + entries + " entries of " + bits + " bits in " + table.length() + " bytes");
            }
            float max = bits == 16 ? 65_535 : 255;
            for (int i = 0; i < plane; i++) {
                int entry = Math.max(0, Math.min(entries - 1, samples[i] - first));
                int v = words ? data.u16(table.at() + 2 * entry) : data.bytes()[table.at() + (data.bigEndian() ? entry ^ 1 : entry)] & 0xff;
                out[c * plane + i] = Math.min(1, v / max);
            }
        }
        return out;
    }

    private float[] grey(int[] samples, Window window) {
        double slope = data.decimal(Tags.RESCALE_SLOPE, 1);
        double intercept = data.decimal(Tags.RESCALE_INTERCEPT, 0);
        if (slope == 0) {
            throw Refusals.damaged("a rescale slope of 0");
        }
        Integer padding = data.has(Tags.PIXEL_PADDING) && data.element(Tags.PIXEL_PADDING).length() >= 2
                ? (Integer) (signed ? (short) data.word(Tags.PIXEL_PADDING).getAsInt() : data.word(Tags.PIXEL_PADDING).getAsInt()) : null;
        Window used = window != null ? window : Window.of(data);
        if (used == null) {
            used = Window.over(samples, padding, slope, intercept);
        }
        boolean inverse = photometric.equals("MONOCHROME1");
        float[] out = new float[samples.length];
        for (int i = 0; i < out.length; i++) {
            float v = (float) used.apply(samples[i] * slope + intercept);
            out[i] = padding != null && samples[i] == padding ? 0 : inverse ? 1 - v : v;
        }
        return out;
    }

    /** The numbers of a frame as they are stored, channel by channel. */
    int[][] samples(int index) {
        return encapsulated() ? decoded(index) : plain(index);
    }
}
