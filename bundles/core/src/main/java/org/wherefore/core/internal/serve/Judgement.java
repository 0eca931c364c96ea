package org.wherefore.core.internal.serve;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Whether a version fares so much worse than what it is compared with that it is taken back, and why in words. Stateless. */
record Judgement(ServingLimits limits) {
    /** So few are enough for a version that fails all the time. */
    private static final int FEWEST = 20;
    /** Standard errors by which a rate must be lower: one false alarm in about two hundred looks that are independent. */
    private static final double SURE = 2.58;
    /** Kinds of feedback that are good. */
    static final List<String> WANTED = List.of("click", "purchase");

    /** What people did: stored answers, and feedback by kind. */
    record Online(long answers, Map<String, Long> feedback) {
        double rate(String kind) {
            return answers == 0 ? 0 : (double) feedback.getOrDefault(kind, 0L) / answers;
        }
    }

    /** Of a canary, against the champion beside it. @param online of both; null when it is not looked at now @return empty when it may stay */
    Optional<String> canary(Figures.Seen version, Figures.Seen reference, Online online, Online referenceOnline) {
        return against(version, reference, online, referenceOnline, "time", version.p95(), reference.p95());
    }

    /**
     * Of a champion, against the one before. The machine may have had other work then, so that processor times are compared.
     *
     * @param reference as it was when it was replaced; null when this process did not see it
     * @param online of both; null when it is not looked at now
     * @return empty when it may stay
     */
    Optional<String> champion(Figures.Seen version, Figures.Seen reference, Online online, Online referenceOnline) {
        return against(version, reference, online, referenceOnline, "processor time", version.work(), reference == null ? Double.NaN : reference.work());
    }

    private Optional<String> against(Figures.Seen version, Figures.Seen reference, Online online, Online referenceOnline, String measure, double time,
            double usual) {
        double base = reference == null ? 0 : reference.errorRate();
        boolean enough = version.requests() >= limits.requests() || version.requests() >= FEWEST && version.errorRate() >= 0.5;
        if (enough && version.errorRate() > base + limits.errorRate()) {
            return text("%d of %d requests failed, %.1f %%%s; more than %.1f %% above is too much", version.errors(), version.requests(),
                    100 * version.errorRate(), reference == null ? ""
                            : String.format(Locale.ROOT, ", and %.1f %% of version %d", 100 * base, reference.version()), 100 * limits.errorRate());
        }
        if (reference != null && version.requests() >= limits.requests() && reference.requests() >= limits.requests()
                && time > limits.latencyRatio() * usual && time - usual > limits.latencyMillis()) {
            return text("the 95th percentile of its %s is %.1f ms, and %.1f ms of version %d; more than %.1f times is too much", measure, time, usual,
                    reference.version(), limits.latencyRatio());
        }
        return online == null || referenceOnline == null || reference == null ? Optional.empty()
                : WANTED.stream().map(k -> fallen(k, online, referenceOnline, reference.version())).flatMap(Optional::stream).findFirst();
    }

    private Optional<String> fallen(String kind, Online online, Online reference, int version) {
        if (Math.min(online.answers(), reference.answers()) < limits.answers()) {
            return Optional.empty();
        }
        double rate = online.rate(kind);
        double base = reference.rate(kind);
        double pooled = Math.min(1, (rate * online.answers() + base * reference.answers()) / (online.answers() + reference.answers()));
        double error = Math.sqrt(pooled * (1 - pooled) * (1.0 / online.answers() + 1.0 / reference.answers()));
        return rate < (1 - limits.metricDrop()) * base && base - rate > SURE * error
                ? text("its %s rate is %.4f an answer over %d, and %.4f of version %d over %d; a loss of more than %.0f %% is too much", kind, rate,
                        online.answers(), base, version, reference.answers(), 100 * limits.metricDrop())
                : Optional.empty();
    }

    private static Optional<String> text(String format, Object... values) {
        return Optional.of(String.format(Locale.ROOT, format, values));
    }
}
