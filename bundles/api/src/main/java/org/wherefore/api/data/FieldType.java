package org.wherefore.api.data;

/** How a field is read, and the type of its values in a {@link DataRecord}. */
public enum FieldType {
    /** {@code String} */
    TEXT,
    /** {@code Double}, finite */
    NUMBER,
    /** {@code Instant}, from seconds since the epoch, or an ISO-8601 instant or date, with or without a time of day */
    TIME,
    /** {@code List<String>}: several texts */
    LIST,
    /** {@link Picture} */
    IMAGE
}
