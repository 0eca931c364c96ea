package org.wherefore.cli.internal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.wherefore.api.train.StrategyComparison;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** A comparison of strategies as a table for people and as JSON. */
final class StrategyTable {
    private static final List<String> FIGURES = List.of(StrategyComparison.PLACE, StrategyComparison.DELETION, StrategyComparison.INSERTION,
            StrategyComparison.RANDOM, StrategyComparison.INFIDELITY, StrategyComparison.SENSITIVITY, StrategyComparison.STABILITY,
            StrategyComparison.UNSTABLE, StrategyComparison.GAP, StrategyComparison.CLAIMS, StrategyComparison.MILLIS);
    private static final List<String> HEADS = List.of("place", "deletion", "insertion", "random", "infidelity", "sensitivity", "stability",
            "unstable", "gap", "claims", "ms");

    private StrategyTable() {}

    static void print(StrategyComparison c, PrintStream out) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("strategy"));
        head.addAll(HEADS);
        rows.add(head);
        for (StrategyComparison.Row r : c.strategies()) {
            List<String> row = new ArrayList<>(List.of(r.name()));
            FIGURES.forEach(f -> row.add(cell(f, r.figures())));
            rows.add(row);
        }
        int[] widths = new int[head.size()];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        });
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(pad(row.get(0), -widths[0]));
            for (int i = 1; i < widths.length; i++) {
                line.append("  ").append(pad(row.get(i), widths[i]));
            }
            out.println(line);
        }
        out.println("best ten outputs of " + c.people() + " people. Means; infidelity, sensitivity, gap and ms (of one explanation) are medians.");
        out.println("Lower is better: deletion, infidelity, sensitivity. Higher is better: insertion, stability. Place: mean of the places by these five.");
        for (StrategyComparison.Row r : c.strategies()) {
            if (!r.reason().isEmpty()) {
                Double failed = r.figures().get(StrategyComparison.FAILED);
                out.println(r.name() + ": " + (failed == null ? "" : String.format(Locale.ROOT, "%,.0f explanations failed, the first because: ", failed))
                        + r.reason());
            }
        }
        List<String> ranking = c.strategies().stream().filter(r -> r.figures().containsKey(StrategyComparison.PLACE)).map(StrategyComparison.Row::name).toList();
        if (!ranking.isEmpty()) {
            out.println("ranking: " + String.join(", ", ranking));
        }
    }

    private static String cell(String figure, Map<String, Double> figures) {
        Double v = figures.get(figure);
        if (v == null) {
            return "-";
        }
        return String.format(Locale.ROOT, switch (figure) {
            case StrategyComparison.PLACE, StrategyComparison.CLAIMS -> "%.1f";
            case StrategyComparison.MILLIS -> "%.2f";
            default -> "%.3f";
        }, v);
    }

    private static String pad(String text, int width) {
        return String.format("%" + width + "s", text);
    }

    static ObjectNode json(StrategyComparison c) {
        ObjectNode out = Json.object();
        out.put("model", c.model().name() + ":" + c.model().version());
        out.put("people", c.people());
        ArrayNode all = out.putArray("strategies");
        for (StrategyComparison.Row r : c.strategies()) {
            ObjectNode row = all.addObject();
            row.put("name", r.name());
            row.put("version", r.version());
            if (!r.reason().isEmpty()) {
                row.put("reason", r.reason());
            }
            Json.put(row, new java.util.TreeMap<>(r.figures()));
            if (r.curves() != null) {
                ObjectNode curves = row.putObject("curves");
                numbers(curves.putArray("shares"), r.curves().shares());
                numbers(curves.putArray("deletion"), r.curves().deletion());
                numbers(curves.putArray("insertion"), r.curves().insertion());
                numbers(curves.putArray("random"), r.curves().random());
            }
        }
        return out;
    }

    private static void numbers(ArrayNode to, double[] values) {
        for (double v : values) {
            to.add(v);
        }
    }
}
