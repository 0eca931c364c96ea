package org.wherefore.registry.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.registry.Transition;

/**
 * The transitions of one model: a file of JSON lines, each ending in the CRC of what stands before it. What aliases point to
 * is what a replay says. A last line that is torn was never acknowledged: it is ignored, and cut off by the next write.
 * Thread-safe; writers hold the registry's write lock.
 */
final class Log {
    /** A transition and, for a rollback, that it was one: it takes the alias's history back instead of adding to it. */
    record Line(Transition transition, boolean rollback) {}

    /** @param valid length of what is whole */
    record State(List<Transition> transitions, Map<String, Integer> aliases, Map<String, Deque<Integer>> before, long valid,
            long size, FileTime modified) {}

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TAIL = ",\"crc\":\"00000000\"}".length();
    private final Path file;
    private volatile State state;

    Log(Path file) {
        this.file = file;
    }

    State state() {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            State known = state;
            if (known != null && known.size == now.size() && known.modified.equals(now.lastModifiedTime())) {
                return known;
            }
            byte[] bytes = Files.readAllBytes(file);
            State fresh = replay(bytes, now.lastModifiedTime());
            state = fresh;
            return fresh;
        } catch (NoSuchFileException e) {
            return new State(List.of(), Map.of(), Map.of(), 0, 0, FileTime.fromMillis(0));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, file + " could not be read: " + e, e);
        }
    }

    void append(Disk disk, Line line) throws IOException {
        State now = state();
        state = null;
        disk.append(file, now.valid, bytes(line));
    }

    private State replay(byte[] bytes, FileTime modified) {
        List<Transition> all = new ArrayList<>();
        Map<String, Integer> aliases = new TreeMap<>();
        Map<String, Deque<Integer>> before = new TreeMap<>();
        int start = 0;
        while (start < bytes.length) {
            int end = start;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            Line line = end < bytes.length ? parse(bytes, start, end) : null;
            if (line == null) {
                if (end + 1 < bytes.length && anyWhole(bytes, end + 1)) {
                    throw new WhereforeException(ErrorCode.STORAGE, file + ":" + (all.size() + 1)
                            + " is damaged (its CRC does not match) and later lines are whole; restore it from a backup", null);
                }
                break;
            }
            Transition t = line.transition;
            Deque<Integer> stack = before.computeIfAbsent(t.alias(), a -> new ArrayDeque<>());
            if (line.rollback) {
                stack.poll();
            } else if (t.from() != 0 && t.from() != t.to()) {
                stack.push(t.from());
            }
            aliases.put(t.alias(), t.to());
            all.add(t);
            start = end + 1;
        }
        return new State(List.copyOf(all), java.util.Collections.unmodifiableMap(aliases), before, start, bytes.length, modified);
    }

    private static boolean anyWhole(byte[] bytes, int start) {
        for (int end = start; end < bytes.length; end++) {
            if (bytes[end] == '\n') {
                if (parse(bytes, start, end) != null) {
                    return true;
                }
                start = end + 1;
            }
        }
        return false;
    }

    private static byte[] bytes(Line line) throws IOException {
        Transition t = line.transition;
        ObjectNode node = JSON.createObjectNode();
        node.put("sequence", t.sequence()).put("model", t.model()).put("alias", t.alias()).put("from", t.from())
                .put("to", t.to()).put("who", t.who()).put("why", t.why()).put("when", t.when().toString());
        if (line.rollback) {
            node.put("rollback", true);
        }
        byte[] json = JSON.writeValueAsBytes(node);
        byte[] body = Arrays.copyOf(json, json.length - 1);
        byte[] tail = (",\"crc\":\"" + crc(body, 0, body.length) + "\"}\n").getBytes(StandardCharsets.US_ASCII);
        byte[] whole = Arrays.copyOf(body, body.length + tail.length);
        System.arraycopy(tail, 0, whole, body.length, tail.length);
        return whole;
    }

    private static Line parse(byte[] bytes, int start, int end) {
        int body = end - start - TAIL;
        if (body < 2) {
            return null;
        }
        String tail = new String(bytes, start + body, TAIL, StandardCharsets.ISO_8859_1);
        if (!tail.equals(",\"crc\":\"" + crc(bytes, start, body) + "\"}")) {
            return null;
        }
        try {
            JsonNode n = JSON.readTree(bytes, start, end - start);
            return new Line(new Transition(n.get("sequence").asLong(), n.get("model").asText(), n.get("alias").asText(),
                    n.get("from").asInt(), n.get("to").asInt(), n.get("who").asText(), n.get("why").asText(),
                    Instant.parse(n.get("when").asText())), n.has("rollback"));
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    private static String crc(byte[] bytes, int start, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, start, length);
        return String.format("%08x", crc.getValue());
    }
}
