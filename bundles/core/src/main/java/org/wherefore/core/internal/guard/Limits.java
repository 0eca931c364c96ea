package org.wherefore.core.internal.guard;

import java.util.function.Function;

/**
 * What strategies may use.
 *
 * @param threads calls at the same time
 * @param each calls of one strategy at the same time
 * @param waiting calls that may wait for a thread; more are refused at once
 * @param patienceMillis how long a call waits for a thread at most
 * @param graceMillis how long a strategy may go on after its deadline before it is interrupted, and after that before its thread
 *        is stopped
 * @param allocatedBytes what one call may allocate in all, kept or not, the model's own work aside
 * @param faults in a row that bring quarantine
 */
record Limits(int threads, int each, int waiting, long patienceMillis, long graceMillis, long allocatedBytes, int faults) {
    private static final String PREFIX = "wherefore.explain.";
    private static final long MIB = 1 << 20;

    /** @param property gives null for what is not set; what is no positive whole number is left at its default */
    static Limits of(Function<String, String> property) {
        int threads = (int) number(property, "threads", Math.max(4, 2L * Runtime.getRuntime().availableProcessors()));
        long heap = Runtime.getRuntime().maxMemory() / MIB;
        return new Limits(threads, Math.max(1, threads - Math.max(1, threads / 4)), 16 * threads, number(property, "patienceMillis", 1_000),
                number(property, "graceMillis", 500), MIB * number(property, "allocationMiB", Math.max(64, Math.min(1_024, heap / 4))),
                (int) number(property, "faults", 3));
    }

    /** After that long beyond a deadline a call's threads have ended or were given up. */
    long giveUpMillis() {
        return 10 * graceMillis + 2_000;
    }

    private static long number(Function<String, String> property, String name, long otherwise) {
        String given = property.apply(PREFIX + name);
        if (given == null || given.isBlank()) {
            return otherwise;
        }
        try {
            long n = Long.parseLong(given.trim());
            if (n > 0 && n <= Integer.MAX_VALUE) {
                return n;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        System.getLogger(Limits.class.getName()).log(System.Logger.Level.WARNING, "{0} is a positive whole number, got ''{1}''; {2} is used",
                PREFIX + name, given, otherwise);
        return otherwise;
    }
}
