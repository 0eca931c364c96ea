package org.wherefore.connector.csv.internal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.wherefore.api.Parameter;
import org.wherefore.api.data.BadRecord;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;
import org.wherefore.api.data.Source;
import org.wherefore.api.data.spi.DataConnector;
import org.wherefore.api.data.spi.DataSet;

/**
 * Reads files with one JSON object a line, plain or gzipped; columns are top level keys, arrays become lists (or one text
 * joined by blanks). Thread-safe; keeps nothing between calls; holds one line in memory.
 *
 * <p>Refuses with {@code BAD_DATA} a missing file, malformed bytes, a damaged gzip file. A line that is no JSON object, or
 * a value that does not fit, is a bad record; so is, once and at the end, a mapped key that no object has.
 */
@Component(service = DataConnector.class)
public final class JsonLinesConnector implements DataConnector {
    private static final List<Parameter> PARAMETERS = Stream.of(Values.PARAMETERS, IdMap.PARAMETERS).flatMap(List::stream).toList();

    @Activate
    public JsonLinesConnector() {
        // Stateless.
    }

    @Override
    public String name() {
        return "jsonlines";
    }

    @Override
    public List<Parameter> parameters() {
        return PARAMETERS;
    }

    @Override
    public DataSet open(Source source, Schema schema) {
        Options options = new Options(source, PARAMETERS);
        return new Lines(source, schema, options);
    }

    private static final class Lines extends Records {
        private final String file;
        private final List<String> keys = new ArrayList<>();
        private final boolean[] seen;
        private final Mapping mapping;
        private final StrictReader in;
        private final ObjectReader json = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
                .build().readerFor(JsonNode.class);
        private boolean any;
        private boolean ended;

        Lines(Source source, Schema schema, Options options) {
            super(schema);
            file = source.path().toString();
            mapping = new Mapping(source, schema, options, IdMap.of(source, options), key -> {
                if (!keys.contains(key)) {
                    keys.add(key);
                }
                return keys.indexOf(key);
            });
            seen = new boolean[keys.size()];
            in = StrictReader.open(source.path(), options.charset());
        }

        @Override
        DataRecord advance(Consumer<BadRecord> bad) {
            for (String line; (line = in.readLine()) != null;) {
                if (line.isBlank()) {
                    continue;
                }
                Location at = new Location(file, in.line());
                JsonNode object;
                try {
                    object = json.readTree(line);
                } catch (JsonProcessingException e) {
                    bad.accept(new BadRecord(at, null, Mapping.shorten(line), "one JSON object a line; " + e.getOriginalMessage()));
                    continue;
                }
                if (!object.isObject()) {
                    bad.accept(new BadRecord(at, null, Mapping.shorten(line), "one JSON object a line"));
                    continue;
                }
                any = true;
                DataRecord record = record(object, at, bad);
                if (record != null) {
                    return record;
                }
            }
            if (!ended) {
                ended = true;
                for (int i = 0; any && i < seen.length; i++) {
                    if (!seen[i]) {
                        bad.accept(new BadRecord(new Location(file, 0), keys.get(i), null, "a mapped key that at least one object has"));
                    }
                }
            }
            return null;
        }

        private DataRecord record(JsonNode object, Location at, Consumer<BadRecord> bad) {
            Object[] row = new Object[keys.size()];
            for (int i = 0; i < row.length; i++) {
                JsonNode value = object.get(keys.get(i));
                if (value == null) {
                    continue;
                }
                seen[i] = true;
                if (value.isNull()) {
                    continue;
                }
                if (value.isArray()) {
                    List<String> list = new ArrayList<>(value.size());
                    for (JsonNode part : value) {
                        if (part.isContainerNode()) {
                            bad.accept(new BadRecord(at, keys.get(i), Mapping.shorten(part.toString()), "a list of texts"));
                            return null;
                        }
                        if (!part.isNull()) {
                            list.add(part.asText());
                        }
                    }
                    row[i] = list;
                } else if (value.isObject()) {
                    bad.accept(new BadRecord(at, keys.get(i), Mapping.shorten(value.toString()), "a text, number or list"));
                    return null;
                } else {
                    row[i] = value.asText();
                }
            }
            return mapping.record(c -> row[c], at, bad);
        }

        @Override
        void release() {
            in.close();
        }
    }
}
