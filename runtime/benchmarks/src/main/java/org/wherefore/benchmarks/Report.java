package org.wherefore.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Prints what a run found: a head, table rows, and the JSON of {@code REST.md} as the last line. One thread. */
final class Report {
    private final PrintStream out;
    private final Map<String, Map<String, Double>> contenders = new LinkedHashMap<>();
    private final Map<String, Double> ratios = new LinkedHashMap<>();

    Report(PrintStream out, String command) {
        this.out = out;
        Runtime.Version jdk = Runtime.version();
        line("machine  %s, %d processors, load %.2f", processor(), Runtime.getRuntime().availableProcessors(),
                java.lang.management.ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        line("jdk      %s %s", System.getProperty("java.vm.name"), jdk);
        line("date     %s", LocalDate.now(ZoneOffset.UTC));
        line("command  %s", command);
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

    void figure(String contender, String name, double value) {
        contenders.computeIfAbsent(contender, c -> new LinkedHashMap<>()).put(name, value);
    }

    /** A table of one measurement with its ratios. */
    void figures(String title, String unit, Map<String, Rounds.Figures> figures) {
        line("%n%-28s %12s %12s %12s", title + " [" + unit + "]", "median", "min", "max");
        figures.forEach((name, f) -> {
            line("%-28s %12.1f %12.1f %12.1f", name, f.median(), f.min(), f.max());
            figure(name, title + " " + unit, f.median());
            figure(name, title + " " + unit + " min", f.min());
            figure(name, title + " " + unit + " max", f.max());
        });
        Rounds.ratios(figures).forEach((name, f) -> {
            line("%-28s %12.2f %12.2f %12.2f", name, f.median(), f.min(), f.max());
            ratios.put(name + " " + title, f.median());
        });
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
