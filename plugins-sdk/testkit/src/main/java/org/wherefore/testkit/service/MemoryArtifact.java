package org.wherefore.testkit.service;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;

/**
 * A model artifact in memory, as strict as the stored one: entry names are checked, one entry is written at a time and each
 * once. An entry is there from the moment it was created, so a test sees what a failed training left. Thread-safe.
 */
public final class MemoryArtifact implements ArtifactWriter, ArtifactReader {
    private final Map<String, byte[]> files = new TreeMap<>();
    private String open;

    @Override
    public synchronized OutputStream create(String entry) {
        if (!entry.matches("[A-Za-z0-9._-]{1,100}") || entry.contains("..")) {
            throw WhereforeException.invalid("/entry", "artifact entry '" + entry
                    + "': 1 to 100 letters, digits, '.', '_' and '-', no separators, no '..'");
        }
        if (open != null) {
            throw new IllegalStateException("close entry '" + open + "' before '" + entry + "' is created");
        }
        if (files.putIfAbsent(entry, new byte[0]) != null) {
            throw new IllegalStateException("entry '" + entry + "' is written already");
        }
        open = entry;
        return new ByteArrayOutputStream() {
            private boolean done;

            @Override
            public void close() {
                synchronized (MemoryArtifact.this) {
                    if (!done) {
                        done = true;
                        files.put(entry, toByteArray());
                        open = null;
                    }
                }
            }
        };
    }

    @Override
    public synchronized Set<String> entries() {
        return Set.copyOf(files.keySet());
    }

    @Override
    public synchronized InputStream open(String entry) {
        return new ByteArrayInputStream(found(entry));
    }

    /** A copy of an entry. @throws WhereforeException {@code NOT_FOUND} */
    public synchronized byte[] bytes(String entry) {
        return found(entry).clone();
    }

    /** A copy of this artifact in which an entry has other bytes; null leaves it out. For tests of damage. */
    public synchronized MemoryArtifact with(String entry, byte[] bytes) {
        MemoryArtifact copy = new MemoryArtifact();
        copy.files.putAll(files);
        if (bytes == null) {
            copy.files.remove(entry);
        } else {
            copy.files.put(entry, bytes.clone());
        }
        return copy;
    }

    /** The entry that was created and not closed, or null. */
    public synchronized String unclosed() {
        return open;
    }

    /** {@code sha256:…} over names and bytes of all entries: equal when the artifacts are. */
    public synchronized String digest() {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            for (String entry : new TreeSet<>(files.keySet())) {
                sha.update((entry + "\n" + files.get(entry).length + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
                sha.update(files.get(entry));
            }
            return "sha256:" + HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no SHA-256", e);
        }
    }

    @Override
    public synchronized boolean equals(Object o) {
        return o instanceof MemoryArtifact other && digest().equals(other.digest());
    }

    @Override
    public synchronized int hashCode() {
        return digest().hashCode();
    }

    @Override
    public synchronized String toString() {
        StringBuilder text = new StringBuilder("artifact");
        files.forEach((entry, bytes) -> text.append(' ').append(entry).append('(').append(bytes.length).append(" bytes, hash ")
                .append(Arrays.hashCode(bytes)).append(')'));
        return text.toString();
    }

    private byte[] found(String entry) {
        byte[] bytes = files.get(entry);
        if (bytes == null) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "the artifact has no entry '" + entry + "'; it has " + files.keySet());
        }
        return bytes;
    }
}
