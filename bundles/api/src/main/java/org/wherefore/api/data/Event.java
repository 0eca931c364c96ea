package org.wherefore.api.data;

import java.time.Instant;
import java.util.Objects;

/** One thing a person did to one item: {@code view}, {@code cart}, {@code purchase}, … ; kinds are names, not an enum. */
public record Event(String id, String user, String item, String kind, Instant time) {
    public Event {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(user, "user");
        Objects.requireNonNull(item, "item");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(time, "time");
    }
}
