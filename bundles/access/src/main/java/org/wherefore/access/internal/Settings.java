package org.wherefore.access.internal;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Limits;
import org.wherefore.api.access.Role;

/**
 * The settings whose names begin with {@code access.}, checked. A name that is none is refused, so that a misspelt one is not taken for
 * the default.
 *
 * @param anonymous roles of local requests without a credential; empty for none
 * @param tokens null when signed tokens are not accepted
 */
record Settings(Set<Role> anonymous, Limits limits, Tokens tokens) {
    static final String PREFIX = "access.";
    private static final String ROLE = "access.jwt.role.";
    private static final Set<String> KNOWN = Set.of("access.anonymous", "access.requestsPerSecond", "access.evaluationsPerMinute", "access.bodyBytes",
            "access.jwt.issuer", "access.jwt.audience", "access.jwt.jwks", "access.jwt.algorithms", "access.jwt.clockSkewSeconds",
            "access.jwt.rolesClaim");

    /**
     * How signed tokens are checked.
     *
     * @param jwks where the issuer's public keys are: a file in the home, an absolute file, or an https address
     * @param rolesClaim path of the claim that holds roles, names with dots between
     * @param roles what values of that claim mean; empty when they are the names of roles
     */
    record Tokens(String issuer, String audience, String jwks, List<String> algorithms, int clockSkewSeconds, List<String> rolesClaim,
            Map<String, Set<Role>> roles) {}

    /**
     * @param names of all settings of the home that there are
     * @param value of a setting, or null
     * @param demo whether the server shows sample data to whoever sits at this machine
     * @throws WhereforeException {@code INVALID_INPUT} naming the setting
     */
    static Settings read(Set<String> names, UnaryOperator<String> value, boolean demo) {
        for (String n : names) {
            if (n.startsWith(PREFIX) && !KNOWN.contains(n) && !n.startsWith(ROLE)) {
                throw WhereforeException.invalid(n, "there is no setting '" + n + "'; there are " + String.join(", ", new TreeSet<>(KNOWN)) + " and " + ROLE + "NAME");
            }
        }
        String anonymous = value.apply("access.anonymous");
        Set<Role> roles = anonymous == null ? demo ? Set.of(Role.VIEWER, Role.ANALYST) : Set.of()
                : anonymous.strip().equals("none") ? Set.of() : roles("access.anonymous", anonymous);
        if (roles.contains(Role.ADMIN) || roles.contains(Role.PLUGIN_ADMIN) || roles.contains(Role.AUDITOR)) {
            throw WhereforeException.invalid("access.anonymous", "access.anonymous gives viewer, analyst or operator at most, got '" + anonymous + "'; make a key instead: wherefore key create");
        }
        Limits limits = new Limits(number(value, "access.requestsPerSecond", 500), number(value, "access.evaluationsPerMinute", 3_000_000),
                (long) number(value, "access.bodyBytes", 0));
        return new Settings(roles, limits, tokens(names, value));
    }

    private static Tokens tokens(Set<String> names, UnaryOperator<String> value) {
        String issuer = value.apply("access.jwt.issuer");
        if (issuer == null) {
            if (names.stream().anyMatch(n -> n.startsWith("access.jwt."))) {
                throw WhereforeException.invalid("access.jwt.issuer", "access.jwt.… is set without access.jwt.issuer, which names whose tokens are accepted");
            }
            return null;
        }
        String jwks = required(value, "access.jwt.jwks", "a file or https address of the issuer's public keys");
        if (jwks.contains("://") && !jwks.startsWith("https://") && !jwks.startsWith("http://127.0.0.1:") && !jwks.startsWith("http://localhost:")) {
            throw WhereforeException.invalid("access.jwt.jwks", "access.jwt.jwks is a file or an https address, got '" + jwks + "'");
        }
        String algorithms = value.apply("access.jwt.algorithms");
        List<String> allowed = algorithms == null ? List.of("RS256", "PS256", "ES256")
                : Arrays.stream(algorithms.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
        for (String a : allowed) {
            if (!TokenReader.ALGORITHMS.contains(a)) {
                throw WhereforeException.invalid("access.jwt.algorithms", "access.jwt.algorithms names '" + a + "'; allowed are "
                        + String.join(", ", new TreeSet<>(TokenReader.ALGORITHMS)) + ": signatures by a key that this server can't sign with");
            }
        }
        Map<String, Set<Role>> roles = new TreeMap<>();
        for (String n : names) {
            if (n.startsWith(ROLE)) {
                roles.put(n.substring(ROLE.length()), roles(n, value.apply(n)));
            }
        }
        String claim = value.apply("access.jwt.rolesClaim");
        return new Tokens(issuer, required(value, "access.jwt.audience", "what tokens for this server have in 'aud'"), jwks, allowed,
                (int) number(value, "access.jwt.clockSkewSeconds", 60), List.of((claim == null ? "roles" : claim).split("\\.")), new LinkedHashMap<>(roles));
    }

    private static Set<Role> roles(String name, String text) {
        try {
            return Role.list(text);
        } catch (WhereforeException e) {
            throw WhereforeException.invalid(name, name + ": " + e.getMessage());
        }
    }

    private static String required(UnaryOperator<String> value, String name, String what) {
        String v = value.apply(name);
        if (v == null || v.isBlank()) {
            throw WhereforeException.invalid(name, "access.jwt.issuer is set, so " + name + " is needed: " + what);
        }
        return v.strip();
    }

    private static double number(UnaryOperator<String> value, String name, double otherwise) {
        String v = value.apply(name);
        try {
            double d = v == null ? otherwise : Double.parseDouble(v.strip());
            if (d >= 0 && d <= 1e12) {
                return d;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw WhereforeException.invalid(name, name + " is a number, 0 for no limit, got '" + v + "'");
    }

    /** A relative file is one of the home. */
    static Path file(Path home, String jwks) {
        return home.resolve(jwks);
    }
}
