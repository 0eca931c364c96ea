package org.wherefore.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The command line: {@code NAME --option value … --json}. */
final class Options {
    private static final Set<String> FLAGS = Set.of("json", "markdown", "full");
    private final Map<String, String> values = new LinkedHashMap<>();
    final String name;

    /** @throws IllegalArgumentException on what can't be read; the message says what is expected */
    Options(String[] arguments, Set<String> known) {
        if (arguments.length == 0 || arguments[0].startsWith("-")) {
            throw new IllegalArgumentException("name a benchmark first: " + String.join(", ", Main.BENCHMARKS));
        }
        name = arguments[0];
        for (int i = 1; i < arguments.length; i++) {
            String option = arguments[i].startsWith("--") ? arguments[i].substring(2) : "";
            if (!known.contains(option)) {
                throw new IllegalArgumentException("unknown option '" + arguments[i] + "'; known: --" + String.join(" --",
                        new java.util.TreeSet<>(known)));
            }
            if (FLAGS.contains(option)) {
                values.put(option, "true");
            } else if (i + 1 < arguments.length) {
                values.put(option, arguments[++i]);
            } else {
                throw new IllegalArgumentException("--" + option + " needs a value");
            }
        }
    }

    boolean has(String option) {
        return values.containsKey(option);
    }

    boolean flag(String option) {
        return values.containsKey(option);
    }

    String text(String option, String otherwise) {
        return values.getOrDefault(option, otherwise);
    }

    String[] texts(String option, String otherwise) {
        return text(option, otherwise).split(",");
    }

    double decimal(String option, double otherwise) {
        String v = text(option, String.valueOf(otherwise));
        try {
            return Double.parseDouble(v);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("--" + option + " takes a number, got '" + v + "'", e);
        }
    }

    int number(String option, int otherwise) {
        int[] all = numbers(option, String.valueOf(otherwise));
        if (all.length != 1) {
            throw new IllegalArgumentException("--" + option + " takes one number, got '" + text(option, "") + "'");
        }
        return all[0];
    }

    int[] numbers(String option, String otherwise) {
        String[] parts = texts(option, otherwise);
        int[] numbers = new int[parts.length];
        for (int i = 0; i < parts.length; i++) {
            try {
                numbers[i] = Integer.parseInt(parts[i].strip());
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("--" + option + " takes whole numbers, got '" + parts[i] + "'", e);
            }
        }
        return numbers;
    }
}
