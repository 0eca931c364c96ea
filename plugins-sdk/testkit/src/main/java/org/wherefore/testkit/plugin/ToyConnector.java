package org.wherefore.testkit.plugin;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;

/**
 * Connector {@code toy}: UTF-8 text, fields of a line separated by {@code |}, the first line naming the columns. Numbers as in
 * Java, times as ISO-8601 instants, list values separated by {@code ;}. Reads line by line. Stateless, thread-safe.
 */
public final class ToyConnector implements DataConnector {
    @Override
    public String name() {
        return "toy";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public DataSet open(Source source, Schema schema) {
        for (String option : source.options().keySet()) {
            throw WhereforeException.invalid("/options/" + option, "connector 'toy' has no option '" + option + "'; leave it out");
        }
        return new Lines(source, schema);
    }

    private static final class Lines implements DataSet {
        private final Schema schema;
        private final String file;
        private final BufferedReader in;
        private final int[] columns;
        private final int width;
        private long line;
        private boolean used;
        private boolean closed;

        Lines(Source source, Schema schema) {
            this.schema = schema;
            file = source.path().toString();
            try {
                in = new BufferedReader(new InputStreamReader(Files.newInputStream(source.path()),
                        StandardCharsets.UTF_8.newDecoder()));
            } catch (IOException e) {
                throw bad(0, e instanceof NoSuchFileException ? "no such file" : "can't be read", e);
            }
            try {
                String header = read();
                if (header == null) {
                    throw bad(1, "expected a line that names the columns, got an empty file", null);
                }
                List<String> names = List.of(header.split("\\|", -1));
                width = names.size();
                columns = new int[schema.fields().size()];
                for (int i = 0; i < columns.length; i++) {
                    String name = source.columns().getOrDefault(schema.fields().get(i).name(), schema.fields().get(i).name());
                    columns[i] = names.indexOf(name);
                    if (columns[i] < 0 && (schema.fields().get(i).required() || source.columns().containsValue(name))) {
                        throw bad(1, "expected a column '" + name + "', got " + names, null);
                    }
                }
            } catch (RuntimeException e) {
                close();
                throw e;
            }
        }

        @Override
        public Schema schema() {
            return schema;
        }

        @Override
        public Iterator<DataRecord> records(Consumer<BadRecord> bad) {
            if (used) {
                throw new IllegalStateException("the records of a data set are read once; open the source again");
            }
            used = true;
            return new Iterator<>() {
                private DataRecord next;
                private boolean end;

                @Override
                public boolean hasNext() {
                    while (next == null && !end) {
                        String text = read();
                        end = text == null;
                        next = end ? null : record(text, bad);
                    }
                    return next != null;
                }

                @Override
                public DataRecord next() {
                    if (!hasNext()) {
                        throw new NoSuchElementException();
                    }
                    DataRecord record = next;
                    next = null;
                    return record;
                }
            };
        }

        private DataRecord record(String text, Consumer<BadRecord> bad) {
            Location at = new Location(file, line);
            String[] cells = text.split("\\|", -1);
            if (cells.length != width) {
                bad.accept(new BadRecord(at, null, cells.length + " columns", width + " columns"));
                return null;
            }
            Object[] values = new Object[columns.length];
            for (int i = 0; i < columns.length; i++) {
                Field field = schema.fields().get(i);
                String cell = columns[i] < 0 ? "" : cells[columns[i]];
                try {
                    values[i] = cell.isEmpty() ? null : switch (field.type()) {
                        case TEXT -> cell;
                        case NUMBER -> Double.valueOf(cell);
                        case TIME -> Instant.parse(cell);
                        case LIST -> List.of(cell.split(";"));
                        case IMAGE -> throw new IllegalArgumentException("a text can't be an image");
                    };
                } catch (IllegalArgumentException | DateTimeException e) {
                    bad.accept(new BadRecord(at, field.name(), cell, "a " + field.type()));
                    return null;
                }
                if (values[i] == null && field.required()) {
                    bad.accept(new BadRecord(at, field.name(), "", "a value, which is required"));
                    return null;
                }
            }
            return new DataRecord(schema, at, values);
        }

        private String read() {
            if (closed) {
                throw new IllegalStateException("the data set is closed");
            }
            try {
                String text = in.readLine();
                line++;
                return text;
            } catch (CharacterCodingException e) {
                throw bad(line + 1, "expected UTF-8 text", e);
            } catch (IOException e) {
                throw bad(line + 1, "can't be read further", e);
            }
        }

        private WhereforeException bad(long at, String message, Throwable cause) {
            Location where = new Location(file, at);
            return new WhereforeException(ErrorCode.BAD_DATA, where.toString(), where + ": " + message, cause);
        }

        @Override
        public void close() {
            closed = true;
            try {
                in.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
