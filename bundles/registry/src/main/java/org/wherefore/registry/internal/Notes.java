package org.wherefore.registry.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Notes of one version: the folder {@code <version>.notes} beside it, where a note is the file {@code <note>.<number>} and the highest
 * number counts. A note is written under a new number and the old ones are removed after that, so there is always a whole one.
 * Writers hold the registry's lock; readers take none.
 */
final class Notes {
    private static final String UNFINISHED = "unfinished";
    private final Path folder;

    Notes(Path version) {
        folder = folder(version);
    }

    /** Where the notes of a version's folder are. */
    static Path folder(Path version) {
        return version.resolveSibling(version.getFileName() + ".notes");
    }

    void write(Disk disk, String note, byte[] content) throws IOException {
        disk.folders(folder);
        List<Integer> old = numbers(note);
        Path file = file(note, old.isEmpty() ? 1 : old.get(old.size() - 1) + 1);
        Path unfinished = folder.resolve(UNFINISHED);
        disk.delete(unfinished);
        try (var out = disk.create(unfinished)) {
            out.write(content);
        }
        disk.sync(unfinished);
        disk.move(unfinished, file);
        try {
            disk.sync(folder);
        } catch (IOException | RuntimeException e) {
            try {
                disk.delete(file);
            } catch (IOException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
        for (int n : old) {
            try {
                disk.delete(file(note, n));
            } catch (IOException e) {
                DiskModelRegistry.LOG.log(System.Logger.Level.WARNING, "an old note stays until the next one: {0}: {1}", file(note, n), e.toString());
            }
        }
    }

    Optional<byte[]> read(String note) throws IOException {
        while (true) {
            List<Integer> numbers = numbers(note);
            if (numbers.isEmpty()) {
                return Optional.empty();
            }
            try {
                return Optional.of(Files.readAllBytes(file(note, numbers.get(numbers.size() - 1))));
            } catch (NoSuchFileException e) {
                // a newer one has just taken its place
            }
        }
    }

    private Path file(String note, int number) {
        return folder.resolve(note + "." + number);
    }

    private List<Integer> numbers(String note) throws IOException {
        Pattern name = Pattern.compile(Pattern.quote(note) + "\\.([1-9][0-9]{0,8})");
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> name.matcher(f.getFileName().toString())).filter(m -> m.matches()).map(m -> Integer.valueOf(m.group(1)))
                    .sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        }
    }
}
