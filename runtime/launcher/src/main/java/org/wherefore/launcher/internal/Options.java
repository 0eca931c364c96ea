package org.wherefore.launcher.internal;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The command line: a command, the options every command has, and what the command itself gets.
 *
 * @param with features that start although they start on demand only
 */
record Options(String command, List<String> rest, Path home, int port, Path dist, List<String> with) {
    static final String BACKGROUND = "--background";
    static final int DEFAULT_PORT = 8080;
    private static final List<String> COMMON = List.of("--home", "--port", "--with");

    /** @throws UsageException on a value that does not fit */
    static Options parse(String[] args) {
        String home = System.getenv().getOrDefault("WHEREFORE_HOME", "home");
        int port = DEFAULT_PORT;
        List<String> with = new ArrayList<>(names(System.getenv().getOrDefault("WHEREFORE_WITH", "")));
        String command = null;
        List<String> rest = new ArrayList<>();
        for (int i = 0; i < args.length; i++) {
            if (COMMON.contains(args[i])) {
                if (i + 1 == args.length) {
                    throw new UsageException(args[i] + " needs a value");
                }
                String v = args[i + 1];
                switch (args[i++]) {
                    case "--home" -> home = v;
                    case "--with" -> with.addAll(names(v));
                    default -> port = port(v);
                }
            } else if (command == null) {
                command = args[i];
            } else {
                rest.add(args[i]);
            }
        }
        return new Options(command == null ? "help" : command, List.copyOf(rest), Path.of(home).toAbsolutePath().normalize(), port,
                Path.of(System.getProperty("wherefore.dist")).toAbsolutePath().normalize(), with.stream().distinct().toList());
    }

    private static List<String> names(String list) {
        return Stream.of(list.split(",")).map(String::strip).filter(n -> !n.isEmpty()).toList();
    }

    private static int port(String v) {
        try {
            int p = Integer.parseInt(v);
            if (p > 0 && p < 65_536) {
                return p;
            }
        } catch (NumberFormatException e) {
            throw new UsageException("--port is a number from 1 to 65535, got '" + v + "'");
        }
        throw new UsageException("--port is a number from 1 to 65535, got '" + v + "'");
    }
}
