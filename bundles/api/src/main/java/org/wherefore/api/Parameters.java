package org.wherefore.api;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Values of declared {@link Parameter}s: what was given, and the default where nothing was. Immutable. Every refusal is
 * {@code INVALID_INPUT}, points at the parameter, and names the value, the range and the parameter's help.
 */
public final class Parameters {
    /** Of a plugin without parameters. */
    public static final Parameters NONE = bind("", List.of(), Map.of());
    private final String pointer;
    private final Map<String, Parameter> declared;
    private final Map<String, String> given;

    private Parameters(String pointer, Map<String, Parameter> declared, Map<String, String> given) {
        this.pointer = pointer;
        this.declared = declared;
        this.given = given;
    }

    /**
     * @param pointer what comes before a parameter's name when an error points at it, such as {@code /explain/parameters/}
     * @throws WhereforeException {@code INVALID_INPUT} for a value of no declared parameter, or one that is not of its kind
     */
    public static Parameters bind(String pointer, List<Parameter> declared, Map<String, String> given) {
        Map<String, Parameter> known = new TreeMap<>();
        declared.forEach(p -> known.put(p.name(), p));
        Parameters bound = new Parameters(pointer, known, Map.copyOf(given));
        for (String name : new TreeMap<>(given).keySet()) {
            if (!known.containsKey(name)) {
                throw WhereforeException.invalid(pointer + name, "there is no parameter '" + name + "'; "
                        + (known.isEmpty() ? "none can be set" : "there are " + String.join(", ", known.keySet())));
            }
            switch (known.get(name).kind()) {
                case "integer" -> bound.integer(name, Integer.MIN_VALUE, Integer.MAX_VALUE);
                case "number" -> bound.number(name, -Double.MAX_VALUE, Double.MAX_VALUE);
                case "flag" -> bound.flag(name);
                default -> { }
            }
        }
        return bound;
    }

    /** What differs from the defaults, by name; sorted. */
    public Map<String, String> given() {
        return new TreeMap<>(given);
    }

    /** @throws IllegalArgumentException when it was not declared; so do the others */
    public String text(String name) {
        return given.getOrDefault(name, declaration(name).defaultValue());
    }

    public boolean flag(String name) {
        return switch (text(name)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw refuse(name, "true or false");
        };
    }

    /** A whole number from {@code min} to {@code max}. */
    public int integer(String name, int min, int max) {
        double v = parse(name);
        if (!(v >= min && v <= max && v == Math.rint(v))) {
            throw refuse(name, "a whole number from " + min + " to " + max);
        }
        return (int) v;
    }

    /** A number from {@code min} to {@code max}. */
    public double number(String name, double min, double max) {
        double v = parse(name);
        if (!(v >= min && v <= max)) {
            throw refuse(name, "a number from " + min + " to " + max);
        }
        return v;
    }

    private double parse(String name) {
        try {
            return Double.parseDouble(text(name));
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private WhereforeException refuse(String name, String expected) {
        return WhereforeException.invalid(pointer + name, name + " is " + expected + ", got '" + text(name) + "' ("
                + declaration(name).help() + ")");
    }

    private Parameter declaration(String name) {
        Parameter p = declared.get(name);
        if (p == null) {
            throw new IllegalArgumentException("parameter '" + name + "' was not declared; declared are " + declared.keySet());
        }
        return p;
    }
}
