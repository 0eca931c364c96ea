package org.wherefore.registry.internal;

import java.util.regex.Pattern;
import org.wherefore.api.WhereforeException;

/** Which names may become file names. */
final class Names {
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9.-]{0,99}");
    private static final Pattern ENTRY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    static final String VERSION_FILE = "version.json";

    private Names() {}

    static boolean valid(String name) {
        return name != null && NAME.matcher(name).matches() && !name.contains("..");
    }

    static String model(String name) {
        return check("/name", "model", name);
    }

    static String alias(String alias) {
        return check("/alias", "alias", alias);
    }

    static String note(String note) {
        return check("/note", "note", note);
    }

    private static String check(String pointer, String what, String name) {
        if (!valid(name)) {
            throw WhereforeException.invalid(pointer, what + " name '" + name
                    + "': 1 to 100 lower-case letters, digits, '-' and '.', beginning with a letter or digit, without '..'");
        }
        return name;
    }

    static String entry(String entry) {
        if (entry == null || !ENTRY.matcher(entry).matches() || entry.contains("..") || entry.equals(VERSION_FILE)) {
            throw WhereforeException.invalid("/entry", "artifact entry '" + entry
                    + "': 1 to 100 letters, digits, '.', '_' and '-', no separators, no '..', not " + VERSION_FILE);
        }
        return entry;
    }
}
