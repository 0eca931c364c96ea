package org.wherefore.registry.internal;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.TreeSet;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.registry.Staged;

/** A model being written, in a folder of its own beside a lock file that says its writer lives. One thread. */
final class StagedFolder implements Staged {
    final DiskModelRegistry owner;
    final String name;
    /** Version that served when it was staged, {@code name:version}; null for none. */
    final String parent;
    final TreeSet<String> entries = new TreeSet<>();
    boolean done;
    private final Path folder;
    private final Path lockFile;
    private final FileChannel lock;
    private OutputStream open;

    StagedFolder(DiskModelRegistry owner, String name, String parent, Path folder, Path lockFile, FileChannel lock) {
        this.owner = owner;
        this.name = name;
        this.parent = parent;
        this.folder = folder;
        this.lockFile = lockFile;
        this.lock = lock;
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public OutputStream create(String entry) {
        Names.entry(entry);
        if (done) {
            throw new WhereforeException(ErrorCode.CONFLICT, "the staged model '" + name + "' is already committed or closed");
        }
        if (!entries.add(entry)) {
            throw WhereforeException.invalid("/entry", "artifact entry '" + entry + "' was already written");
        }
        try {
            finish();
            open = new BufferedOutputStream(owner.disk.create(folder.resolve(entry)), 1 << 16);
            return open;
        } catch (IOException e) {
            throw owner.storage("writing '" + entry + "' of model '" + name + "'", e);
        }
    }

    /** Closes an entry left open. */
    void finish() throws IOException {
        if (open != null) {
            OutputStream o = open;
            open = null;
            o.close();
        }
    }

    @Override
    public void close() {
        if (!lock.isOpen()) {
            return;
        }
        try {
            if (!done) {
                done = true;
                try {
                    finish();
                } catch (IOException e) {
                    // what could not be written is removed anyway
                }
                owner.disk.delete(folder);
            }
            owner.disk.delete(lockFile);
        } catch (IOException e) {
            DiskModelRegistry.LOG.log(System.Logger.Level.WARNING, "{0} could not be removed now; the next start does: {1}",
                    folder, e.toString());
        } finally {
            try {
                lock.close();
            } catch (IOException e) {
                // the lock file is gone or is removed at the next start
            }
        }
    }
}
