package org.wherefore.connector.images.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.wherefore.api.Parameters;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Picture;

/** A CSV (RFC 4180, UTF-8, with a header) whose rows name image files. Reads row by row; one thread. */
final class CsvTable implements Table {
    private static final int MAX_RECORD = 1 << 20;
    private final Path path;
    private final ImageFiles images;
    private final char separator;
    private final BufferedReader in;
    private final List<String> header;
    private List<String> row;
    private long line;
    private long rowLine = 1;

    CsvTable(Path path, Parameters options, ImageFiles images) throws IOException {
        this.path = path;
        this.images = images;
        this.separator = ImagesConnector.separator(options);
        if (!Files.isRegularFile(path)) {
            throw Failures.badData(new Location(path.toString(), 1), "there is no such file; a CSV, a .npz archive or a folder is read", null);
        }
        in = new BufferedReader(new InputStreamReader(Files.newInputStream(path), StandardCharsets.UTF_8.newDecoder()));
        try {
            List<String> first = read();
            if (first == null) {
                throw Failures.badData(at(), "expected a header line, got an empty file", null);
            }
            header = first.stream().map(String::strip).toList();
            if (header.stream().distinct().count() != header.size()) {
                throw Failures.badData(at(), "the header names a column twice: " + header, null);
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public String usual(String field, boolean image) {
        return image ? "file" : field;
    }

    /** A table without ids has its files' names for them. */
    @Override
    public int column(String name) {
        int i = header.indexOf(name);
        return i < 0 && name.equals("id") ? header.indexOf("file") : i;
    }

    @Override
    public String columns() {
        return header.toString();
    }

    @Override
    public boolean next() {
        do {
            row = read();
        } while (row != null && row.size() == 1 && row.get(0).isBlank() && header.size() > 1);
        return row != null;
    }

    @Override
    public Location at() {
        return new Location(path.toString(), rowLine);
    }

    @Override
    public String text(int column) throws BadValue {
        if (row.size() != header.size()) {
            throw new BadValue(row.size() + " columns", header.size() + " columns");
        }
        return row.get(column).isBlank() ? null : row.get(column).strip();
    }

    @Override
    public Picture picture(int column) throws BadValue {
        String name = text(column);
        return name == null ? null : images.load(name.replace('\\', '/'));
    }

    private List<String> read() {
        String text = line();
        rowLine = line;
        if (text == null) {
            return null;
        }
        List<String> cells = new ArrayList<>();
        StringBuilder cell = new StringBuilder();
        long size = text.length();
        int i = 0;
        while (true) {
            if (i < text.length() && text.charAt(i) == '"') {
                i++;
                while (i >= text.length() || text.charAt(i) != '"' || i + 1 < text.length() && text.charAt(i + 1) == '"') {
                    if (i < text.length()) {
                        cell.append(text.charAt(i));
                        i += text.charAt(i) == '"' ? 2 : 1;
                        continue;
                    }
                    text = line();
                    size += text == null ? 0 : text.length() + 1;
                    if (text == null || size > MAX_RECORD) {
                        throw Failures.badData(at(), "expected a closing quote, got " + (text == null ? "the end of the file" : "more than "
                                + MAX_RECORD + " characters"), null);
                    }
                    cell.append('\n');
                    i = 0;
                }
                i++;
                if (i < text.length() && text.charAt(i) != separator) {
                    throw Failures.badData(at(), "expected a separator behind a closing quote", null);
                }
            } else {
                int end = text.indexOf(separator, i);
                cell.append(text, i, end < 0 ? text.length() : end);
                i = end < 0 ? text.length() : end;
            }
            cells.add(cell.toString());
            cell.setLength(0);
            if (i >= text.length()) {
                return cells;
            }
            i++;
        }
    }

    /** The next line; its length is bounded while it is read. */
    private String line() {
        try {
            StringBuilder text = new StringBuilder();
            int c = in.read();
            if (c < 0) {
                return null;
            }
            line++;
            for (; c >= 0 && c != '\n'; c = in.read()) {
                if (text.length() >= MAX_RECORD) {
                    throw Failures.badData(new Location(path.toString(), line), "a line of more than " + MAX_RECORD + " characters", null);
                }
                if (line != 1 || text.length() > 0 || c != '\ufeff') {
                    text.append((char) c);
                }
            }
            int last = text.length() - 1;
            if (last >= 0 && text.charAt(last) == '\r') {
                text.setLength(last);
            }
            return text.toString();
        } catch (CharacterCodingException e) {
            throw Failures.badData(new Location(path.toString(), Math.max(1, line)), "expected text in UTF-8 near this line", e);
        } catch (IOException e) {
            throw Failures.badData(new Location(path.toString(), Math.max(1, line)), "it can't be read further", e);
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            // Nothing was written; there is nothing to lose.
        }
    }
}
