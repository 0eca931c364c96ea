package org.wherefore.rest.internal;

import java.util.Arrays;
import java.util.stream.Collectors;

/** Addresses as resources declare them. */
final class Routes {
    private Routes() {}

    /** {@code /api/v1/models/{name}}: parts joined, without the patterns of parameters. */
    static String join(String... parts) {
        return "/" + Arrays.stream(parts).flatMap(p -> Arrays.stream(p.replaceAll("\\{\\s*([A-Za-z]+)\\s*:[^}]*}", "{$1}").split("/")))
                .filter(s -> !s.isEmpty()).collect(Collectors.joining("/"));
    }
}
