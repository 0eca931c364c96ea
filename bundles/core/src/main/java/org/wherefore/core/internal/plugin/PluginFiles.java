package org.wherefore.core.internal.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;

/** One jar a plugin, {@code <home>/plugins/SYMBOLIC-NAME.jar}: there as a whole, or not at all. For one thread at a time, but for receiving. */
record PluginFiles(Path folder) {
    private static final String END = ".jar";
    private static final String UPLOAD = ".upload";

    /** Symbolic name to jar, ordered. @throws WhereforeException {@code STORAGE} */
    Map<String, Path> all() {
        Map<String, Path> out = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(f -> f.getFileName().toString().endsWith(END)).forEach(f -> {
                String name = f.getFileName().toString();
                out.put(name.substring(0, name.length() - END.length()), f);
            });
        } catch (NoSuchFileException e) {
            return out;
        } catch (IOException e) {
            throw storage("the plugins in " + folder + " can't be read", e);
        }
        return out;
    }

    /** A jar on the disk beside the others, not yet one of them. @throws WhereforeException {@code INVALID_INPUT} when longer than {@code max} */
    Path receive(InputStream jar, long max) {
        return receive(jar, max, "a plugin's jar");
    }

    /** @param what it is, for messages */
    Path receive(InputStream jar, long max, String what) {
        Path file = null;
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder);
                force(folder.getParent());
            }
            file = Files.createTempFile(folder, "plugin", UPLOAD);
            try (FileChannel out = FileChannel.open(file, StandardOpenOption.WRITE)) {
                byte[] buffer = new byte[1 << 16];
                long size = 0;
                for (int n; (n = jar.read(buffer)) >= 0;) {
                    size += n;
                    if (size > max) {
                        throw WhereforeException.invalid(null, what + " is at most " + (max >> 20)
                                + " MiB; leave out what it does not need, or let it read large data from a file");
                    }
                    for (ByteBuffer b = ByteBuffer.wrap(buffer, 0, n); b.hasRemaining();) {
                        out.write(b);
                    }
                }
                out.force(true);
            }
            return file;
        } catch (IOException e) {
            discard(file);
            throw storage("the jar can't be stored in " + folder, e);
        } catch (RuntimeException e) {
            discard(file);
            throw e;
        }
    }

    /** Makes a received jar the one of that name. @throws WhereforeException {@code STORAGE}; the older jar is still there then */
    Path keep(Path received, String symbolicName) {
        Path file = file(symbolicName);
        try {
            Files.move(received, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            force(folder);
            return file;
        } catch (IOException e) {
            throw storage("the jar can't be kept as " + file, e);
        }
    }

    /** @throws WhereforeException {@code STORAGE} */
    void delete(String symbolicName) {
        try {
            Files.deleteIfExists(file(symbolicName));
            force(folder);
        } catch (IOException e) {
            throw storage(file(symbolicName) + " can't be deleted", e);
        }
    }

    /** Removes what a server left behind that ended while it received. */
    void tidy() {
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(f -> f.getFileName().toString().endsWith(UPLOAD)).forEach(PluginFiles::discard);
        } catch (IOException e) {
            // there is nothing to tidy, or all() says what is wrong
        }
    }

    static void discard(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.getLogger(PluginFiles.class.getName()).log(System.Logger.Level.WARNING, "{0} stays behind: {1}", file, e.toString());
        }
    }

    static String digest(Path jar) throws IOException {
        try (InputStream in = Files.newInputStream(jar)) {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n; (n = in.read(buffer)) >= 0;) {
                sha.update(buffer, 0, n);
            }
            return "sha256:" + HexFormat.of().formatHex(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path file(String symbolicName) {
        return folder.resolve(symbolicName + END);
    }

    private static void force(Path folder) throws IOException {
        FileChannel channel;
        try {
            channel = FileChannel.open(folder, StandardOpenOption.READ);
        } catch (IOException e) {
            return; // some systems (Windows) can't open a folder; their renames are durable by themselves
        }
        try (channel) {
            channel.force(true);
        }
    }

    private static WhereforeException storage(String message, IOException e) {
        return new WhereforeException(ErrorCode.STORAGE, message + ": " + e, e);
    }
}
