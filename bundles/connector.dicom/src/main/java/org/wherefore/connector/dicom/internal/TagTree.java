package org.wherefore.connector.dicom.internal;

import java.util.function.IntSupplier;

/** A tag tree of JPEG 2000 (ITU-T T.800 B.10.2): a number for each code-block, told as far as is needed. One thread. */
final class TagTree {
    private static final int UNKNOWN = Integer.MAX_VALUE;
    private final int width;
    private final int[] levelStart;
    private final int[] levelWidth;
    private final int[] value;
    private final int[] low;

    TagTree(int width, int height) {
        this.width = width;
        int levels = 1;
        for (int w = width, h = height; w > 1 || h > 1; w = (w + 1) / 2, h = (h + 1) / 2) {
            levels++;
        }
        levelStart = new int[levels];
        levelWidth = new int[levels];
        int size = 0;
        for (int l = 0, w = width, h = height; l < levels; l++, w = (w + 1) / 2, h = (h + 1) / 2) {
            levelStart[l] = size;
            levelWidth[l] = w;
            size += w * h;
        }
        value = new int[size];
        low = new int[size];
        java.util.Arrays.fill(value, UNKNOWN);
    }

    /** Whether the leaf's number is below the threshold, reading as many bits as that takes. */
    boolean below(int leaf, int threshold, IntSupplier bits) {
        int x = leaf % width;
        int y = leaf / width;
        int least = 0;
        int node = 0;
        for (int l = levelStart.length - 1; l >= 0; l--) {
            node = levelStart[l] + (y >> l) * levelWidth[l] + (x >> l);
            least = Math.max(least, low[node]);
            while (least < threshold && least < value[node]) {
                if (bits.getAsInt() != 0) {
                    value[node] = least;
                } else {
                    least++;
                }
            }
            low[node] = least;
        }
        return value[node] < threshold;
    }
}
