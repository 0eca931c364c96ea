package org.wherefore.api.data;

import java.util.Objects;

/** A record that was left out, with what a person needs to mend it. */
public record BadRecord(Location location, String column, String value, String expected) {
    public BadRecord {
        Objects.requireNonNull(location, "location");
        Objects.requireNonNull(expected, "expected");
    }

    @Override
    public String toString() {
        return location + (column == null ? "" : ": column '" + column + "'") + (value == null ? "" : ": '" + value + "'")
                + ": expected " + expected;
    }
}
