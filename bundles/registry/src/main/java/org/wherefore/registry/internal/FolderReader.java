package org.wherefore.registry.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.ArtifactReader;

/** The entries of a folder. @param what it is, for errors */
record FolderReader(DiskModelRegistry owner, String what, Path folder, Set<String> entries) implements ArtifactReader {
    @Override
    public InputStream open(String entry) {
        if (!entries.contains(entry)) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, what + " has no entry '" + entry + "'; it has " + entries);
        }
        try {
            return Files.newInputStream(folder.resolve(entry));
        } catch (IOException e) {
            throw owner.storage("reading '" + entry + "' of " + what, e);
        }
    }
}
