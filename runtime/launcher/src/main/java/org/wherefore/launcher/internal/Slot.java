package org.wherefore.launcher.internal;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A bundle cache that one process uses at a time: the first free of {@code NAME-0}, {@code NAME-1}, … A crashed process
 * leaves its lock to the operating system, so nothing has to be tidied and the next start finds a warm cache.
 */
record Slot(Path folder, FileChannel channel, FileLock lock) implements AutoCloseable {
    private static final int COMMANDS = 64;

    /** The one slot of a server. @throws LaunchException when another process serves this home */
    static Slot server(Path caches) {
        return take(caches, "serve", 1, "another process serves this home (" + caches.getParent() + "); see: wherefore status");
    }

    /** A slot for a command. @throws LaunchException when the home can't be written or every slot is taken */
    static Slot command(Path caches) {
        return take(caches, "batch", COMMANDS, COMMANDS + " commands run on this home at once (" + caches.getParent() + ")");
    }

    /** A slot for a training process. @throws LaunchException as {@link #command} */
    static Slot training(Path caches) {
        return take(caches, "training", COMMANDS, COMMANDS + " trainings run on this home at once (" + caches.getParent() + ")");
    }

    /** A slot for a command of the tools. @throws LaunchException as {@link #command} */
    static Slot tools(Path caches) {
        return take(caches, "tools", COMMANDS, COMMANDS + " tools run on this home at once (" + caches.getParent() + ")");
    }

    private static Slot take(Path caches, String name, int most, String none) {
        try {
            Files.createDirectories(caches);
            for (int i = 0; i < most; i++) {
                FileChannel channel = FileChannel.open(caches.resolve(name + "-" + i + ".lock"), StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
                try {
                    FileLock lock = channel.tryLock();
                    if (lock != null) {
                        return new Slot(caches.resolve(name + "-" + i), channel, lock);
                    }
                } catch (OverlappingFileLockException e) {
                    // taken by this very process: the next one
                }
                channel.close();
            }
        } catch (IOException e) {
            throw new LaunchException("the bundle cache in " + caches + " can't be written: " + e.getMessage(), e);
        }
        throw new LaunchException(none);
    }

    @Override
    public void close() throws IOException {
        lock.release();
        channel.close();
    }
}
