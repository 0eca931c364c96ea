package org.wherefore.api.data;

import java.util.List;

/** What one person did, oldest first; may be empty. */
public record History(List<Event> events) implements Input {
    public History {
        events = List.copyOf(events);
    }

    /** The events of an input that is a history. @throws IllegalArgumentException when it is something else */
    public static List<Event> eventsOf(Input input) {
        if (input instanceof History h) {
            return h.events;
        }
        throw new IllegalArgumentException("a history is needed, got " + input);
    }
}
