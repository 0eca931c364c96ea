package org.wherefore.core.internal.serve;

import java.util.function.Function;

/**
 * When a canary or a fresh champion is taken back, and how much may wait.
 *
 * @param checkSeconds between two looks
 * @param watchMinutes that a fresh champion is watched
 * @param requests fewest of a version before it is judged by errors or time
 * @param errorRate most by which it may fail more often than what it is compared with
 * @param latencyRatio most by which its 95th percentile may be longer, as a factor
 * @param latencyMillis least by which it must be longer to matter
 * @param answers fewest stored answers of both before they are compared by feedback
 * @param metricDrop part of the click or purchase rate whose loss is too much
 * @param shadowQueue answers that wait for the shadow
 * @param keep newest versions that are kept after each promotion, 0 for all
 */
record ServingLimits(int checkSeconds, int watchMinutes, int requests, double errorRate, double latencyRatio, double latencyMillis, int answers,
        double metricDrop, int shadowQueue, int keep) {
    private static final String PREFIX = "wherefore.serve.";
    private static final String KEEP = "wherefore.models.keep";

    /** @param property gives null for what is not set; what is no positive number is left at its default */
    static ServingLimits of(Function<String, String> property) {
        return new ServingLimits((int) number(property, PREFIX + "checkSeconds", 2), (int) number(property, PREFIX + "watchMinutes", 10),
                (int) number(property, PREFIX + "requests", 100), number(property, PREFIX + "errorRate", 0.02),
                number(property, PREFIX + "latencyRatio", 2), number(property, PREFIX + "latencyMillis", 5),
                (int) number(property, PREFIX + "answers", 500), number(property, PREFIX + "metricDrop", 0.3),
                (int) number(property, PREFIX + "shadowQueue", 64), (int) number(property, KEEP, 0));
    }

    private static double number(Function<String, String> property, String name, double otherwise) {
        String given = property.apply(name);
        if (given == null || given.isBlank()) {
            return otherwise;
        }
        try {
            double n = Double.parseDouble(given.strip());
            if (n > 0 && n < Integer.MAX_VALUE && (n >= 1 || otherwise < 1 && otherwise > 0)) {
                return n;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        System.getLogger(ServingLimits.class.getName()).log(System.Logger.Level.WARNING, "{0} is a positive number, got ''{1}''; {2} is used",
                name, given, otherwise);
        return otherwise;
    }
}
