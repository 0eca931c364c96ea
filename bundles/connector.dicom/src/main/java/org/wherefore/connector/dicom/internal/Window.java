package org.wherefore.connector.dicom.internal;

/**
 * How grey levels become light (PS3.3 C.11.2.1.2): from 0 at the lower to 1 at the upper end of a window. Immutable.
 *
 * @param function LINEAR, LINEAR_EXACT or SIGMOID
 */
record Window(double centre, double width, String function) {
    /** The first window of a file; null when it has none, or one without an extent. */
    static Window of(DataElements data) {
        if (data.text(Tags.WINDOW_CENTER).isEmpty() || data.text(Tags.WINDOW_WIDTH).isEmpty()) {
            return null;
        }
        double width = data.decimal(Tags.WINDOW_WIDTH, 0);
        String function = data.text(Tags.VOI_FUNCTION);
        boolean known = function.equals("LINEAR_EXACT") || function.equals("SIGMOID");
        return width < 1 ? null : new Window(data.decimal(Tags.WINDOW_CENTER, 0), width, known ? function : "LINEAR");
    }

    /** From the least to the greatest level, padding left out. */
    static Window over(int[] samples, Integer padding, double slope, double intercept) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int s : samples) {
            if (padding == null || s != padding) {
                low = Math.min(low, s * slope + intercept);
                high = Math.max(high, s * slope + intercept);
            }
        }
        return high > low ? new Window((low + high) / 2, high - low, "LINEAR_EXACT") : new Window(high, 1, "LINEAR_EXACT");
    }

    double apply(double level) {
        double v = switch (function) {
            case "SIGMOID" -> 1 / (1 + Math.exp(-4 * (level - centre) / width));
            case "LINEAR_EXACT" -> (level - centre) / width + .5;
            default -> width == 1 ? level <= centre - .5 ? 0 : 1 : (level - (centre - .5)) / (width - 1) + .5;
        };
        return v >= 0 ? Math.min(1, v) : 0;
    }
}
