package org.wherefore.testkit.data;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.wherefore.api.data.Event;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;

/** Histories as short texts or numbers. Stateless. */
public final class Histories {
    private Histories() {}

    /** Model input: events of kind 0 on these items, oldest first. */
    public static SequenceInstance sequence(int... items) {
        return new SequenceInstance(items, new int[items.length]);
    }

    /** A training case: the last item is the answer, those before it the history. */
    public static Example example(int... items) {
        SequenceInstance all = sequence(items);
        return new Example(all.prefix(items.length - 1), items[items.length - 1]);
    }

    /**
     * A user's events, one second apart from the epoch on, oldest first.
     *
     * @param events item ids, or {@code item/kind}; without kind it is a {@code view}
     */
    public static List<Event> events(String user, String... events) {
        List<Event> history = new ArrayList<>(events.length);
        for (int i = 0; i < events.length; i++) {
            int slash = events[i].indexOf('/');
            history.add(new Event(user + "-" + i, user, slash < 0 ? events[i] : events[i].substring(0, slash),
                    slash < 0 ? "view" : events[i].substring(slash + 1), Instant.ofEpochSecond(i)));
        }
        return List.copyOf(history);
    }
}
