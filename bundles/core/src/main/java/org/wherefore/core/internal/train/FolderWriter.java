package org.wherefore.core.internal.train;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.ArtifactWriter;

/** Writes a model into a folder that is there. The registry checks names and digests when the folder is committed. */
record FolderWriter(Path folder) implements ArtifactWriter {
    @Override
    public OutputStream create(String entry) {
        try {
            return new BufferedOutputStream(Files.newOutputStream(folder.resolve(entry), StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.WRITE), 1 << 16);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't write '" + entry + "' of the staged model " + folder + ": " + e, e);
        }
    }
}
