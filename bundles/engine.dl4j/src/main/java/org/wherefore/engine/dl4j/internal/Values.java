package org.wherefore.engine.dl4j.internal;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;

/** Parameter values bound to their declarations: the default where none is given, an error that names the range otherwise. */
final class Values {
    private final Map<String, Parameter> declared;
    private final Map<String, String> given;

    Values(List<Parameter> declared, Map<String, String> given) {
        this.declared = declared.stream().collect(Collectors.toMap(Parameter::name, p -> p));
        this.given = given;
        for (String name : given.keySet()) {
            if (!this.declared.containsKey(name)) {
                throw WhereforeException.invalid(name, "the engine has no parameter '" + name + "'; it has "
                        + new java.util.TreeSet<>(this.declared.keySet()));
            }
        }
    }

    String text(String name) {
        return given.getOrDefault(name, declared.get(name).defaultValue());
    }

    boolean flag(String name) {
        return switch (text(name)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw WhereforeException.invalid(name, name + " is true or false, got '" + text(name) + "' ("
                    + declared.get(name).help() + ")");
        };
    }

    int integer(String name, int min, int max) {
        double v = number(name, min, max);
        if (v != Math.rint(v)) {
            throw WhereforeException.invalid(name, name + " is a whole number, got " + text(name));
        }
        return (int) v;
    }

    double number(String name, double min, double max) {
        double v;
        try {
            v = Double.parseDouble(text(name));
        } catch (NumberFormatException e) {
            v = Double.NaN;
        }
        if (!(v >= min && v <= max)) {
            throw WhereforeException.invalid(name, name + " is a number from " + min + " to " + max + ", got '" + text(name)
                    + "' (" + declared.get(name).help() + ")");
        }
        return v;
    }
}
