package org.wherefore.connector.csv.internal;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.Parameter;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;

/**
 * Reads one JSON object {@code {"key": [values], …}}, plain or gzipped, as one record a key; its columns are called
 * {@code key} and {@code value}. Thread-safe; keeps nothing between calls; holds one entry in memory.
 *
 * <p>Refuses with {@code BAD_DATA} a missing file, malformed bytes, and broken JSON where it breaks, since nothing after it
 * can be trusted. A nested value is a bad record.
 */
@Component(service = DataConnector.class)
public final class JsonMapConnector implements DataConnector {
    private static final List<Parameter> PARAMETERS = Stream.of(Values.PARAMETERS, IdMap.PARAMETERS).flatMap(List::stream).toList();

    @Activate
    public JsonMapConnector() {
        // Stateless.
    }

    @Override
    public String name() {
        return "jsonmap";
    }

    @Override
    public List<Parameter> parameters() {
        return PARAMETERS;
    }

    @Override
    public DataSet open(Source source, Schema schema) {
        Options options = new Options(source, PARAMETERS);
        Mapping mapping = new Mapping(source, schema, options, IdMap.of(source, options), JsonMapConnector::column);
        return new Entries(source, schema, options, mapping);
    }

    private static int column(String name) {
        return switch (name) {
            case "key" -> 0;
            case "value" -> 1;
            default -> throw Failures.badOption("/columns", "connector 'jsonmap' has the columns key and value, got '" + name + "'");
        };
    }

    private static final class Entries extends Records {
        private final String file;
        private final Mapping mapping;
        private final StrictReader in;
        private final JsonParser json;
        private boolean started;

        Entries(Source source, Schema schema, Options options, Mapping mapping) {
            super(schema);
            this.file = source.path().toString();
            this.mapping = mapping;
            this.in = StrictReader.open(source.path(), options.charset());
            try {
                json = new JsonFactory().createParser(in);
            } catch (IOException e) {
                in.close();
                throw Failures.badData(new Location(file, 0), "can't be read", e);
            }
        }

        @Override
        DataRecord advance(Consumer<BadRecord> bad) {
            try {
                if (!started) {
                    started = true;
                    if (json.nextToken() != JsonToken.START_OBJECT) {
                        throw Failures.badData(here(), "expected one JSON object of key to values", null);
                    }
                }
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    DataRecord record = entry(bad);
                    if (record != null) {
                        return record;
                    }
                }
                if (json.nextToken() != null) {
                    throw Failures.badData(here(), "expected nothing after the JSON object", null);
                }
                return null;
            } catch (JsonProcessingException e) {
                throw Failures.badData(here(), "broken JSON: " + e.getOriginalMessage(), e);
            } catch (IOException e) {
                if (e.getCause() instanceof WhereforeException known) {
                    throw known;
                }
                throw Failures.badData(here(), "can't be read further", e);
            }
        }

        private DataRecord entry(Consumer<BadRecord> bad) throws IOException {
            Location at = here();
            Object[] row = {json.currentName(), null};
            JsonToken token = json.nextToken();
            if (token == JsonToken.START_ARRAY) {
                List<String> list = new ArrayList<>();
                boolean nested = false;
                while ((token = json.nextToken()) != JsonToken.END_ARRAY) {
                    if (token.isStructStart()) {
                        nested = true;
                        json.skipChildren();
                    } else if (token != JsonToken.VALUE_NULL) {
                        list.add(json.getText());
                    }
                }
                if (nested) {
                    return nested(row, at, bad);
                }
                row[1] = list;
            } else if (token == JsonToken.START_OBJECT) {
                json.skipChildren();
                return nested(row, at, bad);
            } else if (token != JsonToken.VALUE_NULL) {
                row[1] = json.getText();
            }
            return mapping.record(c -> row[c], at, bad);
        }

        private static DataRecord nested(Object[] row, Location at, Consumer<BadRecord> bad) {
            bad.accept(new BadRecord(at, Mapping.shorten((String) row[0]), "a nested value", "a list of texts or numbers"));
            return null;
        }

        private Location here() {
            return new Location(file, json.currentLocation().getLineNr());
        }

        @Override
        void release() {
            in.close();
        }
    }
}
