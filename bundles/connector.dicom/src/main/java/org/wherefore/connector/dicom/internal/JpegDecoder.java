package org.wherefore.connector.dicom.internal;

import java.util.Arrays;

/**
 * JPEG (ITU-T T.81) as DICOM uses it: baseline and extended sequential of 8 and 12 bits, and lossless with every predictor, Huffman coded.
 * Sizes are checked against the DICOM header before samples are allocated. One frame, one thread.
 */
final class JpegDecoder {
    private static final int[] ZIGZAG = {0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14,
        21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63};
    private static final double[][] COSINES = new double[8][8];

    static {
        for (int x = 0; x < 8; x++) {
            for (int u = 0; u < 8; u++) {
                COSINES[x][u] = Math.cos((2 * x + 1) * u * Math.PI / 16) / 2 * (u == 0 ? Math.sqrt(.5) : 1);
            }
        }
    }

    private final byte[] in;
    private final int end;
    private final int rows;
    private final int columns;
    private final int channels;
    private int at;
    private int frame;
    private int bits;
    private Component[] components;
    private int maxH;
    private int maxV;
    private int restart;
    private boolean jfif;
    private int adobe = -1;
    private final int[][] quantisers = new int[4][];
    private final Huffman[] dc = new Huffman[4];
    private final Huffman[] ac = new Huffman[4];
    private int bitBuffer;
    private int bitCount;

    private JpegDecoder(byte[] in, int from, int length, int rows, int columns, int channels) {
        this.in = in;
        this.at = from;
        this.end = from + length;
        this.rows = rows;
        this.columns = columns;
        this.channels = channels;
    }

    static Coded decode(byte[] in, int from, int length, int rows, int columns, int channels) {
        return new JpegDecoder(in, from, length, rows, columns, channels).decode();
    }

    private static final class Component {
        int id;
        int h;
        int v;
        int quantiser;
        int width;
        int height;
        int stride;
        int[] samples;
        boolean done;
        Huffman dcTable;
        Huffman acTable;
        int predicted;
    }

    /** A table of codes (annex C); decoding goes length by length. */
    private record Huffman(int[] maxCode, int[] first, byte[] values) {
        static Huffman of(int[] counts, byte[] values) {
            int[] maxCode = new int[17];
            int[] first = new int[17];
            int code = 0;
            int index = 0;
            for (int l = 1; l <= 16; l++) {
                first[l] = index - code;
                code += counts[l];
                index += counts[l];
                maxCode[l] = code - 1;
                if (code > 1 << l) {
                    throw Refusals.damaged("a JPEG code table with more codes than there can be");
                }
                if (counts[l] == 0) {
                    maxCode[l] = -1;
                }
                code <<= 1;
            }
            return new Huffman(maxCode, first, values);
        }
    }

    private Coded decode() {
        if (u8() != 0xff || u8() != 0xd8) {
            throw Refusals.damaged("its compressed pixel data are no JPEG");
        }
        while (true) {
            int marker = marker();
            if (marker == 0xd9) {
                break;
            }
            if (marker >= 0xd0 && marker <= 0xd7) {
                continue;
            }
            segment(marker);
        }
        if (components == null || Arrays.stream(components).anyMatch(c -> !c.done)) {
            throw Refusals.damaged("a JPEG in which channels are missing");
        }
        int[][] samples = new int[channels][];
        for (int c = 0; c < channels; c++) {
            samples[c] = full(components[c]);
        }
        return new Coded(samples, bits, false, channels == 3 && frame != 0xc3 && (adobe == 1 || adobe < 0 && jfif));
    }

    /** Every channel has a sample for each pixel. */
    private int[] full(Component c) {
        if (c.h == maxH && c.v == maxV && c.stride == columns && c.samples.length == rows * columns) {
            return c.samples;
        }
        int[] out = new int[rows * columns];
        for (int y = 0; y < rows; y++) {
            int from = y * c.v / maxV * c.stride;
            for (int x = 0; x < columns; x++) {
                out[y * columns + x] = c.samples[from + x * c.h / maxH];
            }
        }
        return out;
    }

    private int u8() {
        if (at >= end) {
            throw Refusals.damaged("its JPEG is cut short");
        }
        return in[at++] & 0xff;
    }

    private int u16() {
        int high = u8();
        return high << 8 | u8();
    }

    private int marker() {
        if (u8() != 0xff) {
            throw Refusals.damaged("its JPEG has no marker where one should be");
        }
        int m = u8();
        while (m == 0xff) {
            m = u8();
        }
        return m;
    }

    private void segment(int marker) {
        int start = at;
        int length = u16();
        if (length < 2 || length > end - start) {
            throw Refusals.damaged("a segment of its JPEG claims " + length + " bytes, " + (end - start) + " are left");
        }
        int stop = start + length;
        switch (marker) {
            case 0xc0, 0xc1, 0xc3 -> frame(marker);
            case 0xc2 -> throw Refusals.unsupported("a progressive JPEG in DICOM, which is not read");
            case 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf ->
                throw Refusals.unsupported("a hierarchical or arithmetic JPEG in DICOM, which is not read");
            case 0xc4 -> huffman(stop);
            case 0xdb -> quantisers(stop);
            case 0xdd -> restart = u16();
            case 0xda -> {
                scan();
                return;
            }
            case 0xe0 -> jfif = jfif || length >= 7 && in[at] == 'J' && in[at + 1] == 'F' && in[at + 2] == 'I' && in[at + 3] == 'F';
            case 0xee -> adobe = length >= 14 && in[at] == 'A' && in[at + 1] == 'd' && in[at + 2] == 'o' ? in[at + 11] & 0xff : adobe;
            default -> {
                if (marker < 0xe0 && marker != 0xdc && marker != 0xfe && marker != 0xde && marker != 0xdf) {
                    throw Refusals.damaged("its JPEG has a marker that does not exist");
                }
            }
        }
        if (at > stop) {
            throw Refusals.damaged("a segment of its JPEG is shorter than what it holds");
        }
        at = stop;
    }

    private void frame(int marker) {
        if (components != null) {
            throw Refusals.damaged("its JPEG has two headers");
        }
        frame = marker;
        bits = u8();
        int height = u16();
        int width = u16();
        int count = u8();
        if (height != rows || width != columns || count != channels) {
            throw Refusals.damaged("its JPEG is " + width + " x " + height + " with " + count + " channels, its header says " + columns + " x "
                    + rows + " with " + channels);
        }
        if (marker == 0xc3 ? bits < 2 || bits > 16 : bits != 8 && bits != 12) {
            throw Refusals.damaged("its JPEG has samples of " + bits + " bits");
        }
        components = new Component[count];
        for (int i = 0; i < count; i++) {
            Component c = new Component();
            c.id = u8();
            int sampling = u8();
            c.h = sampling >> 4;
            c.v = sampling & 15;
            c.quantiser = u8();
            if (c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.quantiser > 3 || marker == 0xc3 && sampling != 0x11 && count > 1) {
                throw Refusals.damaged("its JPEG samples a channel " + c.h + " x " + c.v + " times");
            }
            components[i] = c;
            maxH = Math.max(maxH, c.h);
            maxV = Math.max(maxV, c.v);
        }
        if (count == 1) {
            components[0].h = 1;
            components[0].v = 1;
            maxH = 1;
            maxV = 1;
        }
        int block = marker == 0xc3 ? 1 : 8;
        int wide = (columns + maxH * block - 1) / (maxH * block);
        int high = (rows + maxV * block - 1) / (maxV * block);
        for (Component c : components) {
            c.width = (columns * c.h + maxH - 1) / maxH;
            c.height = (rows * c.v + maxV - 1) / maxV;
            c.stride = wide * c.h * block;
            c.samples = new int[Math.multiplyExact(c.stride, high * c.v * block)];
        }
    }

    private void huffman(int stop) {
        while (at < stop) {
            int which = u8();
            int[] counts = new int[17];
            int sum = 0;
            for (int l = 1; l <= 16; l++) {
                counts[l] = u8();
                sum += counts[l];
            }
            if ((which & 15) > 3 || which >> 4 > 1 || sum > 256 || sum > stop - at) {
                throw Refusals.damaged("a broken code table in its JPEG");
            }
            (which >> 4 == 0 ? dc : ac)[which & 15] = Huffman.of(counts, Arrays.copyOfRange(in, at, at + sum));
            at += sum;
        }
    }

    private void quantisers(int stop) {
        while (at < stop) {
            int which = u8();
            int[] table = new int[64];
            for (int i = 0; i < 64; i++) {
                table[ZIGZAG[i]] = which >> 4 == 0 ? u8() : u16();
            }
            quantisers[which & 3] = table;
        }
    }

    private void scan() {
        if (components == null) {
            throw Refusals.damaged("data before the header in its JPEG");
        }
        int count = u8();
        if (count < 1 || count > channels) {
            throw Refusals.damaged("a scan of " + count + " channels in its JPEG");
        }
        Component[] scanned = new Component[count];
        for (int i = 0; i < count; i++) {
            int id = u8();
            int tables = u8();
            for (Component c : components) {
                if (c.id == id && !c.done && scanned[i] == null) {
                    scanned[i] = c;
                    c.done = true;
                }
            }
            if (scanned[i] == null || tables >> 4 > 3 || (tables & 15) > 3) {
                throw Refusals.damaged("a scan of a channel that its JPEG does not have, or has had");
            }
            scanned[i].dcTable = dc[tables >> 4];
            scanned[i].acTable = ac[tables & 15];
            if (scanned[i].dcTable == null || frame != 0xc3 && (scanned[i].acTable == null || quantisers[scanned[i].quantiser] == null)) {
                throw Refusals.damaged("a scan without its tables in its JPEG");
            }
        }
        int predictor = u8();
        u8();
        int shift = u8() & 15;
        bitCount = 0;
        if (frame == 0xc3) {
            if (predictor < 1 || predictor > 7 || shift >= bits) {
                throw Refusals.damaged("a lossless JPEG with predictor " + predictor);
            }
            lossless(scanned, predictor, shift);
        } else {
            sequential(scanned);
        }
        bitCount = 0;
    }

    private void sequential(Component[] scanned) {
        boolean alone = scanned.length == 1;
        int wide = alone ? (scanned[0].width + 7) / 8 : (columns + maxH * 8 - 1) / (maxH * 8);
        int high = alone ? (scanned[0].height + 7) / 8 : (rows + maxV * 8 - 1) / (maxV * 8);
        int[] block = new int[64];
        double[] scratch = new double[64];
        int left = restart;
        for (Component c : scanned) {
            c.predicted = 0;
        }
        for (int my = 0; my < high; my++) {
            for (int mx = 0; mx < wide; mx++) {
                if (restart > 0 && left == 0) {
                    restart(scanned);
                    left = restart;
                }
                left--;
                for (Component c : scanned) {
                    int h = alone ? 1 : c.h;
                    int v = alone ? 1 : c.v;
                    for (int b = 0; b < h * v; b++) {
                        block(c, block);
                        inverse(c, block, scratch, (my * v + b / h) * 8, (mx * h + b % h) * 8);
                    }
                }
            }
        }
    }

    private void restart(Component[] scanned) {
        bitCount = 0;
        int m = marker();
        if (m < 0xd0 || m > 0xd7) {
            throw Refusals.damaged("its JPEG lacks a restart marker");
        }
        for (Component c : scanned) {
            c.predicted = 0;
        }
    }

    private void block(Component c, int[] block) {
        Arrays.fill(block, 0);
        int[] quantiser = quantisers[c.quantiser];
        int size = symbol(c.dcTable);
        if (size > 16) {
            throw Refusals.damaged("a difference of " + size + " bits in its JPEG");
        }
        c.predicted += difference(size);
        block[0] = c.predicted * quantiser[0];
        for (int k = 1; k < 64;) {
            int rs = symbol(c.acTable);
            int r = rs >> 4;
            int s = rs & 15;
            if (s == 0) {
                if (r != 15) {
                    return;
                }
                k += 16;
                continue;
            }
            k += r;
            if (k > 63) {
                throw Refusals.damaged("a block of more than 64 coefficients in its JPEG");
            }
            block[ZIGZAG[k]] = difference(s) * quantiser[ZIGZAG[k]];
            k++;
        }
    }

    private void inverse(Component c, int[] block, double[] scratch, int top, int left) {
        for (int v = 0; v < 8; v++) {
            for (int x = 0; x < 8; x++) {
                double sum = 0;
                for (int u = 0; u < 8; u++) {
                    sum += COSINES[x][u] * block[v * 8 + u];
                }
                scratch[v * 8 + x] = sum;
            }
        }
        int offset = 1 << bits - 1;
        int max = (1 << bits) - 1;
        for (int y = 0; y < 8; y++) {
            int row = (top + y) * c.stride + left;
            for (int x = 0; x < 8; x++) {
                double sum = 0;
                for (int v = 0; v < 8; v++) {
                    sum += COSINES[y][v] * scratch[v * 8 + x];
                }
                c.samples[row + x] = (int) Math.max(0, Math.min(max, Math.rint(sum) + offset));
            }
        }
    }

    private void lossless(Component[] scanned, int predictor, int shift) {
        int left = restart;
        int start = 1 << bits - shift - 1;
        boolean firstRow = true;
        for (int y = 0; y < rows; y++) {
            for (int x = 0; x < columns; x++) {
                boolean fresh = y == 0 && x == 0;
                if (restart > 0 && left == 0) {
                    restart(scanned);
                    left = restart;
                    if (x != 0) {
                        throw Refusals.damaged("a lossless JPEG that restarts within a row");
                    }
                    fresh = true;
                }
                left--;
                if (x == 0) {
                    firstRow = fresh;
                }
                for (Component c : scanned) {
                    int i = y * c.stride + x;
                    int a = x > 0 ? c.samples[i - 1] : 0;
                    int p;
                    if (fresh) {
                        p = start;
                    } else if (firstRow) {
                        p = a;
                    } else if (x == 0) {
                        p = c.samples[i - c.stride];
                    } else {
                        p = predict(predictor, a, c.samples[i - c.stride], c.samples[i - c.stride - 1]);
                    }
                    int size = symbol(c.dcTable);
                    if (size > 16) {
                        throw Refusals.damaged("a difference of " + size + " bits in its JPEG");
                    }
                    c.samples[i] = p + (size == 16 ? 32_768 : difference(size)) & 0xffff;
                }
            }
        }
        int mask = (1 << bits) - 1;
        for (Component c : scanned) {
            for (int i = 0; i < c.samples.length; i++) {
                c.samples[i] = c.samples[i] << shift & mask;
            }
        }
    }

    private static int predict(int predictor, int a, int b, int c) {
        return switch (predictor) {
            case 1 -> a;
            case 2 -> b;
            case 3 -> c;
            case 4 -> a + b - c;
            case 5 -> a + (b - c >> 1);
            case 6 -> b + (a - c >> 1);
            default -> a + b >> 1;
        };
    }

    private int bit() {
        if (bitCount == 0) {
            bitBuffer = u8();
            if (bitBuffer == 0xff) {
                int stuffed = u8();
                if (stuffed != 0) {
                    throw Refusals.damaged("the data of its JPEG end too early");
                }
            }
            bitCount = 8;
        }
        return bitBuffer >> --bitCount & 1;
    }

    private int symbol(Huffman table) {
        int code = 0;
        for (int l = 1; l <= 16; l++) {
            code = code << 1 | bit();
            if (code <= table.maxCode[l]) {
                return table.values[table.first[l] + code] & 0xff;
            }
        }
        throw Refusals.damaged("a code that its JPEG does not define");
    }

    private int difference(int size) {
        if (size == 0) {
            return 0;
        }
        int v = 0;
        for (int i = 0; i < size; i++) {
            v = v << 1 | bit();
        }
        return v < 1 << size - 1 ? v - (1 << size) + 1 : v;
    }
}
