package org.wherefore.connector.dicom.internal;

import java.util.ArrayList;
import java.util.List;

/**
 * The coefficients of one code-block of JPEG 2000 (ITU-T T.800 annex D), decoded bit plane by bit plane. Magnitudes come out with one bit
 * below the point: half of the last plane's step is added, which is where the true value is expected. One thread.
 */
final class CodeBlock {
    /** Styles of coding (table A.19) that are understood besides the plain one. */
    static final int RESET = 2;
    static final int TERMINATE = 4;
    static final int CAUSAL = 8;
    private static final int PREDICTABLE = 16;
    static final int SYMBOLS = 32;
    static final int UNDERSTOOD = RESET | TERMINATE | CAUSAL | PREDICTABLE | SYMBOLS;

    private static final byte[][] CONTEXTS = {contexts(0), contexts(1), contexts(2), contexts(3)};

    /** A part of the data that holds passes of this block. */
    record Piece(int at, int length) {}

    final int x0;
    final int y0;
    final int width;
    final int height;
    boolean included;
    int zeroPlanes;
    int lengthBits = 3;
    int passes;
    final List<Piece> pieces = new ArrayList<>();

    private int stride;
    private byte[] significant;
    private byte[] negative;
    private byte[] visited;
    private byte[] around;
    private byte[] refined;
    private int[] magnitude;
    private ArithmeticDecoder mq;
    private boolean causal;
    private byte[] contexts;

    CodeBlock(int x0, int y0, int x1, int y1) {
        this.x0 = x0;
        this.y0 = y0;
        this.width = x1 - x0;
        this.height = y1 - y0;
    }

    /**
     * @param band 0 LL, 1 HL, 2 LH, 3 HH
     * @param planes of the band, zero ones included
     * @return magnitudes times two, with sign, row by row; null when nothing of it was sent
     */
    int[] decode(byte[] data, int band, int planes, int style) {
        if (passes == 0) {
            return null;
        }
        int plane = planes - 1 - zeroPlanes;
        if (plane < 0 || plane > 29 || passes > 3 * (plane + 1) - 2) {
            throw Refusals.damaged("its JPEG 2000 has " + passes + " coding passes where " + planes + " bit planes, " + zeroPlanes
                    + " of them empty, have none");
        }
        stride = width + 2;
        int cells = stride * (height + 2);
        significant = new byte[cells];
        negative = new byte[cells];
        visited = new byte[cells];
        refined = new byte[cells];
        magnitude = new int[cells];
        causal = (style & CAUSAL) != 0;
        contexts = CONTEXTS[band];
        around = new byte[cells];
        mq = new ArithmeticDecoder();
        mq.reset();
        boolean terminated = (style & TERMINATE) != 0;
        if (!terminated && pieces.size() == 1) {
            mq.start(data, pieces.get(0).at, pieces.get(0).at + pieces.get(0).length);
        } else if (!terminated) {
            byte[] whole = joined(data);
            mq.start(whole, 0, whole.length);
        }
        int kind = 2;
        for (int pass = 0; pass < passes; pass++) {
            if (terminated) {
                mq.start(data, pieces.get(pass).at, pieces.get(pass).at + pieces.get(pass).length);
            }
            switch (kind) {
                case 0 -> propagate(plane);
                case 1 -> refine(plane);
                default -> {
                    cleanUp(plane);
                    if ((style & SYMBOLS) != 0) {
                        for (int i = 0; i < 4; i++) {
                            mq.decode(ArithmeticDecoder.UNIFORM);
                        }
                    }
                    java.util.Arrays.fill(visited, (byte) 0);
                    plane--;
                }
            }
            kind = (kind + 1) % 3;
            if ((style & RESET) != 0) {
                mq.reset();
            }
        }
        int[] out = new int[width * height];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int i = (y + 1) * stride + x + 1;
                out[y * width + x] = negative[i] != 0 ? -magnitude[i] : magnitude[i];
            }
        }
        significant = null;
        negative = null;
        visited = null;
        around = null;
        refined = null;
        magnitude = null;
        mq = null;
        return out;
    }

    private byte[] joined(byte[] data) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        pieces.forEach(p -> out.write(data, p.at, p.length));
        return out.toByteArray();
    }

    /** Whether what is below a row of the block must not be looked at: the last row of a stripe, when stripes are causal. */
    private boolean blind(int y) {
        return causal && (y & 3) == 3;
    }

    /** The context of a coefficient for each number of significant neighbours: beside it, above and below it (times 4), at its corners (times 16). */
    private static byte[] contexts(int band) {
        byte[] table = new byte[128];
        for (int n = 0; n < table.length; n++) {
            int h = band == 1 ? n >> 2 & 3 : n & 3;
            int v = band == 1 ? n & 3 : n >> 2 & 3;
            int d = n >> 4;
            int context;
            if (band == 3) {
                int hv = h + v;
                context = d >= 3 ? 8 : d == 2 ? hv >= 1 ? 7 : 6 : d == 1 ? hv >= 2 ? 5 : hv == 1 ? 4 : 3 : Math.min(hv, 2);
            } else {
                context = h == 2 ? 8 : h == 1 ? v >= 1 ? 7 : d >= 1 ? 6 : 5 : v == 2 ? 4 : v == 1 ? 3 : Math.min(d, 2);
            }
            table[n] = (byte) context;
        }
        return table;
    }

    private int contribution(int i) {
        return significant[i] == 0 ? 0 : negative[i] != 0 ? -1 : 1;
    }

    private void sign(int i, boolean blind) {
        int h = Integer.signum(contribution(i - 1) + contribution(i + 1));
        int v = Integer.signum(contribution(i - stride) + (blind ? 0 : contribution(i + stride)));
        boolean flip = h < 0 || h == 0 && v < 0;
        if (flip) {
            h = -h;
            v = -v;
        }
        int context = h == 1 ? 12 + v : 9 + v;
        int bit = mq.decode(context);
        negative[i] = (byte) (flip ? 1 - bit : bit);
    }

    private void becomes(int i, int y, int plane) {
        sign(i, blind(y));
        significant[i] = 1;
        magnitude[i] = 3 << plane;
        around[i - 1]++;
        around[i + 1]++;
        around[i + stride] += 4;
        around[i + stride - 1] += 16;
        around[i + stride + 1] += 16;
        if (!causal || (y & 3) != 0) {
            around[i - stride] += 4;
            around[i - stride - 1] += 16;
            around[i - stride + 1] += 16;
        }
    }

    private void propagate(int plane) {
        for (int top = 0; top < height; top += 4) {
            for (int x = 0; x < width; x++) {
                for (int y = top; y < Math.min(top + 4, height); y++) {
                    int i = (y + 1) * stride + x + 1;
                    if (significant[i] != 0) {
                        continue;
                    }
                    if (around[i] == 0) {
                        continue;
                    }
                    visited[i] = 1;
                    if (mq.decode(contexts[around[i]]) != 0) {
                        becomes(i, y, plane);
                    }
                }
            }
        }
    }

    private void refine(int plane) {
        for (int top = 0; top < height; top += 4) {
            for (int x = 0; x < width; x++) {
                for (int y = top; y < Math.min(top + 4, height); y++) {
                    int i = (y + 1) * stride + x + 1;
                    if (significant[i] == 0 || visited[i] != 0) {
                        continue;
                    }
                    int context = refined[i] != 0 ? 16 : around[i] != 0 ? 15 : 14;
                    refined[i] = 1;
                    magnitude[i] += mq.decode(context) != 0 ? 1 << plane : -(1 << plane);
                }
            }
        }
    }

    private void cleanUp(int plane) {
        for (int top = 0; top < height; top += 4) {
            for (int x = 0; x < width; x++) {
                int y = top;
                boolean known = false;
                if (top + 4 <= height && quiet(top, x)) {
                    if (mq.decode(ArithmeticDecoder.RUN) == 0) {
                        continue;
                    }
                    y = top + (mq.decode(ArithmeticDecoder.UNIFORM) << 1 | mq.decode(ArithmeticDecoder.UNIFORM));
                    known = true;
                }
                for (; y < Math.min(top + 4, height); y++) {
                    int i = (y + 1) * stride + x + 1;
                    if (!known && (significant[i] != 0 || visited[i] != 0)) {
                        continue;
                    }
                    if (known || mq.decode(contexts[around[i]]) != 0) {
                        becomes(i, y, plane);
                    }
                    known = false;
                }
            }
        }
    }

    /** Whether a column of four has nothing significant in it and around it, and was not looked at in this plane. */
    private boolean quiet(int top, int x) {
        for (int y = top; y < top + 4; y++) {
            int i = (y + 1) * stride + x + 1;
            if (significant[i] != 0 || visited[i] != 0 || around[i] != 0) {
                return false;
            }
        }
        return true;
    }
}
