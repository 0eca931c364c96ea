package org.wherefore.connector.dicom.internal;

/** RLE Lossless (PS3.5 annex G): a frame as segments of packed bytes, the most significant byte of the first channel first. Stateless. */
final class Rle {
    private static final int HEADER = 64;

    private Rle() {}

    /** Channels of {@code pixels} samples of {@code bytes} bytes each. */
    static int[][] decode(byte[] in, int from, int length, int pixels, int channels, int bytes) {
        if (length < HEADER || i32(in, from) != channels * bytes) {
            throw Refusals.damaged("run-length data of another number of channels or bits than the header says");
        }
        int[][] out = new int[channels][pixels];
        for (int s = 0; s < channels * bytes; s++) {
            int start = i32(in, from + 4 + 4 * s);
            int end = s + 1 < channels * bytes ? i32(in, from + 8 + 4 * s) : length;
            if (start < HEADER || end < start || end > length) {
                throw Refusals.damaged("run-length data whose segments lie outside them");
            }
            segment(in, from + start, from + end, out[s / bytes], 8 * (bytes - 1 - s % bytes));
        }
        return out;
    }

    private static void segment(byte[] in, int from, int end, int[] out, int shift) {
        int at = from;
        int filled = 0;
        while (filled < out.length) {
            if (at >= end) {
                throw Refusals.damaged("run-length data that end after " + filled + " of " + out.length + " samples");
            }
            int n = in[at++];
            if (n == -128) {
                continue;
            }
            int count = Math.min(n >= 0 ? n + 1 : 1 - n, out.length - filled);
            if (at + (n >= 0 ? count : 1) > end) {
                throw Refusals.damaged("run-length data cut short");
            }
            for (int i = 0; i < count; i++) {
                out[filled++] |= (in[n >= 0 ? at + i : at] & 0xff) << shift;
            }
            at += n >= 0 ? n + 1 : 1;
        }
    }

    private static int i32(byte[] in, int at) {
        return in[at] & 0xff | (in[at + 1] & 0xff) << 8 | (in[at + 2] & 0xff) << 16 | (in[at + 3] & 0xff) << 24;
    }
}
