package org.wherefore.registry.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
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
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.CRC32;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.ModelRef;
import org.wherefore.api.registry.Traffic;
import org.wherefore.api.registry.Transition;

/**
 * The transitions of one model: a file of JSON lines, each ending in the CRC of what stands before it. What aliases point to, how
 * traffic is split and which versions are deleted is what a replay says. A last line that is torn was never acknowledged: it is ignored, and cut off by the next write.
 * Thread-safe; writers hold the registry's write lock.
 */
final class Log {
    /**
     * @param before of each alias, where it can be rolled back to, the nearest first
     * @param deleted versions, whether or not their files are gone yet
     * @param valid length of what is whole
     */
    record State(List<Transition> transitions, Map<String, Integer> aliases, Map<String, Deque<Integer>> before, Traffic traffic,
            Set<Integer> deleted, long valid, long size, FileTime modified) {
        /** Whether some alias can be rolled back to a version. */
        boolean returns(int version) {
            return before.values().stream().anyMatch(b -> b.contains(version));
        }
    }

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
            return new State(List.of(), Map.of(), Map.of(), Traffic.NONE, Set.of(), 0, 0, FileTime.fromMillis(0));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, file + " could not be read: " + e, e);
        }
    }

    /** All of them or, when it throws, none; after a kill the first few, each whole. */
    void append(Disk disk, List<Transition> more) throws IOException {
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (Transition t : more) {
            lines.writeBytes(bytes(t));
        }
        State now = state();
        state = null;
        disk.append(file, now.valid, lines.toByteArray());
    }

    private State replay(byte[] bytes, FileTime modified) {
        List<Transition> all = new ArrayList<>();
        Map<String, Integer> aliases = new TreeMap<>();
        Map<String, Deque<Integer>> before = new TreeMap<>();
        Set<Integer> deleted = new TreeSet<>();
        Traffic traffic = Traffic.NONE;
        int start = 0;
        while (start < bytes.length) {
            int end = start;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            Transition t = end < bytes.length ? parse(bytes, start, end) : null;
            if (t == null) {
                if (end + 1 < bytes.length && anyWhole(bytes, end + 1)) {
                    throw new WhereforeException(ErrorCode.STORAGE, file + ":" + (all.size() + 1)
                            + " is damaged (its CRC does not match) and later lines are whole; restore it from a backup", null);
                }
                break;
            }
            switch (t.kind()) {
                case Transition.TRAFFIC -> traffic = t.traffic();
                case Transition.DELETE -> {
                    deleted.add(t.from());
                    before.forEach((alias, stack) -> forget(stack, t.from(), aliases.get(alias)));
                }
                default -> {
                    Deque<Integer> stack = before.computeIfAbsent(t.alias(), a -> new ArrayDeque<>());
                    if (t.kind().equals(Transition.ROLLBACK)) {
                        stack.poll();
                    } else if (t.from() != 0 && t.from() != t.to()) {
                        stack.push(t.from());
                    }
                    aliases.put(t.alias(), t.to());
                    if (t.alias().equals(ModelRef.CHAMPION)) {
                        traffic = traffic.without(t.to());
                    }
                }
            }
            all.add(t);
            start = end + 1;
        }
        return new State(List.copyOf(all), Collections.unmodifiableMap(aliases), before, traffic, Collections.unmodifiableSet(deleted), start,
                bytes.length, modified);
    }

    /** Takes a deleted version out of where an alias can go back to; a step back then always leads to another version. */
    private static void forget(Deque<Integer> stack, int version, int now) {
        List<Integer> left = new ArrayList<>(stack);
        stack.clear();
        int last = now;
        for (int v : left) {
            if (v != version && v != last) {
                stack.addLast(v);
                last = v;
            }
        }
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

    private static byte[] bytes(Transition t) throws IOException {
        ObjectNode node = JSON.createObjectNode();
        node.put("sequence", t.sequence()).put("model", t.model()).put("alias", t.alias()).put("from", t.from())
                .put("to", t.to()).put("who", t.who()).put("why", t.why()).put("when", t.when().toString());
        switch (t.kind()) {
            case Transition.ROLLBACK -> node.put("rollback", true);
            case Transition.TRAFFIC -> node.put("kind", t.kind()).put("canary", t.traffic().canary()).put("percent", t.traffic().percent())
                    .put("shadow", t.traffic().shadow());
            case Transition.DELETE -> node.put("kind", t.kind());
            default -> {
                // a promotion is what a line without a kind is
            }
        }
        byte[] json = JSON.writeValueAsBytes(node);
        byte[] body = Arrays.copyOf(json, json.length - 1);
        byte[] tail = (",\"crc\":\"" + crc(body, 0, body.length) + "\"}\n").getBytes(StandardCharsets.US_ASCII);
        byte[] whole = Arrays.copyOf(body, body.length + tail.length);
        System.arraycopy(tail, 0, whole, body.length, tail.length);
        return whole;
    }

    private static Transition parse(byte[] bytes, int start, int end) {
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
            String kind = n.has("rollback") ? Transition.ROLLBACK : n.path("kind").asText(Transition.PROMOTE);
            return new Transition(n.get("sequence").asLong(), n.get("model").asText(), kind, n.get("alias").asText(), n.get("from").asInt(),
                    n.get("to").asInt(), kind.equals(Transition.TRAFFIC)
                            ? new Traffic(n.get("canary").asInt(), n.get("percent").asDouble(), n.get("shadow").asInt()) : null,
                    n.get("who").asText(), n.get("why").asText(), Instant.parse(n.get("when").asText()));
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
