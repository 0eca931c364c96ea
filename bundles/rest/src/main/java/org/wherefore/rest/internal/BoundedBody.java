package org.wherefore.rest.internal;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A request's body, of which no more than a number of bytes is read; counted and digested on the way. Used by one thread. */
final class BoundedBody extends FilterInputStream {
    private final long most;
    private final MessageDigest digest;
    private long count;

    /** @param announced the header Content-Length, or null @throws Refused 413 when more is announced, 400 when it is no number */
    BoundedBody(InputStream in, long most, String announced) {
        super(in == null ? InputStream.nullInputStream() : in);
        this.most = most;
        try {
            digest = MessageDigest.getInstance("SHA-256");
            if (announced != null && Long.parseLong(announced.strip()) > most) {
                throw tooLarge();
            }
        } catch (NumberFormatException e) {
            throw new Refused(400, "bad-request", null, "Content-Length is no number");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private Refused tooLarge() {
        return new Refused(413, "too-large", null, "the body is larger than " + (most >= 1 << 20 && most % (1 << 20) == 0 ? (most >> 20) + " MiB" : most + " bytes")
                + ", the most that is read here of this caller");
    }

    @Override
    public int read() throws IOException {
        int b = super.read();
        if (b >= 0) {
            digest.update((byte) b);
            count(1);
        }
        return b;
    }

    @Override
    public int read(byte[] b, int off, int len) throws IOException {
        int n = super.read(b, off, len);
        if (n > 0) {
            digest.update(b, off, n);
            count(n);
        }
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        long left = n;
        byte[] buffer = new byte[8192];
        for (int r; left > 0 && (r = read(buffer, 0, (int) Math.min(buffer.length, left))) > 0;) {
            left -= r;
        }
        return n - left;
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    private void count(int n) {
        count += n;
        if (count > most) {
            throw tooLarge();
        }
    }

    /** Reads to the end. */
    void drain() throws IOException {
        byte[] buffer = new byte[8192];
        while (read(buffer, 0, buffer.length) >= 0) {
            // counted and digested
        }
    }

    long count() {
        return count;
    }

    /** Of what was read so far. */
    String digest() {
        try {
            return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("SHA-256 can be cloned", e);
        }
    }
}
