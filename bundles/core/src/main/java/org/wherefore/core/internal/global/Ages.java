package org.wherefore.core.internal.global;

import java.util.List;
import java.util.stream.IntStream;

import org.wherefore.api.explain.GlobalExplanation;

/**
 * Events by their age: the newest has age 1.
 *
 * @param oldest {@link Integer#MAX_VALUE} for no bound
 */
record Ages(String name, int newest, int oldest) {
    /** What importance is asked of. */
    static final List<Ages> GROUPS = List.of(new Ages(GlobalExplanation.NEWEST, 1, 1), new Ages(GlobalExplanation.RECENT, 2, 5),
            new Ages(GlobalExplanation.EARLIER, 6, 20), new Ages(GlobalExplanation.OLDER, 21, Integer.MAX_VALUE));
    static final Ages ALL = new Ages("events", 1, Integer.MAX_VALUE);
    /** What contributions are added up by. */
    static final List<Ages> POSITIONS = List.of(new Ages("1", 1, 1), new Ages("2", 2, 2), new Ages("3", 3, 3), new Ages("4", 4, 4),
            new Ages("5", 5, 5), new Ages("6-10", 6, 10), new Ages("11-20", 11, 20), new Ages("21-50", 21, 50), new Ages("older", 51, Integer.MAX_VALUE));

    /** Positions in a history of this length, oldest first. */
    int[] positions(int length) {
        return IntStream.range(Math.max(0, oldest >= length ? 0 : length - oldest), Math.max(0, length - newest + 1)).toArray();
    }

    boolean has(int age) {
        return age >= newest && age <= oldest;
    }
}
