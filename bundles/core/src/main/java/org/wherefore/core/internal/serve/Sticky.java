package org.wherefore.core.internal.serve;

/**
 * Whose requests go where: the same person always to the same part of the requests of a model, and who was in a smaller part is in a
 * larger one, too. Other models draw other parts.
 */
final class Sticky {
    /** Parts of a percent are told apart down to a hundredth. */
    private static final int BUCKETS = 10_000;

    private Sticky() {}

    /** Whether the one with this key is in the first {@code percent} of all. */
    static boolean within(double percent, String model, String key) {
        return bucket(model, key) < Math.round(percent * BUCKETS / 100);
    }

    /** 0 to {@value #BUCKETS} exclusive: FNV-1a over both, mixed so that keys which differ in their last digit only are far apart. */
    private static long bucket(String model, String key) {
        long h = 0xcbf29ce484222325L;
        h = add(h, model);
        h = (h ^ 0xffff) * 0x100000001b3L;
        h = add(h, key);
        h = (h ^ h >>> 30) * 0xbf58476d1ce4e5b9L;
        h = (h ^ h >>> 27) * 0x94d049bb133111ebL;
        return Long.remainderUnsigned(h ^ h >>> 31, BUCKETS);
    }

    private static long add(long hash, String text) {
        long h = hash;
        for (int i = 0; i < text.length(); i++) {
            h = (h ^ text.charAt(i)) * 0x100000001b3L;
        }
        return h;
    }
}
