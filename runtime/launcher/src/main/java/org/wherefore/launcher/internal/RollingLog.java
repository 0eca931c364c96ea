package org.wherefore.launcher.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/**
 * Appends to {@code NAME}; a full file becomes {@code NAME.1} and so on. Unlike {@link java.util.logging.FileHandler} it keeps the
 * newest lines in a file of one name, and a server and the commands beside it may append to it together.
 */
final class RollingLog extends Handler {
    private final Path file;
    private final long size;
    private final int files;

    RollingLog(Path file, long size, int files) {
        this.file = file;
        this.size = size;
        this.files = files;
    }

    @Override
    public synchronized void publish(LogRecord r) {
        if (!isLoggable(r)) {
            return;
        }
        try {
            Files.write(file, getFormatter().format(r).getBytes(StandardCharsets.UTF_8), StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
            if (Files.size(file) > size) {
                for (int i = files - 2; i >= 0; i--) {
                    Path from = i == 0 ? file : numbered(i);
                    if (Files.exists(from)) {
                        Files.move(from, numbered(i + 1), StandardCopyOption.REPLACE_EXISTING);
                    }
                }
            }
        } catch (IOException e) {
            reportError("can't write " + file, e, ErrorManager.WRITE_FAILURE);
        }
    }

    private Path numbered(int i) {
        return file.resolveSibling(file.getFileName() + "." + i);
    }

    @Override
    public void flush() {
        // every record is written through
    }

    @Override
    public void close() {
        // no file is kept open
    }
}
