package org.wherefore.connector.dicom.internal;

import java.util.Arrays;

/**
 * JPEG-LS (ITU-T T.87), lossless and near-lossless, of 2 to 16 bits, channels one after the other, by lines or by samples. Mapping tables and
 * colour transforms of makers are refused. Sizes are checked against the DICOM header before samples are allocated. One frame, one thread.
 */
final class JpegLsDecoder {
    private static final int[] RUN = {0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    private static final int CONTEXTS = 365;

    private final byte[] in;
    private final int end;
    private final int rows;
    private final int columns;
    private final int channels;
    private int at;
    private int bits;
    private int[] ids;
    private int[][] samples;
    private boolean[] done;
    private int max;
    private int t1;
    private int t2;
    private int t3;
    private int reset;

    private int top;
    private int one;
    private int two;
    private int three;
    private int every;
    private int near;
    private int range;
    private int rangeBits;
    private int limit;
    private int step;
    private final int[] a = new int[CONTEXTS + 2];
    private final int[] b = new int[CONTEXTS];
    private final int[] c = new int[CONTEXTS];
    private final int[] n = new int[CONTEXTS + 2];
    private final int[] negative = new int[2];
    private int buffer;
    private int left;

    private JpegLsDecoder(byte[] in, int from, int length, int rows, int columns, int channels) {
        this.in = in;
        this.at = from;
        this.end = from + length;
        this.rows = rows;
        this.columns = columns;
        this.channels = channels;
    }

    static Coded decode(byte[] in, int from, int length, int rows, int columns, int channels) {
        return new JpegLsDecoder(in, from, length, rows, columns, channels).decode();
    }

    private Coded decode() {
        if (u8() != 0xff || u8() != 0xd8) {
            throw Refusals.damaged("its compressed pixel data are no JPEG-LS");
        }
        while (true) {
            if (u8() != 0xff) {
                throw Refusals.damaged("its JPEG-LS has no marker where one should be");
            }
            int marker = u8();
            while (marker == 0xff) {
                marker = u8();
            }
            if (marker == 0xd9) {
                break;
            }
            segment(marker);
        }
        if (samples == null) {
            throw Refusals.damaged("a JPEG-LS without an image");
        }
        for (boolean d : done) {
            if (!d) {
                throw Refusals.damaged("a JPEG-LS in which channels are missing");
            }
        }
        return new Coded(samples, bits, false, false);
    }

    private int u8() {
        if (at >= end) {
            throw Refusals.damaged("its JPEG-LS is cut short");
        }
        return in[at++] & 0xff;
    }

    private int u16() {
        int high = u8();
        return high << 8 | u8();
    }

    private void segment(int marker) {
        int start = at;
        int length = u16();
        if (length < 2 || length > end - start) {
            throw Refusals.damaged("a segment of its JPEG-LS claims " + length + " bytes, " + (end - start) + " are left");
        }
        switch (marker) {
            case 0xf7 -> frame();
            case 0xf8 -> parameters();
            case 0xda -> {
                scan();
                return;
            }
            case 0xdd -> {
                if (u16() != 0) {
                    throw Refusals.unsupported("a JPEG-LS with restart markers, which is not read");
                }
            }
            case 0xe8 -> {
                if (length >= 7 && in[at] == 'm' && in[at + 1] == 'r' && in[at + 2] == 'f' && in[at + 3] == 'x' && in[at + 4] != 0) {
                    throw Refusals.unsupported("a JPEG-LS with a maker's colour transform, which is not read");
                }
            }
            default -> {
                if (marker < 0xe0 || marker > 0xfe || marker > 0xef && marker != 0xfe) {
                    throw Refusals.damaged("its JPEG-LS has a marker that does not belong there");
                }
            }
        }
        at = start + length;
    }

    private void frame() {
        if (samples != null) {
            throw Refusals.damaged("its JPEG-LS has two headers");
        }
        bits = u8();
        int height = u16();
        int width = u16();
        int count = u8();
        if (height != rows || width != columns || count != channels) {
            throw Refusals.damaged("its JPEG-LS is " + width + " x " + height + " with " + count + " channels, its header says " + columns + " x " + rows
                    + " with " + channels);
        }
        if (bits < 2 || bits > 16) {
            throw Refusals.damaged("its JPEG-LS has samples of " + bits + " bits");
        }
        ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = u8();
            if (u8() != 0x11) {
                throw Refusals.unsupported("a JPEG-LS with subsampled channels, which is not read");
            }
            u8();
        }
        samples = new int[count][rows * columns];
        done = new boolean[count];
    }

    private void parameters() {
        int kind = u8();
        if (kind != 1) {
            throw Refusals.unsupported("a JPEG-LS with mapping tables or sizes of its own, which is not read");
        }
        max = u16();
        t1 = u16();
        t2 = u16();
        t3 = u16();
        reset = u16();
    }

    private void scan() {
        if (samples == null) {
            throw Refusals.damaged("data before the header in its JPEG-LS");
        }
        int count = u8();
        if (count < 1 || count > channels) {
            throw Refusals.damaged("a scan of " + count + " channels in its JPEG-LS");
        }
        int[] scanned = new int[count];
        for (int i = 0; i < count; i++) {
            int id = u8();
            scanned[i] = -1;
            for (int k = 0; k < channels; k++) {
                if (ids[k] == id && !done[k] && scanned[i] < 0) {
                    scanned[i] = k;
                    done[k] = true;
                }
            }
            if (scanned[i] < 0) {
                throw Refusals.damaged("a scan of a channel that its JPEG-LS does not have, or has had");
            }
            if (u8() != 0) {
                throw Refusals.unsupported("a JPEG-LS with mapping tables, which is not read");
            }
        }
        near = u8();
        int interleave = u8();
        if (u8() != 0 || interleave > 2 || interleave == 0 && count != 1) {
            throw Refusals.damaged("a scan of its JPEG-LS is ordered in a way that does not exist");
        }
        prepare();
        if (interleave == 2 && count > 1) {
            bySamples(scanned);
        } else {
            byLines(scanned);
        }
        left = 0;
        buffer = 0;
    }

    private void prepare() {
        int maxValue = max == 0 ? (1 << bits) - 1 : max;
        if (maxValue >= 1 << bits || maxValue < 1 || near > Math.min(255, maxValue / 2)) {
            throw Refusals.damaged("a JPEG-LS of values up to " + maxValue + ", " + near + " near");
        }
        thresholds(maxValue);
        step = 2 * near + 1;
        range = (maxValue + 2 * near) / step + 1;
        rangeBits = 32 - Integer.numberOfLeadingZeros(range - 1);
        int bpp = Math.max(2, 32 - Integer.numberOfLeadingZeros(maxValue));
        limit = 2 * (bpp + Math.max(8, bpp));
        Arrays.fill(a, Math.max(2, (range + 32) / 64));
        Arrays.fill(b, 0);
        Arrays.fill(c, 0);
        Arrays.fill(n, 1);
        Arrays.fill(negative, 0);
        left = 0;
        buffer = 0;
        top = maxValue;
    }

    private void thresholds(int maxValue) {
        int[] basic = {3, 7, 21};
        int[] given = {t1, t2, t3};
        int least = near + 1;
        for (int i = 0; i < 3; i++) {
            int usual;
            if (maxValue >= 128) {
                int factor = (Math.min(maxValue, 4095) + 128) / 256;
                usual = factor * (basic[i] - (i + 2)) + i + 2 + (2 * i + 3) * near;
            } else {
                usual = Math.max(i + 2, basic[i] / (256 / (maxValue + 1)) + (2 * i + 3) * near);
            }
            if (usual > maxValue || usual < least) {
                usual = least;
            }
            int used = given[i] == 0 ? usual : given[i];
            if (used < least || used > maxValue) {
                throw Refusals.damaged("a JPEG-LS with thresholds that do not rise");
            }
            given[i] = used;
            least = used;
        }
        one = given[0];
        two = given[1];
        three = given[2];
        every = reset == 0 ? 64 : reset;
        if (every < 3) {
            throw Refusals.damaged("a JPEG-LS that halves its counts after " + every);
        }
    }

    private int bit() {
        if (left == 0) {
            int before = buffer;
            if (at >= end) {
                throw Refusals.damaged("its JPEG-LS is cut short");
            }
            int next = in[at] & 0xff;
            if (before == 0xff && next > 0x7f) {
                throw Refusals.damaged("the data of its JPEG-LS end too early");
            }
            at++;
            buffer = next;
            left = before == 0xff ? 7 : 8;
        }
        return buffer >> --left & 1;
    }

    private int bits(int count) {
        int v = 0;
        for (int i = 0; i < count; i++) {
            v = v << 1 | bit();
        }
        return v;
    }

    /** A number coded by Golomb's codes of limited length. */
    private int golomb(int k, int most) {
        int prefix = 0;
        while (bit() == 0) {
            if (++prefix > most) {
                throw Refusals.damaged("a code of its JPEG-LS is too long");
            }
        }
        if (prefix < most - rangeBits - 1) {
            return (prefix << k) + bits(k);
        }
        return bits(rangeBits) + 1;
    }

    private int quantise(int d) {
        int m = Math.abs(d);
        int q = m <= near ? 0 : m < one ? 1 : m < two ? 2 : m < three ? 3 : 4;
        return d < 0 ? -q : q;
    }

    private int clamp(int v) {
        return Math.max(0, Math.min(top, v));
    }

    private int value(int predicted, int error) {
        int v = predicted + error * step;
        if (v < -near) {
            v += range * step;
        } else if (v > top + near) {
            v -= range * step;
        }
        return clamp(v);
    }

    private int regular(int q, int ra, int rb, int rc) {
        int sign = q < 0 ? -1 : 1;
        int i = Math.abs(q);
        int p = rc >= Math.max(ra, rb) ? Math.min(ra, rb) : rc <= Math.min(ra, rb) ? Math.max(ra, rb) : ra + rb - rc;
        p = clamp(p + sign * c[i]);
        int k = 0;
        while (n[i] << k < a[i] && k < 24) {
            k++;
        }
        int m = golomb(k, limit);
        int error;
        if (near == 0 && k == 0 && 2 * b[i] <= -n[i]) {
            error = (m & 1) == 1 ? (m - 1) / 2 : -m / 2 - 1;
        } else {
            error = (m & 1) == 0 ? m / 2 : -(m + 1) / 2;
        }
        b[i] += error * step;
        a[i] += Math.abs(error);
        if (n[i] == every) {
            a[i] >>= 1;
            b[i] = b[i] >= 0 ? b[i] >> 1 : -(1 - b[i] >> 1);
            n[i] >>= 1;
        }
        n[i]++;
        if (b[i] <= -n[i]) {
            b[i] = Math.max(b[i] + n[i], 1 - n[i]);
            c[i] = Math.max(-128, c[i] - 1);
        } else if (b[i] > 0) {
            b[i] = Math.min(b[i] - n[i], 0);
            c[i] = Math.min(127, c[i] + 1);
        }
        return value(p, sign * error);
    }

    /** The sample that ends a run. */
    private int interruption(int kind, int ra, int rb, int runBits) {
        int i = CONTEXTS + kind;
        int temp = kind == 0 ? a[i] : a[i] + (n[i] >> 1);
        int k = 0;
        while (n[i] << k < temp && k < 24) {
            k++;
        }
        int m = golomb(k, limit - runBits - 1);
        int t = m + kind;
        int map = t & 1;
        int error = (t + map) / 2;
        if ((k != 0 || 2 * negative[kind] >= n[i]) == (map == 1)) {
            error = -error;
        }
        if (error < 0) {
            negative[kind]++;
        }
        a[i] += m + 1 - kind >> 1;
        if (n[i] == every) {
            a[i] >>= 1;
            n[i] >>= 1;
            negative[kind] >>= 1;
        }
        n[i]++;
        int sign = kind == 0 && ra > rb ? -1 : 1;
        return value(kind == 1 ? ra : rb, sign * error);
    }

    /** Which context a sample has; its sign says whether the errors are to be taken the other way round, 0 that a run begins. */
    private int context(int ra, int rb, int rc, int rd) {
        return 81 * quantise(rd - rb) + 9 * quantise(rb - rc) + quantise(rc - ra);
    }

    private void byLines(int[] scanned) {
        int[] runIndex = new int[scanned.length];
        // The sample before the first of a row is the one above it, and that before the row above is what stood for it there.
        int[] corner = new int[scanned.length];
        for (int y = 0; y < rows; y++) {
            for (int s = 0; s < scanned.length; s++) {
                int[] out = samples[scanned[s]];
                int row = y * columns;
                int start = y == 0 ? 0 : out[row - columns];
                int ra = start;
                int rc = corner[s];
                corner[s] = start;
                for (int x = 0; x < columns;) {
                    int rb = y == 0 ? 0 : out[row - columns + x];
                    int rd = y == 0 ? 0 : x + 1 < columns ? out[row - columns + x + 1] : rb;
                    int q = context(ra, rb, rc, rd);
                    if (q != 0) {
                        ra = regular(q, ra, rb, rc);
                        out[row + x++] = ra;
                        rc = rb;
                        continue;
                    }
                    boolean interrupted = true;
                    int index = runIndex[s];
                    while (bit() == 1) {
                        int length = Math.min(1 << RUN[index], columns - x);
                        Arrays.fill(out, row + x, row + x + length, ra);
                        x += length;
                        if (length == 1 << RUN[index] && index < 31) {
                            index++;
                        }
                        if (x == columns) {
                            interrupted = false;
                            break;
                        }
                    }
                    if (interrupted) {
                        int length = bits(RUN[index]);
                        if (length >= columns - x) {
                            throw Refusals.damaged("a run of its JPEG-LS leaves its row");
                        }
                        Arrays.fill(out, row + x, row + x + length, ra);
                        x += length;
                        rb = y == 0 ? 0 : out[row - columns + x];
                        ra = interruption(Math.abs(ra - rb) <= near ? 1 : 0, ra, rb, RUN[index]);
                        out[row + x++] = ra;
                        index = Math.max(0, index - 1);
                        rc = rb;
                    }
                    runIndex[s] = index;
                }
            }
        }
    }

    private void bySamples(int[] scanned) {
        int count = scanned.length;
        int index = 0;
        int[] corner = new int[count];
        int[] ra = new int[count];
        int[] rc = new int[count];
        int[] q = new int[count];
        for (int y = 0; y < rows; y++) {
            int row = y * columns;
            for (int s = 0; s < count; s++) {
                ra[s] = y == 0 ? 0 : samples[scanned[s]][row - columns];
                rc[s] = corner[s];
                corner[s] = ra[s];
            }
            for (int x = 0; x < columns;) {
                boolean run = true;
                for (int s = 0; s < count; s++) {
                    int[] out = samples[scanned[s]];
                    int rb = y == 0 ? 0 : out[row - columns + x];
                    int rd = y == 0 ? 0 : x + 1 < columns ? out[row - columns + x + 1] : rb;
                    q[s] = context(ra[s], rb, rc[s], rd);
                    run &= q[s] == 0;
                }
                boolean interrupted = !run;
                if (run) {
                    interrupted = true;
                    while (bit() == 1) {
                        int length = Math.min(1 << RUN[index], columns - x);
                        fill(scanned, row + x, length, ra);
                        x += length;
                        if (length == 1 << RUN[index] && index < 31) {
                            index++;
                        }
                        if (x == columns) {
                            interrupted = false;
                            break;
                        }
                    }
                    if (interrupted) {
                        int length = bits(RUN[index]);
                        if (length >= columns - x) {
                            throw Refusals.damaged("a run of its JPEG-LS leaves its row");
                        }
                        fill(scanned, row + x, length, ra);
                        x += length;
                    }
                }
                if (interrupted) {
                    for (int s = 0; s < count; s++) {
                        int[] out = samples[scanned[s]];
                        int rb = y == 0 ? 0 : out[row - columns + x];
                        ra[s] = run ? interruption(0, ra[s], rb, RUN[index]) : regular(q[s], ra[s], rb, rc[s]);
                        out[row + x] = ra[s];
                        rc[s] = rb;
                    }
                    x++;
                    if (run) {
                        index = Math.max(0, index - 1);
                    }
                }
            }
        }
    }

    private void fill(int[] scanned, int from, int length, int[] values) {
        for (int s = 0; s < scanned.length; s++) {
            Arrays.fill(samples[scanned[s]], from, from + length, values[s]);
        }
    }
}
