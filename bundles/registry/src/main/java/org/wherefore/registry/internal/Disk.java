package org.wherefore.registry.internal;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Every change of a file goes through here, so that a test can make any single one fail. Thread-safe. */
class Disk {
    /** Called before each step; a test throws from here. */
    void step(String what, Path path) throws IOException {}

    void folders(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return;
        }
        Path parent = folder.getParent();
        if (parent != null) {
            folders(parent);
        }
        step("create folder", folder);
        try {
            Files.createDirectory(folder);
        } catch (java.nio.file.FileAlreadyExistsException e) {
            if (!Files.isDirectory(folder)) {
                throw e;
            }
        }
        if (parent != null) {
            sync(parent);
        }
    }

    OutputStream create(Path file) throws IOException {
        step("create", file);
        OutputStream out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] b, int off, int len) throws IOException {
                step("write", file);
                out.write(b, off, len);
            }

            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }
        };
    }

    /** Cuts the file at {@code at}, writes there and forces it to the disk; on failure tries to cut it again. */
    void append(Path file, long at, byte[] bytes) throws IOException {
        boolean fresh = !Files.exists(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            try {
                step("truncate", file);
                channel.truncate(at);
                int half = bytes.length / 2;
                step("append first half", file);
                write(channel, ByteBuffer.wrap(bytes, 0, half), at);
                step("append second half", file);
                write(channel, ByteBuffer.wrap(bytes, half, bytes.length - half), at + half);
                step("force", file);
                channel.force(true);
                if (fresh) {
                    sync(file.getParent());
                }
            } catch (IOException | RuntimeException e) {
                try {
                    step("truncate after failure", file);
                    channel.truncate(at);
                    channel.force(true);
                } catch (IOException again) {
                    e.addSuppressed(again);
                }
                throw e;
            }
        }
    }

    private static void write(FileChannel channel, ByteBuffer buffer, long at) throws IOException {
        while (buffer.hasRemaining()) {
            at += channel.write(buffer, at);
        }
    }

    /** Forces a file or folder to the disk. */
    void sync(Path path) throws IOException {
        step("force", path);
        boolean folder = Files.isDirectory(path);
        try (FileChannel channel = FileChannel.open(path, folder ? StandardOpenOption.READ : StandardOpenOption.WRITE)) {
            channel.force(true);
        } catch (IOException e) {
            if (!folder) {
                throw e; // some systems (Windows) can't open a folder; their renames are durable by themselves
            }
        }
    }

    void move(Path from, Path to) throws IOException {
        step("move", to);
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes a file or a folder with all in it; nothing there is fine. */
    void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        step("delete", path);
        List<Path> all;
        try (Stream<Path> walk = Files.walk(path)) {
            all = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path p : all) {
            Files.deleteIfExists(p);
        }
    }
}
