package org.wherefore.api.registry;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * How the versions of a model fare. Figures are of this process, since its start or since the version's part changed last.
 *
 * @param champion version, 0 for none
 * @param versions champion, canary and the version that the champion replaced, those there are
 * @param shadow null without a shadow
 * @param watched version that is taken back when it fares badly, 0 when none is
 * @param until when a fresh champion's watch ends; null when a canary or nothing is watched
 */
public record ServingState(String name, int champion, Traffic traffic, List<Version> versions, Shadow shadow, int watched, Instant until) {
    public ServingState {
        versions = List.copyOf(versions);
    }

    /**
     * What one version did.
     *
     * @param role {@code champion}, {@code canary} or {@code previous}
     * @param errors requests that the version could not answer, of {@code requests}
     * @param p50 milliseconds that the model took, of the last thousand requests; NaN for none
     * @param predictions answers stored since then
     * @param feedback of each kind for each stored answer
     */
    public record Version(int version, String role, Instant since, long requests, long errors, double p50, double p99, long predictions,
            Map<String, Double> feedback) {
        public Version {
            feedback = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(feedback));
        }
    }

    /**
     * How a shadow agrees with what was shown.
     *
     * @param compared answers
     * @param dropped because it was busy, or the server was
     * @param failed because the version threw
     * @param overlap mean share of the outputs shown that are among as many of its own; NaN for none
     * @param difference mean of the absolute differences of the scores of outputs in both; NaN for none
     * @param p50 milliseconds it took, of the last thousand; NaN for none
     */
    public record Shadow(int version, Instant since, long compared, long dropped, long failed, double overlap, double difference, double p50,
            double p99) {}
}
