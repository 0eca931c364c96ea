package org.wherefore.core.internal.serve;

import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.wherefore.api.model.Output;
import org.wherefore.api.registry.ServingState;

/** How a shadow agreed with what was shown since its part began. Thread-safe. */
final class ShadowFigures {
    private static final int KEPT = 1_000;
    final int version;
    private final Instant since;
    private final long[] nanos = new long[KEPT];
    private long compared;
    private long dropped;
    private long failed;
    private double overlap;
    private double difference;
    private long differences;

    ShadowFigures(int version, Instant since) {
        this.version = version;
        this.since = since;
    }

    synchronized void dropped() {
        dropped++;
    }

    synchronized void failed() {
        failed++;
    }

    /** @param own as many as were shown, at most */
    synchronized void compared(List<Output> shown, List<Output> own, long took) {
        Map<String, Double> scores = new HashMap<>();
        own.stream().limit(shown.size()).forEach(o -> scores.put(o.target(), o.score()));
        int common = 0;
        for (Output o : shown) {
            Double score = scores.get(o.target());
            if (score != null) {
                common++;
                difference += Math.abs(o.score() - score);
                differences++;
            }
        }
        overlap += shown.isEmpty() ? (own.isEmpty() ? 1 : 0) : (double) common / shown.size();
        nanos[(int) (compared++ % KEPT)] = took;
    }

    synchronized ServingState.Shadow state() {
        long[] sorted = Arrays.copyOf(nanos, (int) Math.min(KEPT, compared));
        Arrays.sort(sorted);
        return new ServingState.Shadow(version, since, compared, dropped, failed, compared == 0 ? Double.NaN : overlap / compared,
                differences == 0 ? Double.NaN : difference / differences, Figures.percentile(sorted, 0.5), Figures.percentile(sorted, 0.99));
    }
}
