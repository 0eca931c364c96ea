package org.wherefore.rest.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Supplier;

/** Ends a body that is too large with the answer of HTTP for it, however it was announced. One thread. */
final class BoundedBody extends FilterInputStream {
    private final Supplier<Refused> tooLarge;
    private long left;

    BoundedBody(InputStream in, long most, Supplier<Refused> tooLarge) {
        super(in);
        this.left = most;
        this.tooLarge = tooLarge;
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
            throw tooLarge.get();
        }
        return result;
    }
}
