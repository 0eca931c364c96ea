package org.wherefore.connector.csv.internal;

import java.io.IOException;
import java.io.Reader;

/**
 * Appends a last line that holds {@link #MARK} alone. Where it comes out of the parser as part of another record, a quote was
 * opened and never closed, and what follows that quote would have been taken for one value. One thread.
 */
final class EndMark extends Reader {
    static final String MARK = "\u0003";
    private static final String LINE = "\n" + MARK;
    private final Reader in;
    private int sent;

    EndMark(Reader in) {
        this.in = in;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        int n = sent == 0 ? in.read(target, offset, length) : -1;
        if (n >= 0) {
            return n;
        }
        int count = Math.min(length, LINE.length() - sent);
        LINE.getChars(sent, sent + count, target, offset);
        sent += count;
        return count == 0 && length > 0 ? -1 : count;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
