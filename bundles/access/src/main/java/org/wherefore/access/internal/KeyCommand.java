package org.wherefore.access.internal;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.ApiKey;
import org.wherefore.api.access.ApiKeys;
import org.wherefore.api.access.Audit;
import org.wherefore.api.access.Change;
import org.wherefore.api.access.Limits;
import org.wherefore.api.access.Role;

/** {@code wherefore key list|create|revoke}, on the files of a home; a running server sees it within a second. One thread. */
@Component(service = Function.class, property = {"wherefore.command=key",
        "wherefore.command.help=list | create NAME --roles ROLE,... | revoke ID"})
public class KeyCommand implements Function<List<String>, Integer> {
    private static final String USAGE = """
            usage: wherefore key list [--home DIR]
                   wherefore key create NAME --roles ROLE,... [--expires DAYSd|TIME] [--requests-per-second N] [--evaluations-per-minute N]
                                        [--body-bytes N] [--home DIR]
                   wherefore key revoke ID [--home DIR]
            roles:\s""" + Role.texts(List.of(Role.values()));
    private static final Set<String> OPTIONS = Set.of("--roles", "--expires", "--requests-per-second", "--evaluations-per-minute", "--body-bytes");
    private final ApiKeys keys;
    private final Audit audit;

    @Activate
    public KeyCommand(@Reference ApiKeys keys, @Reference Audit audit) {
        this.keys = keys;
        this.audit = audit;
    }

    @Override
    public Integer apply(List<String> args) {
        try {
            run(args);
            return 0;
        } catch (WhereforeException e) {
            System.err.println("wherefore: " + e.getMessage());
            return switch (e.code()) {
                case INVALID_INPUT -> 2;
                case NOT_FOUND, CONFLICT -> 4;
                default -> 1;
            };
        }
    }

    private void run(List<String> args) {
        List<String> words = new ArrayList<>();
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i < args.size(); i++) {
            String a = args.get(i);
            if (!a.startsWith("--")) {
                words.add(a);
            } else if (!OPTIONS.contains(a) || i + 1 == args.size()) {
                throw usage(OPTIONS.contains(a) ? a + " needs a value" : "unknown option " + a);
            } else {
                options.put(a, args.get(++i));
            }
        }
        String what = words.isEmpty() ? "" : words.get(0);
        if (!what.equals("create") && !options.isEmpty() || words.size() != (what.equals("list") ? 1 : 2)) {
            throw usage(what.isEmpty() ? "say what to do" : "'key " + what + "' was called with other arguments than it has");
        }
        switch (what) {
            case "list" -> list();
            case "create" -> create(words.get(1), options);
            case "revoke" -> revoke(words.get(1));
            default -> throw usage("there is no 'key " + what + "'");
        }
    }

    private void list() {
        Instant now = Instant.now();
        System.out.printf("%-10s  %-8s  %-20s  %-20s  %s%n", "id", "state", "created", "expires", "name (roles)");
        for (ApiKey k : keys.list()) {
            System.out.printf("%-10s  %-8s  %-20.20s  %-20.20s  %s (%s)%n", k.id(), k.good(now) ? "good" : k.revoked() != null ? "revoked" : "expired",
                    k.created(), k.expires() == null ? "never" : k.expires(), k.name(), Role.texts(k.roles()));
        }
    }

    private void create(String name, Map<String, String> options) {
        if (!options.containsKey("--roles")) {
            throw usage("--roles is missing");
        }
        Limits limits = options.keySet().stream().allMatch(o -> o.equals("--roles") || o.equals("--expires")) ? null
                : new Limits(number(options, "--requests-per-second"), number(options, "--evaluations-per-minute"), (long) number(options, "--body-bytes"));
        ApiKeys.Created made = keys.create(name, Role.list(options.get("--roles")), limits, expires(options.get("--expires")), who());
        ApiKey k = made.key();
        audit.append(new Change(who(), "key create", k.id(), "", k.name() + " (" + Role.texts(k.roles()) + ")", "done", ""));
        System.err.println("key " + k.id() + " (" + Role.texts(k.roles()) + "); it is shown here and now only:");
        System.out.println(made.secret());
    }

    private void revoke(String id) {
        boolean was = keys.list().stream().anyMatch(k -> k.id().equals(id) && k.revoked() == null);
        ApiKey k = keys.revoke(id);
        audit.append(new Change(who(), "key revoke", id, was ? "good" : "revoked", "revoked", "done", ""));
        System.out.println("revoked " + k.id() + " " + k.name());
    }

    private static String who() {
        return "cli:" + System.getProperty("user.name");
    }

    private static double number(Map<String, String> options, String name) {
        try {
            return Double.parseDouble(options.getOrDefault(name, "0"));
        } catch (NumberFormatException e) {
            throw usage(name + " wants a number, 0 for no limit, got '" + options.get(name) + "'");
        }
    }

    private static Instant expires(String v) {
        if (v == null) {
            return null;
        }
        try {
            return v.matches("[0-9]{1,5}d") ? Instant.now().plus(Duration.ofDays(Long.parseLong(v.substring(0, v.length() - 1))))
                    : OffsetDateTime.parse(v).toInstant();
        } catch (DateTimeException e) {
            throw usage("--expires is a number of days such as 90d, or a time such as 2027-01-31T00:00:00Z, got '" + v + "'");
        }
    }

    private static WhereforeException usage(String what) {
        return WhereforeException.invalid(null, what + "\n" + USAGE);
    }
}
