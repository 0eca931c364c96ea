package org.wherefore.access.internal;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.ApiKey;
import org.wherefore.api.access.ApiKeys;
import org.wherefore.api.access.Limits;
import org.wherefore.api.access.Role;

/**
 * The keys of a home, in {@code <home>/access/keys.json} (mode 600), each with its hash only. A key is {@code wf_ID_SECRET}: ten characters
 * that are no secret and 256 random bits. Other processes' changes are seen within a second. Thread-safe.
 */
final class KeyFile {
    static final String PURPOSE = "api-key";
    private static final String MARK = "wf_";
    private static final int ID = 10;
    private static final String ID_CHARACTERS = "abcdefghijkmnpqrstuvwxyz23456789";
    private static final int MAX_NAME = 100;
    private static final int MAX_KEYS = 10_000;
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** @param hash base64 of the HMAC of the whole key */
    private record Entry(ApiKey key, String hash) {}

    private record State(Map<String, Entry> byId, long size, FileTime modified) {}

    private final Path folder;
    private final Path file;
    private final Secrets secrets;
    private final Limits usual;
    private volatile State state;
    private volatile long looked;

    KeyFile(Path folder, Secrets secrets, Limits usual) {
        this.folder = folder;
        this.file = folder.resolve("keys.json");
        this.secrets = secrets;
        this.usual = usual;
        state = load();
        looked = System.nanoTime();
    }

    List<ApiKey> list() {
        return load().byId.values().stream().map(Entry::key).toList();
    }

    /** Whose key it is; empty when it is none, revoked or expired. */
    Optional<ApiKey> find(String key) {
        if (!key.startsWith(MARK) || key.length() < MARK.length() + ID + 2 || key.length() > 200) {
            return Optional.empty();
        }
        if (System.nanoTime() - looked > LOOK_NANOS) {
            looked = System.nanoTime();
            state = load();
        }
        Entry e = state.byId.get(key.substring(MARK.length(), MARK.length() + ID));
        // a key of an unknown id takes as long as a wrong one
        byte[] expected = e == null ? new byte[32] : Base64.getDecoder().decode(e.hash);
        boolean right = secrets.matches(PURPOSE, key, expected);
        return right && e != null && e.key.good(Instant.now()) ? Optional.of(e.key) : Optional.empty();
    }

    ApiKeys.Created create(String name, Set<Role> roles, Limits limits, Instant expires, String createdBy) {
        if (name == null || name.isBlank() || name.length() > MAX_NAME || name.chars().anyMatch(c -> c < ' ' || Character.getType(c) == Character.FORMAT)) {
            throw WhereforeException.invalid("/name", "a key has a name of 1 to " + MAX_NAME + " characters without control characters");
        }
        if (roles.isEmpty()) {
            throw WhereforeException.invalid("/roles", "a key has at least one role of " + Role.texts(List.of(Role.values())));
        }
        if (expires != null && !expires.isAfter(Instant.now())) {
            throw WhereforeException.invalid("/expires", "a key expires in the future, got " + expires);
        }
        StringBuilder id = new StringBuilder();
        new java.security.SecureRandom().ints(ID, 0, ID_CHARACTERS.length()).forEach(i -> id.append(ID_CHARACTERS.charAt(i)));
        String secret = MARK + id + "_" + Secrets.random(32);
        ApiKey key = new ApiKey(id.toString(), name, roles, limits == null ? usual : limits, Instant.now(), createdBy, expires, null);
        change(all -> {
            if (all.size() >= MAX_KEYS) {
                throw new WhereforeException(ErrorCode.CONFLICT, "there are already " + MAX_KEYS + " keys; remove revoked ones from " + file);
            }
            all.put(key.id(), new Entry(key, Base64.getEncoder().encodeToString(secrets.mac(PURPOSE, secret))));
        });
        return new ApiKeys.Created(key, secret);
    }

    ApiKey revoke(String id) {
        ApiKey[] out = new ApiKey[1];
        change(all -> {
            Entry e = all.get(id);
            if (e == null) {
                throw new WhereforeException(ErrorCode.NOT_FOUND, "there is no key of this id; wherefore key list shows those there are");
            }
            ApiKey k = e.key;
            out[0] = k.revoked() != null ? k
                    : new ApiKey(k.id(), k.name(), k.roles(), k.limits(), k.created(), k.createdBy(), k.expires(), Instant.now());
            all.put(id, new Entry(out[0], e.hash));
        });
        return out[0];
    }

    private interface Edit {
        void on(Map<String, Entry> all);
    }

    private synchronized void change(Edit edit) {
        try (FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            Map<String, Entry> all = new LinkedHashMap<>(load().byId);
            edit.on(all);
            ObjectNode root = JSON.createObjectNode();
            root.put("format", 1);
            ArrayNode keys = root.putArray("keys");
            all.values().forEach(e -> keys.add(write(e)));
            PrivateFiles.write(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(root));
            state = load();
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, file + " can't be written, nothing was changed: " + e.getClass().getSimpleName(), e);
        }
    }

    private State load() {
        try {
            BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
            State known = state;
            if (known != null && known.size == now.size() && known.modified.equals(now.lastModifiedTime())) {
                return known;
            }
            if (PrivateFiles.exposed(file)) {
                throw new WhereforeException(ErrorCode.STORAGE, file + " may be read by others than its owner; say: chmod 600 " + file);
            }
            Map<String, Entry> all = new LinkedHashMap<>();
            JsonNode root = JSON.readTree(Files.readAllBytes(file));
            if (root.path("format").asInt() != 1) {
                throw new WhereforeException(ErrorCode.STORAGE, file + " has format " + root.path("format") + ", this version reads format 1");
            }
            for (JsonNode k : root.path("keys")) {
                Entry e = read(k);
                all.put(e.key.id(), e);
            }
            return new State(all, now.size(), now.lastModifiedTime());
        } catch (NoSuchFileException e) {
            return new State(Map.of(), 0, FileTime.fromMillis(0));
        } catch (IOException | RuntimeException e) {
            if (e instanceof WhereforeException w) {
                throw w;
            }
            throw new WhereforeException(ErrorCode.STORAGE, file + " can't be read; restore it from a backup, or move it away and make keys anew", null);
        }
    }

    private static ObjectNode write(Entry e) {
        ObjectNode n = JSON.createObjectNode();
        ApiKey k = e.key;
        n.put("id", k.id()).put("name", k.name());
        ArrayNode roles = n.putArray("roles");
        k.roles().stream().sorted().forEach(r -> roles.add(r.text()));
        n.put("requestsPerSecond", k.limits().requestsPerSecond()).put("evaluationsPerMinute", k.limits().evaluationsPerMinute())
                .put("bodyBytes", k.limits().bodyBytes()).put("created", k.created().toString()).put("createdBy", k.createdBy())
                .put("expires", k.expires() == null ? null : k.expires().toString())
                .put("revoked", k.revoked() == null ? null : k.revoked().toString()).put("hash", e.hash);
        return n;
    }

    private static Entry read(JsonNode n) {
        Set<Role> roles = new LinkedHashSet<>();
        n.get("roles").forEach(r -> roles.add(Role.of(r.asText().toLowerCase(Locale.ROOT))));
        return new Entry(new ApiKey(n.get("id").asText(), n.get("name").asText(), roles,
                new Limits(n.get("requestsPerSecond").asDouble(), n.get("evaluationsPerMinute").asDouble(), n.get("bodyBytes").asLong()),
                Instant.parse(n.get("created").asText()), n.get("createdBy").asText(), time(n.get("expires")), time(n.get("revoked"))), n.get("hash").asText());
    }

    private static Instant time(JsonNode n) {
        return n == null || n.isNull() ? null : Instant.parse(n.asText());
    }
}
