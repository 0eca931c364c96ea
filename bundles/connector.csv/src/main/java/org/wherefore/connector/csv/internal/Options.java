package org.wherefore.connector.csv.internal;

import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.wherefore.api.Parameter;
import org.wherefore.api.data.Source;

/** A source's options: unknown names are refused, absent ones get the declared default. Immutable. */
final class Options {
    private final Map<String, String> given;
    private final List<Parameter> declared;

    Options(Source source, List<Parameter> declared) {
        this.given = source.options();
        this.declared = declared;
        for (String name : new TreeSet<>(given.keySet())) {
            if (declared.stream().noneMatch(p -> p.name().equals(name))) {
                throw Failures.badOption("/options/" + name, "connector '" + source.connector() + "' has no such option; it has "
                        + declared.stream().map(Parameter::name).sorted().toList());
            }
        }
    }

    String get(String name) {
        String value = given.get(name);
        if (value != null) {
            return value;
        }
        return declared.stream().filter(p -> p.name().equals(name)).findFirst().map(Parameter::defaultValue).orElse("");
    }

    boolean flag(String name) {
        return switch (get(name)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw Failures.badOption("/options/" + name, "expected true or false, got '" + get(name) + "'");
        };
    }

    /** A single character, or 0 when the option is empty. */
    char character(String name) {
        String value = get(name);
        if (value.length() > 1) {
            throw Failures.badOption("/options/" + name, "expected one character or nothing, got '" + value + "'");
        }
        return value.isEmpty() ? 0 : value.charAt(0);
    }

    Charset charset() {
        try {
            return Charset.forName(get("encoding"));
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw Failures.badOption("/options/encoding", "unknown encoding '" + get("encoding") + "', such as UTF-8 or ISO-8859-1");
        }
    }

    /** With {@code \t} and the word {@code tab} for the tabulator. */
    String separator(String name) {
        String value = get(name);
        return value.equals("tab") ? "\t" : value.replace("\\t", "\t");
    }
}
