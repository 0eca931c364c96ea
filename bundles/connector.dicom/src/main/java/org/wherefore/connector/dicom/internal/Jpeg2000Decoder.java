package org.wherefore.connector.dicom.internal;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.wherefore.connector.dicom.internal.CodeBlock.Piece;

/**
 * JPEG 2000 part 1 (ITU-T T.800), codestreams and those wrapped in JP2 boxes: tiles and tile-parts, all five progressions, layers, both
 * transforms, scalar quantisation, 1 to 3 channels of up to 16 bits. Refused are changes of progression, packed packet headers, regions of
 * interest, bypassed coding and subsampled channels, which DICOM images hardly have. Sizes are checked against the DICOM header before
 * samples are allocated, and the number of blocks is bounded. One frame, one thread.
 */
final class Jpeg2000Decoder {
    /** Most bands, precincts and code-blocks together. */
    private static final int MAX_CELLS = 500_000;
    private final byte[] in;
    private int at;
    private int end;
    private final int rows;
    private final int columns;
    private final int channels;

    private int x0;
    private int y0;
    private int x1;
    private int y1;
    private int tileWidth;
    private int tileHeight;
    private int tileX0;
    private int tileY0;
    private int tilesWide;
    private int bits;
    private boolean signed;
    private Coding coding;
    private final Coding[] ofChannel;
    private Quantising quantising;
    private final Quantising[] ofChannelQ;
    private int cells;
    private final ByteArrayOutputStream[] tiles;
    private final Coding[][] tileCoding;
    private final Quantising[][] tileQuantising;
    private float[][] image;

    private Jpeg2000Decoder(byte[] in, int from, int length, int rows, int columns, int channels) {
        this.in = in;
        this.at = from;
        this.end = from + length;
        this.rows = rows;
        this.columns = columns;
        this.channels = channels;
        this.ofChannel = new Coding[channels];
        this.ofChannelQ = new Quantising[channels];
        codestream();
        size();
        int tileCount = tilesWide * ceil(y1 - tileY0, tileHeight);
        tiles = new ByteArrayOutputStream[tileCount];
        tileCoding = new Coding[tileCount][];
        tileQuantising = new Quantising[tileCount][];
    }

    static Coded decode(byte[] in, int from, int length, int rows, int columns, int channels) {
        return new Jpeg2000Decoder(in, from, length, rows, columns, channels).decode();
    }

    /** How a tile's channel is coded; progression, layers and mixing are the tile's. */
    private record Coding(int progression, int layers, boolean mixed, boolean sop, boolean eph, int levels, int blockWidth, int blockHeight, int style,
            boolean reversible, int[] precincts) {
        int precinctWidth(int resolution) {
            return precincts == null ? 15 : precincts[resolution] & 15;
        }

        int precinctHeight(int resolution) {
            return precincts == null ? 15 : precincts[resolution] >> 4;
        }
    }

    /** Step sizes: exponents and mantissas of the bands, LL first. */
    private record Quantising(int style, int guard, int[] exponents, int[] mantissas) {}

    private record Band(int kind, int x0, int y0, int x1, int y1, int planes, float step) {}

    /** One precinct of a resolution, with its blocks by band. */
    private static final class Precinct {
        final int channel;
        final int resolution;
        final int index;
        final long x;
        final long y;
        final List<Part> parts = new ArrayList<>();

        Precinct(int channel, int resolution, int index, long x, long y) {
            this.channel = channel;
            this.resolution = resolution;
            this.index = index;
            this.x = x;
            this.y = y;
        }
    }

    private static final class Part {
        final Band band;
        final CodeBlock[] blocks;
        final TagTree included;
        final TagTree zeroPlanes;

        Part(Band band, int wide, int high) {
            this.band = band;
            this.blocks = new CodeBlock[wide * high];
            this.included = wide * high == 0 ? null : new TagTree(wide, high);
            this.zeroPlanes = wide * high == 0 ? null : new TagTree(wide, high);
        }
    }

    private static int ceil(int a, int b) {
        return (int) (((long) a + b - 1) / b);
    }

    private static int ceilShift(int a, int shift) {
        return (int) ((long) a + (1L << shift) - 1 >> shift);
    }

    private int u8() {
        if (at >= end) {
            throw Refusals.damaged("its JPEG 2000 is cut short");
        }
        return in[at++] & 0xff;
    }

    private int u16() {
        int high = u8();
        return high << 8 | u8();
    }

    private int i32() {
        int high = u16();
        return high << 16 | u16();
    }

    private int size32(String what, int min) {
        int v = i32();
        if (v < min) {
            throw Refusals.damaged("its JPEG 2000 has a " + what + " of " + Integer.toUnsignedString(v));
        }
        return v;
    }

    /** Goes to the codestream, which may be wrapped in boxes. */
    private void codestream() {
        while (end - at >= 12 && !(in[at] == (byte) 0xff && in[at + 1] == 0x4f)) {
            int start = at;
            int length = i32();
            int type = i32();
            if (type == 0x6a703263) {
                continue;
            }
            if (length < 8 || length > end - start) {
                throw Refusals.damaged("its JPEG 2000 is neither a codestream nor boxes around one");
            }
            at = start + length;
        }
        if (u16() != 0xff4f || u16() != 0xff51) {
            throw Refusals.damaged("its JPEG 2000 does not begin as one");
        }
    }

    private void size() {
        int stop = at + u16();
        u16();
        x1 = size32("width", 1);
        y1 = size32("height", 1);
        x0 = size32("left edge", 0);
        y0 = size32("upper edge", 0);
        tileWidth = size32("tile width", 1);
        tileHeight = size32("tile height", 1);
        tileX0 = size32("tile's left edge", 0);
        tileY0 = size32("tile's upper edge", 0);
        int count = u16();
        if (x1 - x0 != columns || y1 - y0 != rows || count != channels) {
            throw Refusals.damaged("its JPEG 2000 is " + (x1 - x0) + " x " + (y1 - y0) + " with " + count + " channels, its header says " + columns
                    + " x " + rows + " with " + channels);
        }
        if (tileX0 > x0 || tileY0 > y0 || (long) tileX0 + tileWidth <= x0 || (long) tileY0 + tileHeight <= y0) {
            throw Refusals.damaged("its JPEG 2000 has tiles beside the image");
        }
        tilesWide = ceil(x1 - tileX0, tileWidth);
        if ((long) tilesWide * ceil(y1 - tileY0, tileHeight) > 65_535) {
            throw Refusals.damaged("its JPEG 2000 has more tiles than there can be");
        }
        for (int c = 0; c < count; c++) {
            int depth = u8();
            int h = u8();
            int v = u8();
            if (c > 0 && (depth != (signed ? 0x80 | bits - 1 : bits - 1))) {
                throw Refusals.unsupported("a JPEG 2000 whose channels differ in bits, which is not read");
            }
            bits = (depth & 0x7f) + 1;
            signed = depth >> 7 != 0;
            if (bits > 16 || h != 1 || v != 1) {
                throw Refusals.unsupported("a JPEG 2000 of " + bits + " bits sampled " + h + " x " + v + " times; up to 16 bits and 1 x 1 are read");
            }
        }
        at = Math.max(at, stop);
    }

    private Coded decode() {
        int tile = -1;
        boolean done = false;
        while (!done) {
            int marker = u16();
            switch (marker) {
                case 0xffd9 -> done = true;
                case 0xff90 -> {
                    tile = tilePart();
                    if (at >= end - 1) {
                        // A codestream without its end marker is complete all the same when its last tile-part is.
                        done = true;
                    }
                }
                default -> {
                    if (tile >= 0) {
                        throw Refusals.damaged("its JPEG 2000 has a main header within its tiles");
                    }
                    segment(marker, -1);
                }
            }
        }
        image = new float[channels][];
        for (int c = 0; c < channels; c++) {
            image[c] = new float[rows * columns];
        }
        for (int t = 0; t < tiles.length; t++) {
            if (tiles[t] == null) {
                throw Refusals.damaged("its JPEG 2000 lacks tile " + t + " of " + tiles.length);
            }
            tile(t, tiles[t].toByteArray());
            tiles[t] = null;
        }
        int[][] out = new int[channels][rows * columns];
        int low = signed ? -(1 << bits - 1) : 0;
        int high = low + (1 << bits) - 1;
        int shift = signed ? 0 : 1 << bits - 1;
        for (int c = 0; c < channels; c++) {
            for (int i = 0; i < out[c].length; i++) {
                out[c][i] = (int) Math.max(low, Math.min(high, Math.rint(image[c][i]) + shift));
            }
        }
        return new Coded(out, bits, signed, false);
    }

    /** A segment of the main header (tile -1) or of a tile's. */
    private void segment(int marker, int tile) {
        int start = at;
        int length = u16();
        if (length < 2 || length > end - start) {
            throw Refusals.damaged("a segment of its JPEG 2000 claims " + length + " bytes, " + (end - start) + " are left");
        }
        int stop = start + length;
        switch (marker) {
            case 0xff52 -> {
                Coding c = coding(null, u8());
                if (tile < 0) {
                    coding = c;
                } else {
                    java.util.Arrays.fill(tileCoding[tile], c);
                }
            }
            case 0xff53 -> {
                int channel = channel();
                Coding base = tile < 0 ? coding : tileCoding[tile][channel];
                if (base == null) {
                    throw Refusals.damaged("its JPEG 2000 codes a channel before it says how");
                }
                Coding c = coding(base, u8());
                if (tile < 0) {
                    ofChannel[channel] = c;
                } else {
                    tileCoding[tile][channel] = c;
                }
            }
            case 0xff5c -> {
                Quantising q = quantising(stop);
                if (tile < 0) {
                    quantising = q;
                } else {
                    java.util.Arrays.fill(tileQuantising[tile], q);
                }
            }
            case 0xff5d -> {
                int channel = channel();
                Quantising q = quantising(stop);
                if (tile < 0) {
                    ofChannelQ[channel] = q;
                } else {
                    tileQuantising[tile][channel] = q;
                }
            }
            case 0xff5e -> throw Refusals.unsupported("a JPEG 2000 with a region of interest, which is not read");
            case 0xff5f -> throw Refusals.unsupported("a JPEG 2000 that changes its progression, which is not read");
            case 0xff60, 0xff61 -> throw Refusals.unsupported("a JPEG 2000 with packed packet headers, which is not read");
            case 0xff55, 0xff57, 0xff58, 0xff63, 0xff64, 0xff50 -> { }
            default -> throw Refusals.damaged("its JPEG 2000 has a marker that does not exist");
        }
        if (at > stop) {
            throw Refusals.damaged("a segment of its JPEG 2000 is shorter than what it holds");
        }
        at = stop;
    }

    private int channel() {
        int c = u8();
        if (c >= channels) {
            throw Refusals.damaged("its JPEG 2000 codes channel " + c + " of " + channels);
        }
        return c;
    }

    /** @param base what a channel's own segment does not say; null for that of all channels */
    private Coding coding(Coding base, int style) {
        int progression = base == null ? u8() : base.progression;
        int layers = base == null ? u16() : base.layers;
        boolean mixed = base == null ? u8() != 0 : base.mixed;
        int levels = u8();
        int width = u8() + 2;
        int height = u8() + 2;
        int blockStyle = u8();
        int transform = u8();
        if (progression > 4 || layers < 1 || levels > 32 || width > 10 || height > 10 || width + height > 12 || transform > 1) {
            throw Refusals.damaged("its JPEG 2000 is coded in a way that does not exist");
        }
        if ((blockStyle & ~CodeBlock.UNDERSTOOD) != 0) {
            throw Refusals.unsupported("a JPEG 2000 with bypassed coding, which is not read");
        }
        int[] precincts = null;
        if ((style & 1) != 0) {
            precincts = new int[levels + 1];
            for (int r = 0; r <= levels; r++) {
                precincts[r] = u8();
                if (r > 0 && ((precincts[r] & 15) == 0 || precincts[r] >> 4 == 0)) {
                    throw Refusals.damaged("its JPEG 2000 has precincts without an extent");
                }
            }
        }
        return new Coding(progression, layers, mixed, base == null ? (style & 2) != 0 : base.sop, base == null ? (style & 4) != 0 : base.eph, levels,
                width, height, blockStyle, transform == 1, precincts);
    }

    private Quantising quantising(int stop) {
        int style = u8();
        int kind = style & 31;
        if (kind > 2) {
            throw Refusals.damaged("its JPEG 2000 is quantised in a way that does not exist");
        }
        int count = kind == 0 ? stop - at : kind == 1 ? 1 : (stop - at) / 2;
        if (count < 1 || count > 97) {
            throw Refusals.damaged("its JPEG 2000 has " + count + " step sizes");
        }
        int[] exponents = new int[count];
        int[] mantissas = new int[count];
        for (int i = 0; i < count; i++) {
            int v = kind == 0 ? u8() << 8 : u16();
            exponents[i] = v >> 11;
            mantissas[i] = kind == 0 ? 0 : v & 0x7ff;
        }
        return new Quantising(kind, style >> 5, exponents, mantissas);
    }

    private int tilePart() {
        int start = at - 2;
        if (u16() != 10) {
            throw Refusals.damaged("its JPEG 2000 has a broken tile-part");
        }
        int tile = u16();
        int length = i32();
        u16();
        if (tile >= tiles.length) {
            throw Refusals.damaged("its JPEG 2000 has a tile " + tile + " of " + tiles.length);
        }
        if (length == 0) {
            length = end - start;
        }
        if (length < 14 || length > end - start) {
            throw Refusals.damaged("a tile-part of its JPEG 2000 claims " + Integer.toUnsignedString(length) + " bytes, " + (end - start) + " are left");
        }
        if (tiles[tile] == null) {
            if (coding == null || quantising == null) {
                throw Refusals.damaged("its JPEG 2000 has data before it says how they are coded");
            }
            tiles[tile] = new ByteArrayOutputStream();
            tileCoding[tile] = new Coding[channels];
            tileQuantising[tile] = new Quantising[channels];
            for (int c = 0; c < channels; c++) {
                tileCoding[tile][c] = ofChannel[c] != null ? ofChannel[c] : coding;
                tileQuantising[tile][c] = ofChannelQ[c] != null ? ofChannelQ[c] : quantising;
            }
        }
        int whole = end;
        end = start + length;
        for (int marker = u16(); marker != 0xff93; marker = u16()) {
            segment(marker, tile);
        }
        tiles[tile].write(in, at, end - at);
        at = end;
        end = whole;
        return tile;
    }

    // ---- one tile

    private void tile(int t, byte[] data) {
        int left = Math.max(tileX0 + t % tilesWide * tileWidth, x0);
        int top = Math.max(tileY0 + t / tilesWide * tileHeight, y0);
        int right = (int) Math.min((long) tileX0 + (t % tilesWide + 1L) * tileWidth, x1);
        int bottom = (int) Math.min((long) tileY0 + (t / tilesWide + 1L) * tileHeight, y1);
        List<Precinct> precincts = new ArrayList<>();
        for (int c = 0; c < channels; c++) {
            Coding coded = tileCoding[t][c];
            for (int r = 0; r <= coded.levels; r++) {
                precincts(precincts, c, r, coded, tileQuantising[t][c], left, top, right, bottom);
            }
        }
        Coding first = tileCoding[t][0];
        order(precincts, first.progression);
        new Packets(data, first).read(precincts);
        float[][] planes = new float[channels][];
        for (int c = 0; c < channels; c++) {
            int channel = c;
            planes[c] = channel(precincts.stream().filter(p -> p.channel == channel).toList(), tileCoding[t][c], data, left, top, right, bottom);
        }
        if (first.mixed && channels == 3) {
            mix(planes, first.reversible);
        }
        int width = right - left;
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < bottom - top; y++) {
                System.arraycopy(planes[c], y * width, image[c], (top - y0 + y) * columns + left - x0, width);
            }
        }
    }

    private void count(long more) {
        if (more > MAX_CELLS || (cells += (int) more) > MAX_CELLS) {
            throw Refusals.damaged("its JPEG 2000 is cut into more than " + MAX_CELLS + " pieces");
        }
    }

    private void precincts(List<Precinct> all, int c, int r, Coding coded, Quantising quantised, int left, int top, int right, int bottom) {
        int down = coded.levels - r;
        int rx0 = ceilShift(left, down);
        int ry0 = ceilShift(top, down);
        int rx1 = ceilShift(right, down);
        int ry1 = ceilShift(bottom, down);
        if (rx0 >= rx1 || ry0 >= ry1) {
            return;
        }
        int pw = coded.precinctWidth(r);
        int ph = coded.precinctHeight(r);
        int px0 = rx0 >> pw;
        int py0 = ry0 >> ph;
        int wide = ceilShift(rx1, pw) - px0;
        int high = ceilShift(ry1, ph) - py0;
        count((long) wide * high);
        List<Band> bands = new ArrayList<>();
        for (int kind = r == 0 ? 0 : 1; kind <= (r == 0 ? 0 : 3); kind++) {
            bands.add(band(kind, r, coded, quantised, left, top, right, bottom));
        }
        int shift = r == 0 ? 0 : 1;
        int bw = Math.min(coded.blockWidth, pw - shift);
        int bh = Math.min(coded.blockHeight, ph - shift);
        for (int p = 0; p < wide * high; p++) {
            int px = px0 + p % wide;
            int py = py0 + p / wide;
            Precinct precinct = new Precinct(c, r, p, Math.max(left, (long) px << pw + down), Math.max(top, (long) py << ph + down));
            for (Band band : bands) {
                int bx0 = (int) Math.max(band.x0, (long) px << pw - shift);
                int by0 = (int) Math.max(band.y0, (long) py << ph - shift);
                int bx1 = (int) Math.min(band.x1, (px + 1L) << pw - shift);
                int by1 = (int) Math.min(band.y1, (py + 1L) << ph - shift);
                boolean empty = bx0 >= bx1 || by0 >= by1;
                int cx0 = bx0 >> bw;
                int cy0 = by0 >> bh;
                int cw = empty ? 0 : ceilShift(bx1, bw) - cx0;
                int ch = empty ? 0 : ceilShift(by1, bh) - cy0;
                count((long) cw * ch + 1);
                Part part = new Part(band, cw, ch);
                for (int b = 0; b < cw * ch; b++) {
                    int x = cx0 + b % cw;
                    int y = cy0 + b / cw;
                    part.blocks[b] = new CodeBlock(Math.max(bx0, x << bw), Math.max(by0, y << bh), (int) Math.min(bx1, (x + 1L) << bw),
                            (int) Math.min(by1, (y + 1L) << bh));
                }
                precinct.parts.add(part);
            }
            all.add(precinct);
        }
    }

    private Band band(int kind, int r, Coding coded, Quantising quantised, int left, int top, int right, int bottom) {
        int level = r == 0 ? coded.levels : coded.levels - r + 1;
        int xo = kind == 1 || kind == 3 ? 1 : 0;
        int yo = kind >= 2 ? 1 : 0;
        int index = r == 0 ? 0 : 3 * (r - 1) + kind;
        int exponent;
        int mantissa;
        if (quantised.style == 1) {
            exponent = quantised.exponents[0] - (r == 0 ? 0 : r - 1);
            mantissa = quantised.mantissas[0];
        } else if (index >= quantised.exponents.length) {
            throw Refusals.damaged("its JPEG 2000 lacks a step size");
        } else {
            exponent = quantised.exponents[index];
            mantissa = quantised.mantissas[index];
        }
        int planes = quantised.guard + exponent - 1;
        if (exponent < 0 || planes > 31) {
            throw Refusals.damaged("its JPEG 2000 has bands of " + planes + " bit planes");
        }
        int gain = kind == 0 ? 0 : kind == 3 ? 2 : 1;
        float step = coded.reversible ? 1 : (float) (Math.scalb(1.0, bits + gain - exponent) * (1 + mantissa / 2048.0));
        return new Band(kind, edge(left, xo, level), edge(top, yo, level), edge(right, xo, level), edge(bottom, yo, level), Math.max(planes, 0), step);
    }

    /** Where an edge of a tile is in a band (equation B-15). */
    private static int edge(int tile, int odd, int level) {
        if (level == 0) {
            return tile;
        }
        long v = tile - ((long) odd << level - 1);
        return (int) (v + (1L << level) - 1 >> level);
    }

    private static void order(List<Precinct> precincts, int progression) {
        Comparator<Precinct> place = Comparator.<Precinct>comparingLong(p -> p.y).thenComparingLong(p -> p.x);
        Comparator<Precinct> resolution = Comparator.comparingInt(p -> p.resolution);
        Comparator<Precinct> channel = Comparator.comparingInt(p -> p.channel);
        Comparator<Precinct> index = Comparator.comparingInt(p -> p.index);
        precincts.sort(switch (progression) {
            case 0, 1 -> resolution.thenComparing(channel).thenComparing(index);
            case 2 -> resolution.thenComparing(place).thenComparing(channel).thenComparing(index);
            case 3 -> place.thenComparing(channel).thenComparing(resolution).thenComparing(index);
            default -> channel.thenComparing(place).thenComparing(resolution).thenComparing(index);
        });
    }

    /** Reads the packets of a tile: which blocks they hold how much of (annex B.10). */
    private static final class Packets {
        private final byte[] data;
        private final Coding coding;
        private int at;
        private int buffer;
        private int left;

        Packets(byte[] data, Coding coding) {
            this.data = data;
            this.coding = coding;
        }

        void read(List<Precinct> ordered) {
            if (coding.progression == 0) {
                for (int l = 0; l < coding.layers; l++) {
                    for (Precinct p : ordered) {
                        packet(p, l);
                    }
                }
            } else if (coding.progression == 1) {
                for (int from = 0; from < ordered.size();) {
                    int to = from;
                    while (to < ordered.size() && ordered.get(to).resolution == ordered.get(from).resolution) {
                        to++;
                    }
                    for (int l = 0; l < coding.layers; l++) {
                        for (Precinct p : ordered.subList(from, to)) {
                            packet(p, l);
                        }
                    }
                    from = to;
                }
            } else {
                for (Precinct p : ordered) {
                    for (int l = 0; l < coding.layers; l++) {
                        packet(p, l);
                    }
                }
            }
        }

        private void packet(Precinct precinct, int layer) {
            if (coding.sop && data.length - at >= 6 && (data[at] & 0xff) == 0xff && (data[at + 1] & 0xff) == 0x91) {
                at += 6;
            }
            buffer = 0;
            left = 0;
            List<CodeBlock> sent = new ArrayList<>();
            List<int[]> lengths = new ArrayList<>();
            if (bit() != 0) {
                for (Part part : precinct.parts) {
                    for (int b = 0; b < part.blocks.length; b++) {
                        block(part, b, layer, sent, lengths);
                    }
                }
            }
            if (buffer == 0xff) {
                // A byte of ones is followed by a stuffed one, which belongs to the header.
                next();
            }
            if (coding.eph && data.length - at >= 2 && (data[at] & 0xff) == 0xff && (data[at + 1] & 0xff) == 0x92) {
                at += 2;
            }
            for (int i = 0; i < sent.size(); i++) {
                for (int length : lengths.get(i)) {
                    if (length > data.length - at) {
                        throw Refusals.damaged("a packet of its JPEG 2000 claims " + length + " bytes, " + (data.length - at) + " are left");
                    }
                    sent.get(i).pieces.add(new Piece(at, length));
                    at += length;
                }
            }
        }

        private void block(Part part, int b, int layer, List<CodeBlock> sent, List<int[]> lengths) {
            CodeBlock block = part.blocks[b];
            boolean here = block.included ? bit() != 0 : part.included.below(b, layer + 1, this::bit);
            if (!here) {
                return;
            }
            if (!block.included) {
                block.included = true;
                int zeros = 1;
                while (!part.zeroPlanes.below(b, zeros, this::bit)) {
                    if (++zeros > 64) {
                        throw Refusals.damaged("a block of its JPEG 2000 with more than 64 empty bit planes");
                    }
                }
                block.zeroPlanes = zeros - 1;
            }
            int passes = passes();
            while (bit() != 0) {
                if (++block.lengthBits > 32) {
                    throw Refusals.damaged("a block of its JPEG 2000 with a length of more than 32 bits");
                }
            }
            boolean each = (coding.style & CodeBlock.TERMINATE) != 0;
            int[] sizes = new int[each ? passes : 1];
            int bits = block.lengthBits + (each ? 0 : 31 - Integer.numberOfLeadingZeros(passes));
            if (bits > 31) {
                throw Refusals.damaged("a block of its JPEG 2000 with a length of more than 31 bits");
            }
            for (int i = 0; i < sizes.length; i++) {
                for (int k = 0; k < bits; k++) {
                    sizes[i] = sizes[i] << 1 | bit();
                }
            }
            block.passes += passes;
            if (block.passes > 100) {
                throw Refusals.damaged("a block of its JPEG 2000 with more than 100 coding passes");
            }
            sent.add(block);
            lengths.add(sizes);
        }

        private int passes() {
            if (bit() == 0) {
                return 1;
            }
            if (bit() == 0) {
                return 2;
            }
            int v = bits(2);
            if (v < 3) {
                return 3 + v;
            }
            v = bits(5);
            return v < 31 ? 6 + v : 37 + bits(7);
        }

        private int bits(int n) {
            int v = 0;
            for (int i = 0; i < n; i++) {
                v = v << 1 | bit();
            }
            return v;
        }

        private int bit() {
            if (left == 0) {
                left = buffer == 0xff ? 7 : 8;
                next();
            }
            return buffer >> --left & 1;
        }

        private void next() {
            if (at >= data.length) {
                throw Refusals.damaged("the packets of its JPEG 2000 are cut short");
            }
            buffer = data[at++] & 0xff;
        }
    }

    /** The samples of a channel of a tile. */
    private static float[] channel(List<Precinct> precincts, Coding coded, byte[] data, int left, int top, int right, int bottom) {
        float[] low = null;
        for (int r = 0; r <= coded.levels; r++) {
            int down = coded.levels - r;
            int rx0 = ceilShift(left, down);
            int ry0 = ceilShift(top, down);
            int width = ceilShift(right, down) - rx0;
            int height = ceilShift(bottom, down) - ry0;
            float[] values = new float[Math.max(0, width) * Math.max(0, height)];
            if (values.length == 0) {
                continue;
            }
            if (r > 0 && low != null) {
                int lx0 = ceilShift(left, down + 1);
                int ly0 = ceilShift(top, down + 1);
                int lw = ceilShift(right, down + 1) - lx0;
                for (int i = 0; i < low.length; i++) {
                    values[(2 * (ly0 + i / lw) - ry0) * width + 2 * (lx0 + i % lw) - rx0] = low[i];
                }
            }
            for (Precinct p : precincts) {
                if (p.resolution == r) {
                    for (Part part : p.parts) {
                        for (CodeBlock block : part.blocks) {
                            place(block, part.band, coded, data, values, rx0, ry0, width, r > 0);
                        }
                    }
                }
            }
            if (r > 0) {
                Wavelet.inverse(values, rx0, ry0, width, height, coded.reversible);
            }
            low = values;
        }
        return low == null ? new float[(right - left) * (bottom - top)] : low;
    }

    private static void place(CodeBlock block, Band band, Coding coded, byte[] data, float[] values, int rx0, int ry0, int width, boolean spread) {
        int[] decoded = block.decode(data, band.kind, band.planes, coded.style);
        if (decoded == null) {
            return;
        }
        for (int y = 0; y < block.height; y++) {
            for (int x = 0; x < block.width; x++) {
                int v = decoded[y * block.width + x];
                int bx = block.x0 + x;
                int by = block.y0 + y;
                int to = spread ? (2 * by + (band.kind >= 2 ? 1 : 0) - ry0) * width + 2 * bx + (band.kind & 1) - rx0 : (by - ry0) * width + bx - rx0;
                values[to] = coded.reversible ? v / 2 : v * .5f * band.step;
            }
        }
    }

    private static void mix(float[][] planes, boolean reversible) {
        for (int i = 0; i < planes[0].length; i++) {
            float y = planes[0][i];
            float b = planes[1][i];
            float r = planes[2][i];
            if (reversible) {
                float green = y - (float) Math.floor((b + r) / 4);
                planes[0][i] = r + green;
                planes[1][i] = green;
                planes[2][i] = b + green;
            } else {
                planes[0][i] = y + 1.402f * r;
                planes[1][i] = y - .344136f * b - .714136f * r;
                planes[2][i] = y + 1.772f * b;
            }
        }
    }
}
