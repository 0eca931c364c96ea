package org.wherefore.extractor.table.internal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** SHA-256 of texts, so that nobody can make two texts that are taken for one. Stateless. */
final class Hash {
    private Hash() {}

    /** The first 16 bytes as two numbers. */
    static long[] of(String text) {
        try {
            ByteBuffer digest = ByteBuffer.wrap(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
            return new long[] {digest.getLong(), digest.getLong()};
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Of a value; 0, which no text gives, for a missing one. */
    static long value(String text) {
        if (text == null) {
            return 0;
        }
        long hash = of(text)[0];
        return hash == 0 ? 1 : hash;
    }

    /** A bucket from 0 on. */
    static int bucket(String text, int buckets) {
        return (int) Long.remainderUnsigned(of(text)[0], buckets);
    }
}
