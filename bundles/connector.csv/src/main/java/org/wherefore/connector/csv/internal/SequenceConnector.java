package org.wherefore.connector.csv.internal;

import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.Parameter;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;

/**
 * Reads histories with one user a line: {@code user item item …}, oldest first. Gives one record for each item with the
 * fields {@code user}, {@code item}, {@code time} (the item's position from 1 as seconds since the epoch, so that the
 * order is kept) and {@code kind} (the option). Thread-safe; keeps nothing between calls; holds one line in memory.
 *
 * <p>Refuses with {@code BAD_DATA} a missing file, malformed bytes; with {@code INVALID_INPUT} a schema without {@code user} and
 * {@code item}. A line without items is a bad record.
 */
@Component(service = DataConnector.class)
public final class SequenceConnector implements DataConnector {
    private static final List<Parameter> PARAMETERS = List.of(
            new Parameter("separator", "text", "", "between user and items; empty: blanks"),
            new Parameter("encoding", "text", "UTF-8", "character encoding; malformed bytes are refused"),
            new Parameter("kind", "text", "", "constant of the field 'kind'"));

    @Activate
    public SequenceConnector() {
        // Stateless.
    }

    @Override
    public String name() {
        return "sequence";
    }

    @Override
    public List<Parameter> parameters() {
        return PARAMETERS;
    }

    @Override
    public DataSet open(Source source, Schema schema) {
        Options options = new Options(source, PARAMETERS);
        if (!source.columns().isEmpty()) {
            throw Failures.badOption("/columns", "connector 'sequence' has fixed fields: leave the columns out");
        }
        for (Field field : schema.fields()) {
            FieldType made = switch (field.name()) {
                case "user", "item", "kind" -> FieldType.TEXT;
                case "time" -> FieldType.TIME;
                default -> null;
            };
            if (made == null ? field.required() : made != field.type()) {
                throw Failures.badOption("/role", "connector 'sequence' can't give the field '" + field.name() + "' of role '"
                        + schema.role() + "'");
            }
        }
        if (schema.indexOf("user") < 0 || schema.indexOf("item") < 0) {
            throw Failures.badOption("/role", "connector 'sequence' gives users and items, role '" + schema.role() + "' has no such fields");
        }
        return new Lines(source, schema, options);
    }

    private static final class Lines extends Records {
        private final Schema schema;
        private final String file;
        private final String separator;
        private final String kind;
        private final StrictReader in;
        private List<String> line = List.of();
        private int position = 1;

        Lines(Source source, Schema schema, Options options) {
            super(schema);
            this.schema = schema;
            this.file = source.path().toString();
            this.separator = options.separator("separator");
            this.kind = options.get("kind").isEmpty() ? null : options.get("kind");
            this.in = StrictReader.open(source.path(), options.charset());
        }

        @Override
        DataRecord advance(Consumer<BadRecord> bad) {
            while (true) {
                while (position >= line.size()) {
                    String text = in.readLine();
                    if (text == null) {
                        return null;
                    }
                    if (text.isBlank()) {
                        continue;
                    }
                    line = separator.isEmpty() ? List.of(text.strip().split("\\s+")) : Values.split(text, separator);
                    position = 1;
                    if (line.size() < 2) {
                        bad.accept(new BadRecord(new Location(file, in.line()), null, Mapping.shorten(text), "a user and at least one item"));
                    }
                }
                Location at = new Location(file, in.line());
                String user = line.get(0).strip();
                String item = line.get(position).strip();
                int time = position++;
                if (user.isEmpty() || item.isEmpty()) {
                    bad.accept(new BadRecord(at, Integer.toString(user.isEmpty() ? 1 : time + 1), "", "an id"));
                    continue;
                }
                Object[] values = new Object[schema.fields().size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = switch (schema.fields().get(i).name()) {
                        case "user" -> user;
                        case "item" -> item;
                        case "kind" -> kind;
                        case "time" -> Instant.ofEpochSecond(time);
                        default -> null;
                    };
                    if (values[i] == null && schema.fields().get(i).required()) {
                        throw Failures.badOption("/options/kind", "the field 'kind' is required: set the option");
                    }
                }
                return new DataRecord(schema, at, values);
            }
        }

        @Override
        void release() {
            in.close();
        }
    }
}
