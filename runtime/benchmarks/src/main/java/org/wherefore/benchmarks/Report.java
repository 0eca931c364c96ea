package org.wherefore.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints what a run found: a head, table rows, and the JSON of {@code REST.md} as the last line. One thread. */
final class Report {
    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, Map<String, Double>> contenders = new LinkedHashMap<>();
    private final Map<String, Double> ratios = new LinkedHashMap<>();

    private boolean failed;
    private final boolean markdown;
    private final long start = System.nanoTime();

    /** @param markdown whether tables are Markdown, for a README */
    Report(PrintStream out, PrintStream err, String command, boolean markdown) {
        this.out = out;
        this.err = err;
        this.markdown = markdown;
        Runtime.Version jdk = Runtime.version();
        line("machine  %s, %d processors, load before %.2f", processor(), Runtime.getRuntime().availableProcessors(), load());
        line("jdk      %s %s", System.getProperty("java.vm.name"), jdk);
        line("date     %s", LocalDate.now(ZoneOffset.UTC));
        line("command  %s", command);
    }

    /** What was the load while it ran, to know how far absolute figures can be trusted. */
    void end() {
        line("%ntook     %d s, load after %.2f", (System.nanoTime() - start) / 1_000_000_000L, load());
    }

    /** What was measured is not what was promised. */
    void failed() {
        failed = true;
    }

    boolean hasFailed() {
        return failed;
    }

    private static double load() {
        return java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static String processor() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo")).stream().filter(l -> l.startsWith("model name")).findFirst()
                    .map(l -> l.substring(l.indexOf(':') + 1).strip()).orElse(System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    void line(String format, Object... arguments) {
        out.println(String.format(Locale.ROOT, format, arguments));
    }

    /** Says on standard error what goes on now. */
    void doing(String format, Object... arguments) {
        err.println(String.format(Locale.ROOT, format, arguments));
    }

    void figure(String contender, String name, double value) {
        contenders.computeIfAbsent(contender, c -> new LinkedHashMap<>()).put(name, value);
    }

    /** Prints rows of cells under a head; all but the first column are flush right. */
    void table(List<String> head, List<List<String>> rows) {
        List<List<String>> all = new ArrayList<>(List.of(head));
        all.addAll(rows);
        int[] width = new int[head.size()];
        all.forEach(row -> java.util.Arrays.setAll(width, c -> Math.max(width[c], row.get(c).length())));
        for (int r = 0; r < all.size(); r++) {
            StringBuilder text = new StringBuilder(markdown ? "|" : "");
            StringBuilder rule = new StringBuilder("|");
            for (int c = 0; c < width.length; c++) {
                String cell = all.get(r).get(c);
                String pad = markdown ? "" : " ".repeat(width[c] - cell.length());
                text.append(markdown ? " " : "").append(c == 0 ? cell + pad : pad + cell).append(markdown ? " |" : "   ");
                rule.append(c == 0 ? "---|" : "---:|");
            }
            line("%s", text.toString().stripTrailing());
            if (r == 0 && markdown) {
                line("%s", rule);
            }
        }
    }

    /** A table of one measurement with its ratios. */
    void figures(String title, String unit, Map<String, Rounds.Figures> figures) {
        List<List<String>> rows = new ArrayList<>();
        figures.forEach((name, f) -> {
            rows.add(row(name, "%,.0f", f));
            figure(name, title + " " + unit, f.median());
            figure(name, title + " " + unit + " min", f.min());
            figure(name, title + " " + unit + " max", f.max());
        });
        Rounds.ratios(figures, Contender::isOurs).forEach((name, f) -> {
            rows.add(row(name, "%.2f", f));
            ratios.put(name + " " + title, f.median());
        });
        line("");
        table(List.of(title + ", " + unit, "median", "min", "max"), rows);
    }

    private static List<String> row(String name, String format, Rounds.Figures f) {
        return List.of(name, String.format(Locale.ROOT, format, f.median()), String.format(Locale.ROOT, format, f.min()),
                String.format(Locale.ROOT, format, f.max()));
    }

    String json() {
        StringBuilder json = new StringBuilder("{\"contenders\":{");
        String comma = "";
        for (var c : contenders.entrySet()) {
            json.append(comma).append(quote(c.getKey())).append(':').append(object(c.getValue()));
            comma = ",";
        }
        return json.append("},\"ratios\":").append(object(ratios)).append('}').toString();
    }

    private static String object(Map<String, Double> values) {
        StringBuilder json = new StringBuilder("{");
        values.forEach((name, value) -> json.append(json.length() > 1 ? "," : "").append(quote(name)).append(':')
                .append(Double.isFinite(value) ? String.format(Locale.ROOT, "%.6g", value) : "null"));
        return json.append('}').toString();
    }

    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
