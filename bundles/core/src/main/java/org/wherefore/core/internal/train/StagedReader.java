package org.wherefore.core.internal.train;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.model.ArtifactReader;

/** Reads a model that is still staged, so that it can be judged before it is registered. */
final class StagedReader implements ArtifactReader {
    private final Path folder;

    StagedReader(Path folder) {
        this.folder = folder;
    }

    @Override
    public Set<String> entries() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(p -> p.getFileName().toString()).collect(Collectors.toSet());
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "can't list the staged model " + folder + ": " + e, e);
        }
    }

    @Override
    public InputStream open(String entry) {
        try {
            return new BufferedInputStream(Files.newInputStream(folder.resolve(entry)));
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.NOT_FOUND, "the staged model has no entry '" + entry + "'", e);
        }
    }
}
