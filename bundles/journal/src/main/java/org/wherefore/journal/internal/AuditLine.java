package org.wherefore.journal.internal;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

import org.wherefore.api.access.AuditEntry;
import org.wherefore.api.access.Change;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** One line of the audit trail: the SHA-256 of its JSON, a blank, the JSON, which has the hash of the line before. */
final class AuditLine {
    /** What the first entry has for the hash before. */
    static final String NONE = "0".repeat(64);
    private static final int HASH = 64;
    private static final int LONGEST = 1 << 20;
    private static final int BLOCK = 1 << 16;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String START = "audit-";
    private static final String END = ".log";

    private AuditLine() {}

    static String fileName(long first) {
        return String.format("%s%019d%s", START, first, END);
    }

    static boolean isFile(String name) {
        return name.matches(START + "[0-9]{19}\\" + END);
    }

    static long first(Path file) {
        String n = file.getFileName().toString();
        return Long.parseLong(n.substring(START.length(), n.length() - END.length()));
    }

    static AuditEntry entry(long sequence, Instant time, Change change, String previous) {
        return new AuditEntry(sequence, time, change, previous, digest(json(sequence, time, change, previous), 0));
    }

    static byte[] bytes(AuditEntry e) {
        byte[] json = json(e.sequence(), e.time(), e.change(), e.previous());
        byte[] line = new byte[HASH + 1 + json.length + 1];
        System.arraycopy(e.hash().getBytes(StandardCharsets.US_ASCII), 0, line, 0, HASH);
        line[HASH] = ' ';
        System.arraycopy(json, 0, line, HASH + 1, json.length);
        line[line.length - 1] = '\n';
        return line;
    }

    private static byte[] json(long sequence, Instant time, Change c, String previous) {
        ObjectNode n = JSON.createObjectNode();
        n.put("sequence", sequence).put("time", time.toString()).put("who", c.who()).put("action", c.action()).put("target", c.target())
                .put("before", c.before()).put("after", c.after()).put("outcome", c.outcome()).put("trace", c.trace()).put("previous", previous);
        return n.toString().getBytes(StandardCharsets.UTF_8);
    }

    static String hash(byte[] line) {
        return line.length <= HASH + 1 ? NONE : digest(line, HASH + 1);
    }

    private static String digest(byte[] bytes, int from) {
        try {
            MessageDigest d = MessageDigest.getInstance("SHA-256");
            d.update(bytes, from, bytes.length - from);
            return HexFormat.of().formatHex(d.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** 0 for a line that is none. */
    static long sequence(byte[] line) {
        try {
            return line.length <= HASH + 1 ? 0 : JSON.readTree(line, HASH + 1, line.length - HASH - 1).path("sequence").asLong();
        } catch (IOException e) {
            return 0;
        }
    }

    /** What is wrong with a line that should be this entry; null when nothing is. */
    static String wrong(byte[] line, long sequence, String previous) {
        if (line.length <= HASH + 1 || line[HASH] != ' ') {
            return "entry " + sequence + " is no entry";
        }
        if (!new String(line, 0, HASH, StandardCharsets.ISO_8859_1).equals(hash(line))) {
            return "entry " + sequence + " was changed: its hash does not match what it says";
        }
        try {
            JsonNode n = JSON.readTree(line, HASH + 1, line.length - HASH - 1);
            long found = n.path("sequence").asLong();
            if (found != sequence) {
                return "entry " + found + " stands where entry " + sequence + " should be: " + (found > sequence ? "entries are missing" : "entries were put in");
            }
            return n.path("previous").asText().equals(previous) ? null
                    : "entry " + sequence + " does not follow from entry " + (sequence - 1) + ": one of the two was replaced";
        } catch (IOException e) {
            return "entry " + sequence + " is no entry";
        }
    }

    private static AuditEntry parse(byte[] line) throws IOException {
        JsonNode n = JSON.readTree(line, HASH + 1, line.length - HASH - 1);
        return new AuditEntry(n.path("sequence").asLong(), Instant.parse(n.path("time").asText()), new Change(n.path("who").asText(),
                n.path("action").asText(), n.path("target").asText(), n.path("before").asText(), n.path("after").asText(),
                n.path("outcome").asText(), n.path("trace").asText()), n.path("previous").asText(), new String(line, 0, HASH, StandardCharsets.US_ASCII));
    }

    /** Whole lines of a file from a place on, without their ends. */
    static final class Reader implements AutoCloseable {
        private final InputStream in;
        private final Path file;
        private long position;

        Reader(Path file, long from) throws IOException {
            this.file = file;
            in = new BufferedInputStream(Files.newInputStream(file), BLOCK);
            in.skipNBytes(from);
            position = from;
        }

        /** Null at the end, or at a last line without its end. */
        byte[] next() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream(512);
            for (int b = in.read(); b >= 0; b = in.read()) {
                if (b == '\n') {
                    position += line.size() + 1;
                    return line.toByteArray();
                }
                line.write(b);
                if (line.size() > LONGEST) {
                    throw new IOException(file + " has a line of more than " + LONGEST + " bytes at byte " + position);
                }
            }
            return null;
        }

        /** Where the last whole line ended. */
        long position() {
            return position;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /** Adds the newest entries of a file before a number, newest first. @param before 0 for the end */
    static void newest(Path file, long before, int limit, List<AuditEntry> out) throws IOException {
        try (RandomAccessFile in = new RandomAccessFile(file.toFile(), "r")) {
            long at = before == 0 ? in.length() : find(in, before);
            byte[] rest = new byte[0];
            boolean whole = before != 0;
            int added = 0;
            while ((at > 0 || rest.length > 0) && added < limit) {
                int size = (int) Math.min(BLOCK, at);
                byte[] block = new byte[size + rest.length];
                at -= size;
                in.seek(at);
                in.readFully(block, 0, size);
                System.arraycopy(rest, 0, block, size, rest.length);
                int end = block.length;
                for (int i = block.length - 1; i >= -1 && added < limit; i--) {
                    if (i == -1 && at > 0) {
                        break;
                    }
                    if (i == -1 || block[i] == '\n') {
                        // what stands after the last line end is being written
                        if (end > i + 1 && whole) {
                            out.add(parse(Arrays.copyOfRange(block, i + 1, end)));
                            added++;
                        }
                        whole = true;
                        end = Math.max(i, 0);
                    }
                }
                rest = at == 0 ? new byte[0] : Arrays.copyOf(block, end);
                if (rest.length > LONGEST) {
                    throw new IOException(file + " has a line of more than " + LONGEST + " bytes");
                }
            }
        }
    }

    /** Where the line of the first entry that is not before this number begins. */
    private static long find(RandomAccessFile in, long sequence) throws IOException {
        long low = 0;
        long high = in.length();
        while (low < high) {
            long middle = (low + high) / 2;
            in.seek(middle);
            long start = middle;
            if (middle > 0) {
                in.seek(middle - 1);
                in.readLine();
                start = in.getFilePointer();
            }
            String line = start < high ? in.readLine() : null;
            if (line == null) {
                high = middle;
            } else if (sequence(line.getBytes(StandardCharsets.ISO_8859_1)) < sequence) {
                low = in.getFilePointer();
            } else {
                high = middle;
            }
        }
        return low;
    }
}
