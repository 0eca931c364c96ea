package org.wherefore.launcher.internal;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code <home>/wherefore.properties}: what an operator sets. Bundles see {@code NAME} as the framework property {@code wherefore.NAME}; it becomes
 * no system property, and no message repeats a value. {@code ${env:NAME}} and {@code ${file:PATH}} (of the home, unless absolute) stand for a
 * variable of the environment and the content of a file; what is a password or secret has to be given so.
 */
final class HomeSettings {
    static final String FILE = "wherefore.properties";
    private static final Pattern ELSEWHERE = Pattern.compile("\\$\\{(env|file):([^}]+)}");
    private static final Pattern SECRET = Pattern.compile("(?i).*(password|passphrase|secret|token)$");
    /** A dot at least: names without one are the launcher's own. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_-]*(\\.[A-Za-z0-9_:/ -]+)+");
    private final Map<String, String> values;

    private HomeSettings(Map<String, String> values) {
        this.values = values;
    }

    /** Empty where there is no file. @throws LaunchException naming the setting, never its value */
    static HomeSettings read(Path home, UnaryOperator<String> environment) {
        Path file = home.resolve(FILE);
        Map<String, String> out = new TreeMap<>();
        if (Files.exists(file)) {
            Properties p = new Properties();
            try (Reader in = Files.newBufferedReader(file)) {
                p.load(in);
            } catch (IOException | IllegalArgumentException e) {
                throw new LaunchException(file + " can't be read: " + e.getClass().getSimpleName(), e);
            }
            for (String name : p.stringPropertyNames()) {
                if (!NAME.matcher(name).matches()) {
                    throw new LaunchException(file + " has a setting whose name is none: parts of letters, digits and '-', two at least, with dots between");
                }
                out.put(name, resolve(file, name, p.getProperty(name).strip(), environment));
            }
        }
        return new HomeSettings(out);
    }

    private static String resolve(Path file, String name, String value, UnaryOperator<String> environment) {
        Matcher m = ELSEWHERE.matcher(value);
        if (SECRET.matcher(name).matches() && !m.matches()) {
            throw new LaunchException(file + ": '" + name + "' is a secret, which this file may not hold; write ${env:NAME} or ${file:PATH}");
        }
        StringBuilder out = new StringBuilder();
        m.reset();
        while (m.find()) {
            String found;
            if (m.group(1).equals("env")) {
                found = environment.apply(m.group(2));
                if (found == null) {
                    throw new LaunchException(file + ": '" + name + "' names the variable " + m.group(2) + ", which is not set");
                }
            } else {
                Path from = file.resolveSibling(m.group(2));
                try {
                    found = Files.readString(from).strip();
                } catch (IOException e) {
                    throw new LaunchException(file + ": '" + name + "' names the file " + from + ", which can't be read", null);
                }
            }
            m.appendReplacement(out, Matcher.quoteReplacement(found));
        }
        return m.appendTail(out).toString();
    }

    String get(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }

    /** As bundles see them, and their names in {@code wherefore.settings}. */
    Map<String, String> properties() {
        Map<String, String> out = new TreeMap<>();
        values.forEach((k, v) -> out.put("wherefore." + k, v));
        out.put("wherefore.settings", String.join(",", new TreeSet<>(values.keySet())));
        return out;
    }

    /** Names only. */
    @Override
    public String toString() {
        return values.keySet().toString();
    }
}
