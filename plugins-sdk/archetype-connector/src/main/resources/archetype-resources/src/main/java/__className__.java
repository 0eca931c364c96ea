package ${package};

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
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Component;
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
 * Connector {@code ${pluginName}}: log lines of the form {@code user=42 item=50 title="Green tea"}, UTF-8, one record a line. Keys are
 * letters, digits, dots, dashes and underscores; a value with blanks stands in double quotes, where a backslash keeps the next character. Times
 * are ISO-8601 instants, list values are separated by {@code ;}. Reads line by line. Stateless, thread-safe.
 */
@Component(service = DataConnector.class)
public final class ${className} implements DataConnector {
    private static final Pattern PAIR = Pattern.compile("\\s*([A-Za-z0-9_.-]+)=(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s\"]*))(?=\\s|\\z)");

    @Override
    public String name() {
        return "${pluginName}";
    }

    @Override
    public List<Parameter> parameters() {
        return List.of();
    }

    @Override
    public DataSet open(Source source, Schema schema) {
        for (String option : source.options().keySet()) {
            throw WhereforeException.invalid("/options/" + option, "connector '" + name() + "' has no option '" + option + "'; leave it out");
        }
        return new Lines(source, schema);
    }

    private static final class Lines implements DataSet {
        private final Source source;
        private final Schema schema;
        private final BufferedReader in;
        private long line;
        private boolean used;
        private boolean closed;

        Lines(Source source, Schema schema) {
            this.source = source;
            this.schema = schema;
            try {
                in = new BufferedReader(new InputStreamReader(Files.newInputStream(source.path()), StandardCharsets.UTF_8.newDecoder()));
            } catch (IOException e) {
                throw bad(0, e instanceof NoSuchFileException ? "no such file" : "can't be read", e);
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
                        next = end || text.isBlank() ? null : record(text, bad);
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

        /** Null for a bad record, which was told. */
        private DataRecord record(String text, Consumer<BadRecord> bad) {
            Location at = new Location(source.path().toString(), line);
            Map<String, String> pairs = new HashMap<>();
            Matcher m = PAIR.matcher(text);
            int end = 0;
            while (m.find() && m.start() == end) {
                pairs.put(m.group(1), m.group(3) != null ? m.group(3) : m.group(2).replaceAll("\\\\(.)", "$1"));
                end = m.end();
            }
            if (!text.substring(end).isBlank()) {
                bad.accept(new BadRecord(at, null, text.substring(end).strip(), "key=value or key=\"a value\""));
                return null;
            }
            Object[] values = new Object[schema.fields().size()];
            for (int i = 0; i < values.length; i++) {
                Field field = schema.fields().get(i);
                String value = pairs.getOrDefault(source.columns().getOrDefault(field.name(), field.name()), "");
                try {
                    values[i] = value.isEmpty() ? null : switch (field.type()) {
                        case TEXT -> value;
                        case NUMBER -> Double.valueOf(value);
                        case TIME -> Instant.parse(value);
                        case LIST -> List.of(value.split(";"));
                        case IMAGE -> throw new IllegalArgumentException("a text can't be an image");
                    };
                } catch (IllegalArgumentException | DateTimeException e) {
                    bad.accept(new BadRecord(at, field.name(), value, "a " + field.type()));
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
            Location where = new Location(source.path().toString(), at);
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
