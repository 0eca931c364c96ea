package org.wherefore.cli.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

import org.wherefore.api.train.StrategyComparison;

/** Deletion and insertion curves of strategies as an SVG picture: two panels and a legend. */
final class CurvePlot {
    /** Colours that people who see colours differently can tell apart (Okabe and Ito, 2008). */
    private static final String[] COLOURS = {"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"};
    /** With the eighth strategy colours begin again, with other strokes. */
    private static final String[] DASHES = {"", "7 3", "2 3"};
    private static final int PANEL = 380;
    private static final int HEIGHT = 300;
    private static final int LEFT = 62;
    private static final int TOP = 64;
    private static final int GAP = 56;
    private static final int LEGEND = 230;
    private static final int LINE = 20;

    private CurvePlot() {}

    static String svg(StrategyComparison c) {
        List<StrategyComparison.Row> rows = c.strategies().stream().filter(r -> r.curves() != null).toList();
        int width = LEFT + 2 * PANEL + GAP + 24 + LEGEND;
        int height = Math.max(TOP + HEIGHT + 56, TOP + 46 + LINE * (rows.size() + 1));
        StringBuilder out = new StringBuilder();
        out.append(String.format(Locale.ROOT, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" "
                + "font-family=\"system-ui, 'DejaVu Sans', sans-serif\" font-size=\"12\" fill=\"#222\">%n", width, height, width, height));
        out.append("<title>Deletion and insertion curves of explanation strategies</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
        out.append(text(LEFT, 24, "start", 15, "Deletion and insertion curves: " + c.model().name() + ":" + c.model().version() + ", best ten outputs of "
                + c.people() + " people"));
        if (rows.isEmpty()) {
            return out.append(text(LEFT, TOP + 20, "start", 13, "No strategy has curves on this model.")).append("</svg>\n").toString();
        }
        double[] bounds = bounds(rows);
        panel(out, LEFT, "Deletion: largest contribution removed first (lower is better)", "events removed", bounds, rows,
                StrategyComparison.Curves::deletion, rows.get(0).curves().random());
        panel(out, LEFT + PANEL + GAP, "Insertion: largest contribution put in first (higher is better)", "events put in", bounds, rows,
                StrategyComparison.Curves::insertion, reversed(rows.get(0).curves().random()));
        int x = LEFT + 2 * PANEL + GAP + 24;
        out.append(text(x, TOP + 4, "start", 12, "strategy, areas: deletion / insertion"));
        for (int i = 0; i < rows.size(); i++) {
            StrategyComparison.Row r = rows.get(i);
            int y = TOP + 26 + LINE * i;
            out.append(line(x, y - 4, x + 26, y - 4, stroke(i)));
            out.append(text(x + 33, y, "start", 12, r.name() + String.format(Locale.ROOT, "  %.3f / %.3f",
                    r.figures().get(StrategyComparison.DELETION), r.figures().get(StrategyComparison.INSERTION))));
        }
        int y = TOP + 26 + LINE * rows.size();
        out.append(line(x, y - 4, x + 26, y - 4, RANDOM));
        out.append(text(x + 33, y, "start", 12, "random order"));
        return out.append("</svg>\n").toString();
    }

    private static final String RANDOM = "stroke=\"#999\" stroke-width=\"2\" stroke-dasharray=\"1 3\"";

    private static String stroke(int i) {
        String dash = DASHES[i / COLOURS.length % DASHES.length];
        return "stroke=\"" + COLOURS[i % COLOURS.length] + "\" stroke-width=\"2\"" + (dash.isEmpty() ? "" : " stroke-dasharray=\"" + dash + "\"");
    }

    private static void panel(StringBuilder out, int left, String title, String across, double[] bounds, List<StrategyComparison.Row> rows,
            Function<StrategyComparison.Curves, double[]> curve, double[] random) {
        out.append(text(left, TOP - 12, "start", 12, title));
        for (double v = bounds[0]; v <= bounds[1] + 1e-9; v += bounds[2]) {
            double y = y(v, bounds);
            out.append(line(left, y, left + PANEL, y, Math.abs(v) < 1e-9 ? "stroke=\"#888\"" : "stroke=\"#e4e4e4\""));
            out.append(text(left - 7, y + 4, "end", 11, String.format(Locale.ROOT, "%.1f", Math.abs(v) < 1e-9 ? 0 : v)));
        }
        for (int i = 0; i <= 5; i++) {
            double x = left + PANEL * i / 5.0;
            out.append(line(x, TOP + HEIGHT, x, TOP + HEIGHT + 5, "stroke=\"#888\""));
            out.append(text(x, TOP + HEIGHT + 18, "middle", 11, i * 20 + " %"));
        }
        out.append(String.format(Locale.ROOT, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888\"/>%n", left, TOP, PANEL, HEIGHT));
        out.append(text(left + PANEL / 2.0, TOP + HEIGHT + 38, "middle", 12, across));
        if (left == LEFT) {
            out.append(String.format(Locale.ROOT, "<text transform=\"translate(%d %d) rotate(-90)\" text-anchor=\"middle\">score, as a share of its spread</text>%n",
                    left - 40, TOP + HEIGHT / 2));
        }
        double[] shares = rows.get(0).curves().shares();
        out.append(path(left, shares, random, bounds, RANDOM, "random order"));
        for (int i = rows.size() - 1; i >= 0; i--) {
            out.append(path(left, shares, curve.apply(rows.get(i).curves()), bounds, stroke(i), rows.get(i).name()));
        }
    }

    /** Lowest and highest value of the axis and the step between its lines. */
    private static double[] bounds(List<StrategyComparison.Row> rows) {
        List<double[]> all = new ArrayList<>();
        rows.forEach(r -> all.addAll(List.of(r.curves().deletion(), r.curves().insertion(), r.curves().random())));
        double low = Math.min(0, all.stream().flatMapToDouble(Arrays::stream).min().orElse(0));
        double high = Math.max(0, all.stream().flatMapToDouble(Arrays::stream).max().orElse(1));
        double step = high - low > 2 ? 0.5 : high - low > 1 ? 0.2 : 0.1;
        return new double[] {Math.floor(low / step + 1e-9) * step, Math.ceil(high / step - 1e-9) * step, step};
    }

    private static double y(double value, double[] bounds) {
        return TOP + HEIGHT * (1 - (value - bounds[0]) / (bounds[1] - bounds[0]));
    }

    private static String path(int left, double[] x, double[] y, double[] bounds, String stroke, String name) {
        StringBuilder points = new StringBuilder();
        for (int i = 0; i < x.length; i++) {
            points.append(String.format(Locale.ROOT, "%s%.1f,%.1f", i == 0 ? "" : " ", left + PANEL * x[i], y(y[i], bounds)));
        }
        return "<polyline points=\"" + points + "\" fill=\"none\" stroke-linejoin=\"round\" " + stroke + "><title>" + escape(name) + "</title></polyline>\n";
    }

    private static String line(double x1, double y1, double x2, double y2, String stroke) {
        return String.format(Locale.ROOT, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>%n", x1, y1, x2, y2, stroke);
    }

    private static String text(double x, double y, String anchor, int size, String text) {
        return String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\">%s</text>%n", x, y, anchor, size, escape(text));
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    private static double[] reversed(double[] a) {
        double[] out = new double[a.length];
        Arrays.setAll(out, i -> a[a.length - 1 - i]);
        return out;
    }
}
