package org.wherefore.connector.images.internal;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Picture;

/**
 * The files of a folder in the order of their names, whatever the system lists first. Names are listed at once, files are read as asked
 * for. Hidden files and folders (a dot first) are left out. One thread.
 */
final class FolderTable implements Table {
    private static final List<String> COLUMNS = List.of("id", "file", "label", "split", "image");
    private static final int MAX_DEPTH = 16;
    private static final int MAX_FILES = 5_000_000;
    private final Path folder;
    private final List<String> layout;
    private final ImageFiles images;
    private final Iterator<String> files;
    private String file;
    private long index;

    FolderTable(Path folder, String layout, ImageFiles images) throws IOException {
        this.folder = folder;
        this.images = images;
        this.layout = layout.isBlank() ? List.of() : List.of(layout.strip().split("/"));
        Set<String> seen = new java.util.HashSet<>();
        for (String level : this.layout) {
            if (!level.equals("-") && (!level.equals("label") && !level.equals("split") || !seen.add(level))) {
                throw WhereforeException.invalid("/options/layout", "/options/layout: expected label, split and - joined by '/', each of the"
                        + " first two once, got '" + layout + "'");
            }
        }
        // Not by links: they could lead in circles.
        try (Stream<Path> all = Files.walk(folder, MAX_DEPTH, new FileVisitOption[0])) {
            List<String> names = all.filter(p -> !Files.isDirectory(p)).map(p -> folder.relativize(p).toString().replace('\\', '/'))
                    .filter(n -> !n.startsWith(".") && !n.contains("/.")).limit(MAX_FILES + 1L).sorted().toList();
            if (names.size() > MAX_FILES) {
                throw Failures.badData(new Location(folder.toString(), 1), "more than " + MAX_FILES + " files; read it in parts", null);
            }
            files = names.iterator();
        } catch (java.io.UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public String usual(String field, boolean image) {
        return image ? "image" : field;
    }

    @Override
    public int column(String name) {
        return COLUMNS.indexOf(name);
    }

    @Override
    public String columns() {
        return COLUMNS.toString();
    }

    @Override
    public boolean next() {
        file = files.hasNext() ? files.next() : null;
        index++;
        return file != null;
    }

    @Override
    public Location at() {
        return file == null ? new Location(folder.toString(), 1) : new Location(folder.resolve(file).toString(), index);
    }

    @Override
    public String text(int column) throws BadValue {
        return switch (COLUMNS.get(column)) {
            case "id", "file" -> file;
            case "image" -> throw new BadValue(file, "a column of texts, not the images");
            default -> level(COLUMNS.get(column));
        };
    }

    private String level(String what) throws BadValue {
        int level = layout.indexOf(what);
        if (level < 0) {
            return null;
        }
        String[] parts = file.split("/");
        if (parts.length <= layout.size()) {
            throw new BadValue(file, "a file in folders that say " + String.join("/", layout));
        }
        return parts[level];
    }

    @Override
    public Picture picture(int column) throws BadValue {
        return images.load(file);
    }

    @Override
    public void close() {
        // No file stays open between rows.
    }
}
