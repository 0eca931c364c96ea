package org.wherefore.rest.internal;

import com.fasterxml.jackson.databind.JsonNode;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/**
 * First answers to creating requests that carry an {@code Idempotency-Key}, for a day: one file each in {@code <home>/answers}, named by a digest of
 * caller, address and key, forced to the disk before the answer is sent. A request that a crash cut off leaves a file that says it
 * began; the same key is then refused, because whether its work was done can't be told. Answers other than 2xx are not kept. Thread-safe.
 */
@Component(service = Answers.class)
public class Answers {
    /** Header of an answer that was given before. */
    static final String REPLAYED = "Idempotency-Replayed";
    private static final System.Logger LOG = System.getLogger(Answers.class.getName());
    private static final Duration KEPT = Duration.ofDays(1);
    private static final int MOST = 100_000;
    private static final int SWEEP = 5_000;
    private static final int MAX_KEY = 200;
    private static final List<String> HEADERS = List.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.LOCATION, HttpHeaders.ETAG);
    private final Path folder;
    private final String server = UUID.randomUUID().toString();
    private final AtomicInteger begun = new AtomicInteger();

    @Activate
    public Answers(BundleContext context) {
        this(Path.of(context.getProperty("wherefore.home")).resolve("answers"));
    }

    Answers(Path folder) {
        this.folder = folder;
    }

    /**
     * A creating request under its key.
     *
     * @param known the first answer, when there is one; null when the request is to be worked on
     */
    record Ticket(Answers answers, Path file, BoundedBody body, Response known) {
        /** Keeps the answer. */
        void end(ContainerResponseContext response) {
            answers.end(this, response);
        }
    }

    /** @throws Refused 400 for a key that is none, 409 while the first request runs or when it was cut off, 422 for another body */
    Ticket begin(String caller, String address, String key, BoundedBody body) throws IOException {
        if (key.isEmpty() || key.length() > MAX_KEY || !key.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new Refused(400, "invalid-input", "Idempotency-Key", "an Idempotency-Key is 1 to " + MAX_KEY + " visible ASCII characters, such as a UUID");
        }
        Path file = folder.resolve(digest(caller + "\n" + address + "\n" + key) + ".answer");
        try {
            if (begun.getAndIncrement() % SWEEP == 0) {
                sweep();
            }
            for (int again = 0; again < 3; again++) {
                try {
                    Files.createDirectories(folder);
                    Files.writeString(file, "begun " + server, StandardOpenOption.CREATE_NEW);
                    return new Ticket(this, file, body, null);
                } catch (FileAlreadyExistsException e) {
                    Response known = known(file, body);
                    if (known != null) {
                        return new Ticket(this, file, body, known);
                    }
                }
            }
            throw Refused.later(409, "conflict", 1, "the first request with this Idempotency-Key is being worked on; try again in 1 s");
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the Idempotency-Key can't be noted, nothing was done: " + e, e);
        }
    }

    /** Null when it is gone meanwhile, or too old. */
    private Response known(Path file, BoundedBody body) throws IOException {
        byte[] bytes;
        try {
            if (Files.getLastModifiedTime(file).toInstant().isBefore(Instant.now().minus(KEPT))) {
                Files.deleteIfExists(file);
                return null;
            }
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            return null;
        }
        String text = new String(bytes, 0, Math.min(bytes.length, 64), StandardCharsets.UTF_8);
        if (text.startsWith("begun ") || text.isEmpty() || "begun ".startsWith(text)) {
            if (!text.endsWith(server) && text.length() > 6) {
                throw new Refused(409, "conflict", null, "the first request with this Idempotency-Key was cut off, whether its work was done can't be told: "
                        + "read what is there, then send it with a new key if it is still wanted");
            }
            throw Refused.later(409, "conflict", 1, "the first request with this Idempotency-Key is being worked on; try again in 1 s");
        }
        int line = 0;
        while (bytes[line] != '\n') {
            line++;
        }
        JsonNode head = Json.parse(bytes, 0, line, 0);
        body.drain();
        if (!head.get("digest").textValue().equals(body.digest())) {
            throw new Refused(422, "unsupported", "Idempotency-Key", "this Idempotency-Key was sent before with another body; use a new one for another request");
        }
        Response.ResponseBuilder answer = Response.status(head.get("status").intValue()).header(REPLAYED, "true");
        for (String name : HEADERS) {
            if (head.has(name)) {
                answer.header(name, head.get(name).textValue());
            }
        }
        byte[] entity = Arrays.copyOfRange(bytes, line + 1, bytes.length);
        return (entity.length == 0 ? answer : answer.entity(entity)).build();
    }

    private void end(Ticket ticket, ContainerResponseContext response) {
        try {
            Object entity = response.getEntity();
            if (response.getStatus() / 100 != 2 || entity != null && !(entity instanceof byte[])) {
                Files.deleteIfExists(ticket.file);
                return;
            }
            ticket.body.drain();
            byte[] head = Json.bytes(json -> {
                json.writeStartObject();
                json.writeNumberField("status", response.getStatus());
                json.writeStringField("digest", ticket.body.digest());
                for (String name : HEADERS) {
                    if (response.getHeaderString(name) != null) {
                        json.writeStringField(name, response.getHeaderString(name));
                    }
                }
                json.writeEndObject();
            });
            Path temp = ticket.file.resolveSibling(ticket.file.getFileName() + ".tmp");
            try (FileChannel out = FileChannel.open(temp, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
                write(out, head);
                write(out, new byte[] {'\n'});
                if (entity != null) {
                    write(out, (byte[]) entity);
                }
                out.force(true);
            }
            Files.move(temp, ticket.file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException | RuntimeException e) {
            // what is left says that it began: sent again, it is refused and not done twice
            LOG.log(System.Logger.Level.WARNING, "an answer can''t be kept in {0}: {1}", folder, e.toString());
        }
    }

    private static void write(FileChannel out, byte[] bytes) throws IOException {
        ByteBuffer b = ByteBuffer.wrap(bytes);
        while (b.hasRemaining()) {
            out.write(b);
        }
    }

    private void sweep() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        record Aged(Path file, Instant at) {}
        List<Aged> all;
        try (Stream<Path> files = Files.list(folder)) {
            all = files.map(f -> {
                try {
                    return new Aged(f, Files.getLastModifiedTime(f).toInstant());
                } catch (IOException e) {
                    return new Aged(f, Instant.now());
                }
            }).sorted(Comparator.comparing(Aged::at)).toList();
        }
        Instant oldest = Instant.now().minus(KEPT);
        for (int i = 0; i < all.size() && (all.get(i).at.isBefore(oldest) || all.size() - i > MOST); i++) {
            Files.deleteIfExists(all.get(i).file);
        }
    }

    private static String digest(String text) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
