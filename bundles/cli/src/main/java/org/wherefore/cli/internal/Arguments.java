package org.wherefore.cli.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.wherefore.api.WhereforeException;

/** Positional arguments and {@code --name value} options of a command; flags have no value. Immutable. */
final class Arguments {
    private final List<String> positional = new ArrayList<>();
    private final Map<String, String> options = new HashMap<>();
    private final Map<String, String> parameters = new HashMap<>();
    /** Options that may have a number, and have none. */
    private final Set<String> bare = new HashSet<>();

    /** @throws WhereforeException {@code INVALID_INPUT} that names the unknown option and the known ones */
    Arguments(String usage, List<String> args, Set<String> valued, Set<String> flags) {
        this(usage, args, valued, flags, Set.of());
    }

    /** @param numbered options that may be followed by a whole number */
    Arguments(String usage, List<String> args, Set<String> valued, Set<String> flags, Set<String> numbered) {
        for (int i = 0; i < args.size(); i++) {
            String a = args.get(i);
            if (!a.startsWith("--")) {
                positional.add(a);
            } else if (flags.contains(a.substring(2))) {
                options.put(a.substring(2), "true");
            } else if (numbered.contains(a.substring(2))) {
                boolean number = i + 1 < args.size() && args.get(i + 1).matches("-?[0-9]+");
                options.put(a.substring(2), number ? args.get(++i) : "true");
                if (!number) {
                    bare.add(a.substring(2));
                }
            } else if (a.equals("--set") || valued.contains(a.substring(2))) {
                if (i + 1 == args.size()) {
                    throw WhereforeException.invalid(a, a + " needs a value; usage: " + usage);
                }
                String v = args.get(++i);
                if (a.equals("--set")) {
                    int eq = v.indexOf('=');
                    if (eq < 1) {
                        throw WhereforeException.invalid(a, "--set wants NAME=VALUE, got '" + v + "'");
                    }
                    parameters.put(v.substring(0, eq), v.substring(eq + 1));
                } else {
                    options.put(a.substring(2), v);
                }
            } else {
                throw WhereforeException.invalid(a, "unknown option " + a + "; usage: " + usage);
            }
        }
    }

    String positional(int index, String what, String usage) {
        if (index >= positional.size()) {
            throw WhereforeException.invalid(what, what + " is missing; usage: " + usage);
        }
        return positional.get(index);
    }

    String option(String name, String otherwise) {
        return options.getOrDefault(name, otherwise);
    }

    String required(String name, String usage) {
        String v = options.get(name);
        if (v == null) {
            throw WhereforeException.invalid("--" + name, "--" + name + " is missing; usage: " + usage);
        }
        return v;
    }

    int number(String name, int otherwise) {
        String v = options.get(name);
        if (v == null || bare.contains(name)) {
            return otherwise;
        }
        try {
            return Integer.parseInt(v);
        } catch (NumberFormatException e) {
            throw WhereforeException.invalid("--" + name, "--" + name + " wants a whole number, got '" + v + "'");
        }
    }

    boolean flag(String name) {
        return options.containsKey(name);
    }

    /** Values of {@code --set NAME=VALUE}. */
    Map<String, String> parameters() {
        return parameters;
    }
}
