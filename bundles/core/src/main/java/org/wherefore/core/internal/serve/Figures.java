package org.wherefore.core.internal.serve;

import java.time.Instant;
import java.util.Arrays;

/** What one version did since its part began: counts, and how long the last thousand answers took. Thread-safe. */
final class Figures {
    private static final int KEPT = 1_000;
    final int version;
    final Instant since;
    /** What people had done before, null until it was looked at. */
    volatile Judgement.Online before;
    private final long[] nanos = new long[KEPT];
    private final long[] processor = new long[KEPT];
    private long requests;
    private long errors;

    Figures(int version, Instant since) {
        this.version = version;
        this.since = since;
    }

    /** An answer: nanoseconds that it took, and of the processor those. */
    synchronized void answered(long took, long worked) {
        int at = (int) ((requests - errors) % KEPT);
        nanos[at] = took;
        processor[at] = worked;
        requests++;
    }

    /** A request that the version could not answer. */
    synchronized void failed() {
        requests++;
        errors++;
    }

    /** As they are now; percentiles in milliseconds, NaN without an answer. */
    synchronized Seen seen() {
        int answers = (int) Math.min(KEPT, requests - errors);
        long[] sorted = Arrays.copyOf(nanos, answers);
        Arrays.sort(sorted);
        long[] worked = Arrays.copyOf(processor, answers);
        Arrays.sort(worked);
        return new Seen(version, requests, errors, percentile(sorted, 0.5), percentile(sorted, 0.95), percentile(sorted, 0.99), percentile(worked, 0.95));
    }

    /** @param work 95th percentile of the processor's time */
    record Seen(int version, long requests, long errors, double p50, double p95, double p99, double work) {
        double errorRate() {
            return requests == 0 ? 0 : (double) errors / requests;
        }
    }

    static double percentile(long[] sorted, double share) {
        return sorted.length == 0 ? Double.NaN : sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)] / 1e6;
    }
}
