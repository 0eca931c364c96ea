package org.wherefore.cli.internal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The figures of several models side by side: those of rankings, or those of judgements, whichever the models have. Stateless. */
final class Figures {
    /** By title, in order; of those with a name per data set the beginning. */
    private static final Map<String, String> RANKING = titles("HR@10", "hr@10", "NDCG@10", "ndcg@10", "MRR@20", "mrr@20");
    private static final Map<String, String> JUDGING = titles("ROC AUC", "rocAuc", "avg prec", "averagePrecision", "prec@k", "cardPrecision@",
            "accuracy", "accuracy", "precision", "precision", "recall", "recall", "F1", "f1", "ECE", "ece");

    private Figures() {}

    private static Map<String, String> titles(String... pairs) {
        Map<String, String> out = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            out.put(pairs[i], pairs[i + 1]);
        }
        return out;
    }

    /** @param rows figures by the model's name, in order, at least one @param after what follows the last row */
    static void print(Map<String, Map<String, Double>> rows, String after, PrintStream out) {
        Map<String, String> columns = new LinkedHashMap<>(rows.values().stream().anyMatch(m -> m.containsKey("rocAuc")) ? JUDGING : RANKING);
        columns.values().removeIf(name -> rows.values().stream().noneMatch(m -> value(m, name) != null));
        StringBuilder line = new StringBuilder(String.format("%-20s", ""));
        columns.keySet().forEach(title -> line.append(String.format(" %9s", title)));
        out.println(line);
        List<String> names = new ArrayList<>(rows.keySet());
        for (String name : names) {
            line.setLength(0);
            line.append(String.format("%-20s", name));
            columns.values().forEach(c -> {
                Double v = value(rows.get(name), c);
                line.append(v == null || v.isNaN() ? String.format(" %9s", "-") : String.format(" %9.4f", v));
            });
            out.println(name.equals(names.get(names.size() - 1)) ? line + after : line);
        }
    }

    private static Double value(Map<String, Double> figures, String name) {
        return name.endsWith("@") ? figures.entrySet().stream().filter(e -> e.getKey().startsWith(name)).map(Map.Entry::getValue).findFirst()
                .orElse(null) : figures.get(name);
    }
}
