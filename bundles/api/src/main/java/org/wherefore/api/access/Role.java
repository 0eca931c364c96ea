package org.wherefore.api.access;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.wherefore.api.WhereforeException;

/** What a caller is allowed to do; which routes that means is said beside each route. */
public enum Role {
    /** Asks for predictions, reads explanations, gives feedback. */
    VIEWER,
    /** Reads people's histories, models and figures, too. */
    ANALYST,
    /** Brings in data, trains, moves aliases. */
    OPERATOR,
    /** Installs, updates and removes plugins and features. */
    PLUGIN_ADMIN,
    /** Reads the audit trail and who has a key. */
    AUDITOR,
    /** May do all of it, and give keys. */
    ADMIN;

    /** As requests, files and answers write it: {@code plugin-admin}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** @throws WhereforeException {@code INVALID_INPUT} naming the roles there are */
    public static Role of(String text) {
        return Arrays.stream(values()).filter(r -> r.text().equals(text)).findFirst().orElseThrow(() -> WhereforeException.invalid("/roles",
                "there is no role '" + (text.length() > 60 ? text.substring(0, 60) + "…" : text) + "'; roles are " + texts(List.of(values()))));
    }

    /** Roles in a list with commas between; empty for an empty text. @throws WhereforeException as {@link #of} */
    public static Set<Role> list(String text) {
        Set<Role> out = new LinkedHashSet<>();
        for (String s : text.split(",")) {
            if (!s.isBlank()) {
                out.add(of(s.strip()));
            }
        }
        return out;
    }

    /** In the order of the roles, with commas between. */
    public static String texts(java.util.Collection<Role> roles) {
        return String.join(", ", roles.stream().sorted().map(Role::text).toList());
    }
}
