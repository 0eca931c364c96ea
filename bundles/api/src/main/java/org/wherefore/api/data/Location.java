package org.wherefore.api.data;

/** Where a record stood: the file (or table), its line (1-based, 0 when unknown). */
public record Location(String source, long line) {
    @Override
    public String toString() {
        return line > 0 ? source + ":" + line : source;
    }
}
