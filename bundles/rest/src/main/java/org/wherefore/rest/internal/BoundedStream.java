package org.wherefore.rest.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;

/** Ends a body that is too large with the answer of HTTP for it. One thread. */
final class BoundedStream extends FilterInputStream {
    private final Supplier<Refused> refusal;
    private long left;

    BoundedStream(InputStream in, long most, Supplier<Refused> refusal) {
        super(in);
        this.left = most;
        this.refusal = refusal;
    }

    @Override
    public int read() throws IOException {
        return count(super.read(), 1);
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        int n = super.read(b, off, len);
        return count(n, n);
    }

    private int count(int result, int bytes) {
        left -= result < 0 ? 0 : bytes;
        if (left < 0) {
            throw refusal.get();
        }
        return result;
    }
}
