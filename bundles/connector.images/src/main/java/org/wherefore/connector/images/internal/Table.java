package org.wherefore.connector.images.internal;

import org.wherefore.api.data.Location;

/** Rows of cells, read one by one from files. One thread. */
interface Table extends AutoCloseable {
    /** The name of the column that a field of this name and kind is read from when nothing else is said. */
    String usual(String field, boolean image);

    /** A column's number, or -1 when there is none of that name. Called before the first row, of each column that will be read. */
    int column(String name);

    /** The columns there are, for an error's text. */
    String columns();

    /** Moves to the next row. @return false at the end */
    boolean next();

    Location at();

    /** A cell of this row as text, null when it is empty. @throws BadValue when it can't be read as text, or the row has no such cell */
    String text(int column) throws BadValue;

    /** A cell of this row as a picture. @throws BadValue when it is none */
    org.wherefore.api.data.Picture picture(int column) throws BadValue;

    @Override
    void close();

    /** A value that does not fit. */
    final class BadValue extends Exception {
        private static final long serialVersionUID = 1L;
        final String value;
        final String expected;

        /** @param value null when there is none worth naming */
        BadValue(String value, String expected) {
            super(expected, null, false, false);
            this.value = value;
            this.expected = expected;
        }
    }
}
