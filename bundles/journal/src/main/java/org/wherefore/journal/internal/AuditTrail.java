package org.wherefore.journal.internal;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.access.Audit;
import org.wherefore.api.access.AuditEntry;
import org.wherefore.api.access.Change;

/**
 * The audit trail in {@code <home>/audit}: files of one line an entry, {@code HASH JSON}, where the JSON has the hash of the line before. They are
 * only ever appended to, and forced to the disk before {@link #append} returns, for many callers at once where many wait. A last line
 * without its end was never acknowledged and is cut off by the next append. {@code head} has number and hash of the last forced entry, so
 * that a trail cut short is seen. A file lock orders the processes of one home. Thread-safe.
 */
@Component(service = Audit.class)
public class AuditTrail implements Audit {
    /** A file of this size, in bytes, is followed by another. */
    private static final long FULL = 64L << 20;
    private static final int MAX_TEXT = 2_000;
    private static final String HEAD = "head";
    private final Path folder;
    private final long full;
    /** Guards what is forced; taken before the trail's own lock. */
    private final Object forcing = new Object();
    private RandomAccessFile out;
    private Path file;
    /** Where the last whole line ends. */
    private long end;
    private long last;
    private String lastHash = AuditLine.NONE;
    private long forced;

    @Activate
    public AuditTrail(BundleContext context) {
        this(Path.of(context.getProperty("wherefore.home")).resolve("audit"), FULL);
    }

    AuditTrail(Path folder, long full) {
        this.folder = folder;
        this.full = full;
    }

    @Deactivate
    void close() throws IOException {
        synchronized (forcing) {
            synchronized (this) {
                if (out != null) {
                    out.close();
                    out = null;
                }
            }
        }
    }

    @Override
    public AuditEntry append(Change given) {
        Change change = shortened(given);
        // an interrupt would close the channel that holds the lock
        boolean interrupted = Thread.interrupted();
        try {
            AuditEntry entry = write(change);
            force(entry);
            return entry;
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the audit trail in " + folder + " can't be written: " + e, e);
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized AuditEntry write(Change change) throws IOException {
        if (!Files.isDirectory(folder)) {
            make();
        }
        try (FileChannel channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            catchUp();
            AuditEntry entry = AuditLine.entry(last + 1, Instant.now().truncatedTo(ChronoUnit.MICROS), change, lastHash);
            byte[] line = AuditLine.bytes(entry);
            try {
                out.seek(end);
                out.write(line);
            } catch (IOException e) {
                try {
                    out.setLength(end);
                } catch (IOException again) {
                    e.addSuppressed(again);
                }
                throw e;
            }
            end += line.length;
            last = entry.sequence();
            lastHash = entry.hash();
            return entry;
        }
    }

    /** A folder that only its owner reads, where the system has modes. */
    private void make() throws IOException {
        Files.createDirectories(folder.getParent());
        boolean modes = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
        try {
            Files.createDirectory(folder, modes ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))}
                    : new FileAttribute<?>[0]);
        } catch (FileAlreadyExistsException e) {
            // another process was faster
        }
    }

    /** Brings what is known of the end up to what is there; the file lock is held, so a line without its end is a dead process's. */
    private void catchUp() throws IOException {
        if (out == null) {
            List<Path> all = files();
            open(all.isEmpty() ? folder.resolve(AuditLine.fileName(1)) : all.get(all.size() - 1));
        } else {
            read();
        }
        while (end >= full || Files.exists(folder.resolve(AuditLine.fileName(last + 1))) && !file.getFileName().toString().equals(AuditLine.fileName(last + 1))) {
            out.getFD().sync();
            out.close();
            open(folder.resolve(AuditLine.fileName(last + 1)));
        }
    }

    private void open(Path which) throws IOException {
        file = which;
        boolean fresh = !Files.exists(file);
        out = new RandomAccessFile(file.toFile(), "rw");
        end = 0;
        if (fresh) {
            try (FileChannel parent = FileChannel.open(folder, StandardOpenOption.READ)) {
                parent.force(true);
            } catch (IOException e) {
                // some systems can't open a folder; new files are durable by themselves there
            }
        }
        read();
    }

    /** From what is known of this file to its last whole line. */
    private void read() throws IOException {
        long length = out.length();
        if (length == end) {
            return;
        }
        if (length < end) {
            throw new IOException(file + " was cut short from outside, to " + length + " bytes from " + end);
        }
        try (AuditLine.Reader lines = new AuditLine.Reader(file, end)) {
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                // what does not hold is found by verify(); the chain goes on from what is there
                last = Math.max(last + 1, AuditLine.sequence(line));
                lastHash = AuditLine.hash(line);
            }
            end = lines.position();
        }
        if (end < length) {
            out.setLength(end);
        }
    }

    private void force(AuditEntry entry) throws IOException {
        synchronized (forcing) {
            if (forced >= entry.sequence()) {
                return;
            }
            RandomAccessFile now;
            long upTo;
            String hash;
            synchronized (this) {
                now = out;
                upTo = last;
                hash = lastHash;
            }
            if (now == null) {
                throw new IOException("it is closed");
            }
            try {
                now.getFD().sync();
            } catch (IOException e) {
                synchronized (this) {
                    if (now == out) {
                        throw e;
                    }
                }
                // another file was begun meanwhile, and this one forced before that
            }
            forced = upTo;
            head(upTo, hash);
        }
    }

    private void head(long sequence, String hash) throws IOException {
        try (RandomAccessFile head = new RandomAccessFile(folder.resolve(HEAD).toFile(), "rw")) {
            head.write(String.format("%019d %s%n", sequence, hash).getBytes(StandardCharsets.US_ASCII));
        }
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(p -> AuditLine.isFile(p.getFileName().toString())).sorted().toList();
        }
    }

    @Override
    public List<AuditEntry> read(long before, int limit) {
        List<AuditEntry> out = new ArrayList<>();
        try {
            List<Path> all = files();
            for (int i = all.size() - 1; i >= 0 && out.size() < limit; i--) {
                if (before == 0 || AuditLine.first(all.get(i)) < before) {
                    AuditLine.newest(all.get(i), before, limit - out.size(), out);
                }
            }
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the audit trail in " + folder + " can't be read: " + e, e);
        }
        return out;
    }

    @Override
    public Check verify() {
        long sequence = 0;
        String previous = AuditLine.NONE;
        try {
            for (Path f : files()) {
                try (AuditLine.Reader lines = new AuditLine.Reader(f, 0)) {
                    if (AuditLine.first(f) != sequence + 1) {
                        return new Check(sequence, previous, f.getFileName() + " begins with entry " + AuditLine.first(f) + ", entry " + (sequence + 1)
                                + " comes next: a file is missing");
                    }
                    int number = 0;
                    for (byte[] line = lines.next(); line != null; line = lines.next()) {
                        number++;
                        String wrong = AuditLine.wrong(line, sequence + 1, previous);
                        if (wrong != null) {
                            return new Check(sequence, previous, f.getFileName() + ":" + number + ": " + wrong);
                        }
                        sequence++;
                        previous = AuditLine.hash(line);
                    }
                }
            }
            String cut = cut(sequence, previous);
            return new Check(sequence, previous, cut);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the audit trail in " + folder + " can't be read: " + e, e);
        }
    }

    /** Why the trail is shorter than it was; null when it is not. */
    private String cut(long sequence, String hash) throws IOException {
        Path head = folder.resolve(HEAD);
        if (!Files.exists(head)) {
            return sequence == 0 ? null : HEAD + " is missing: whether entries after " + sequence + " were cut off can't be told";
        }
        String[] parts = Files.readString(head).strip().split(" ");
        if (parts.length != 2 || !parts[0].matches("[0-9]{19}")) {
            return HEAD + " is damaged: whether entries after " + sequence + " were cut off can't be told";
        }
        long acknowledged = Long.parseLong(parts[0]);
        if (acknowledged > sequence) {
            return "entries " + (sequence + 1) + " to " + acknowledged + " are missing at the end: they were acknowledged and cut off";
        }
        return acknowledged == sequence && !parts[1].equals(hash) ? "entry " + sequence + " is another one than was acknowledged" : null;
    }

    private static Change shortened(Change c) {
        return new Change(shorten(c.who()), shorten(c.action()), shorten(c.target()), shorten(c.before()), shorten(c.after()), shorten(c.outcome()),
                shorten(c.trace()));
    }

    private static String shorten(String v) {
        return v.length() <= MAX_TEXT ? v : v.substring(0, MAX_TEXT) + "…";
    }
}
