package org.wherefore.connector.dicom.internal;

/** The MQ decoder of JPEG 2000 (ITU-T T.800 annex C) over one piece of data, behind whose end it reads ones. One thread. */
final class ArithmeticDecoder {
    private static final int[] QE = {0x5601, 0x3401, 0x1801, 0x0ac1, 0x0521, 0x0221, 0x5601, 0x5401, 0x4801, 0x3801, 0x3001, 0x2401, 0x1c01, 0x1601,
        0x5601, 0x5401, 0x5101, 0x4801, 0x3801, 0x3401, 0x3001, 0x2801, 0x2401, 0x2201, 0x1c01, 0x1801, 0x1601, 0x1401, 0x1201, 0x1101, 0x0ac1,
        0x09c1, 0x08a1, 0x0521, 0x0441, 0x02a1, 0x0221, 0x0141, 0x0111, 0x0085, 0x0049, 0x0025, 0x0015, 0x0009, 0x0005, 0x0001, 0x5601};
    private static final byte[] NEXT_MORE = {1, 2, 3, 4, 5, 38, 7, 8, 9, 10, 11, 12, 13, 29, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
        30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 45, 46};
    private static final byte[] NEXT_LESS = {1, 6, 9, 12, 29, 33, 6, 14, 14, 14, 17, 18, 20, 21, 14, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 23, 24, 25, 26,
        27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 46};
    static final int CONTEXTS = 19;
    static final int RUN = 17;
    static final int UNIFORM = 18;

    private final byte[] state = new byte[CONTEXTS];
    private final byte[] likely = new byte[CONTEXTS];
    private byte[] in;
    private int at;
    private int end;
    private int c;
    private int a;
    private int count;

    void reset() {
        java.util.Arrays.fill(state, (byte) 0);
        java.util.Arrays.fill(likely, (byte) 0);
        state[0] = 4;
        state[RUN] = 3;
        state[UNIFORM] = 46;
    }

    void start(byte[] bytes, int from, int to) {
        in = bytes;
        at = from;
        end = to;
        c = (at < end ? in[at] & 0xff : 0xff) << 16;
        byteIn();
        c <<= 7;
        count -= 7;
        a = 0x8000;
    }

    private void byteIn() {
        int here = at < end ? in[at] & 0xff : 0xff;
        int next = at + 1 < end ? in[at + 1] & 0xff : 0xff;
        if (here == 0xff) {
            if (next > 0x8f) {
                c += 0xff00;
                count = 8;
            } else {
                at++;
                c += next << 9;
                count = 7;
            }
        } else {
            at++;
            c += next << 8;
            count = 8;
        }
    }

    int decode(int context) {
        int i = state[context];
        int qe = QE[i];
        int bit;
        a -= qe;
        if (c >>> 16 < qe) {
            boolean more = a < qe;
            a = qe;
            bit = more ? more(context, i) : less(context, i);
        } else {
            c -= qe << 16;
            if ((a & 0x8000) != 0) {
                return likely[context];
            }
            bit = a < qe ? less(context, i) : more(context, i);
        }
        do {
            if (count == 0) {
                byteIn();
            }
            a <<= 1;
            c <<= 1;
            count--;
        } while ((a & 0x8000) == 0);
        return bit;
    }

    private int more(int context, int i) {
        state[context] = NEXT_MORE[i];
        return likely[context];
    }

    private int less(int context, int i) {
        int bit = 1 - likely[context];
        if (i == 0 || i == 6 || i == 14) {
            likely[context] = (byte) bit;
        }
        state[context] = NEXT_LESS[i];
        return bit;
    }
}
