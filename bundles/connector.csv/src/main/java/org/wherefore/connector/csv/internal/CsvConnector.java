package org.wherefore.connector.csv.internal;

import de.siegmar.fastcsv.reader.CommentStrategy;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.CsvRecordHandler;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
 * Reads delimited text, plain or gzipped: any separator, quotes, with or without a header. Thread-safe; keeps nothing
 * between calls and reads row by row.
 *
 * <p>Refuses with {@code BAD_DATA} a missing file, a mapped column that is not there, malformed bytes, a damaged gzip file, a
 * broken quote; with {@code INVALID_INPUT} a wrong option. Rows that are ragged or hold a value that does not fit are bad
 * records.
 */
@Component(service = DataConnector.class)
public final class CsvConnector implements DataConnector {
    /** The parser names the line of a record that it can't read in its message only. */
    private static final Pattern RECORD_LINE = Pattern.compile("record that started in line (\\d+)");
    private static final List<Parameter> PARAMETERS = Stream.of(List.of(
            new Parameter("separator", "text", ",", "one or more characters; \\t or tab for the tabulator"),
            new Parameter("quote", "text", "\"", "quote character; empty: none"),
            new Parameter("comment", "text", "", "lines that start with this character are left out; empty: none"),
            new Parameter("header", "flag", "true", "whether the first row names the columns; otherwise they are numbers from 1"),
            new Parameter("where", "text", "", "COLUMN=VALUE or COLUMN!=VALUE: the rows wanted; empty: all")),
            Values.PARAMETERS, IdMap.PARAMETERS).flatMap(List::stream).toList();

    @Activate
    public CsvConnector() {
        // Stateless.
    }

    @Override
    public String name() {
        return "csv";
    }

    @Override
    public List<Parameter> parameters() {
        return PARAMETERS;
    }

    @Override
    public DataSet open(Source source, Schema schema) {
        Options options = new Options(source, PARAMETERS);
        IdMap ids = IdMap.of(source, options);
        StrictReader in = StrictReader.open(source.path(), options.charset());
        try {
            return new Rows(source, schema, options, ids, in);
        } catch (RuntimeException e) {
            in.close();
            throw e;
        }
    }

    private static final class Rows extends Records {
        private final String file;
        private final StrictReader in;
        private final Iterator<CsvRecord> rows;
        private final Mapping mapping;
        private final List<String> header;
        private final int width;
        private int whereColumn = -1;
        private String whereValue;
        private boolean whereEquals;
        private CsvRecord first;

        Rows(Source source, Schema schema, Options options, IdMap ids, StrictReader in) {
            super(schema);
            this.file = source.path().toString();
            this.in = in;
            this.rows = rows(options, in).iterator();
            boolean named = options.flag("header");
            CsvRecord start = read();
            if (named && start == null) {
                throw Failures.badData(new Location(file, 1), "expected a header line, got an empty file", null);
            }
            header = named ? new ArrayList<>(start.getFields().stream().map(String::strip).toList()) : List.of();
            width = start == null ? Integer.MAX_VALUE : start.getFieldCount();
            first = named ? null : start;
            long line = start == null ? 0 : start.getStartingLineNumber();
            mapping = new Mapping(source, schema, options, ids, c -> column(c, line));
            String where = options.get("where");
            if (!where.isEmpty()) {
                int equals = where.indexOf('=');
                if (equals < 1) {
                    throw Failures.badOption("/options/where", "expected COLUMN=VALUE or COLUMN!=VALUE, got '" + where + "'");
                }
                whereEquals = where.charAt(equals - 1) != '!';
                whereColumn = column(where.substring(0, whereEquals ? equals : equals - 1).strip(), line);
                whereValue = where.substring(equals + 1).strip();
            }
        }

        private static CsvReader<CsvRecord> rows(Options options, StrictReader in) {
            char quote = options.character("quote");
            char comment = options.character("comment");
            String separator = options.separator("separator");
            try {
                return CsvReader.builder().fieldSeparator(separator).quoteCharacter(quote == 0 ? '\u0001' : quote)
                        .commentStrategy(comment == 0 ? CommentStrategy.NONE : CommentStrategy.SKIP)
                        .commentCharacter(comment == 0 ? '\u0002' : comment).skipEmptyLines(true).allowExtraFields(true)
                        .allowMissingFields(true).maxBufferSize(StrictReader.MAX_LINE)
                        .build(CsvRecordHandler.of(c -> c.maxFieldSize(StrictReader.MAX_LINE)
                                .maxRecordSize(StrictReader.MAX_LINE)), new EndMark(in));
            } catch (IllegalArgumentException e) {
                throw Failures.badOption("/options/separator", "separator '" + separator + "', quote '" + options.get("quote")
                        + "' and comment '" + options.get("comment") + "' must differ and be no line ends");
            }
        }

        private int column(String name, long line) {
            int index = header.indexOf(name);
            if (index >= 0) {
                if (header.lastIndexOf(name) != index) {
                    throw Failures.badData(new Location(file, line), "the header names column '" + name + "' twice", null);
                }
                return index;
            }
            if (name.matches("[1-9]\\d{0,5}") && Integer.parseInt(name) <= width) {
                return Integer.parseInt(name) - 1;
            }
            throw Failures.badData(new Location(file, line), "expected a column '" + name + "', got "
                    + (header.isEmpty() ? width + " columns without names" : "the columns " + Mapping.shorten(header.toString())), null);
        }

        private CsvRecord read() {
            if (first != null) {
                CsvRecord row = first;
                first = null;
                return row;
            }
            try {
                CsvRecord row = rows.next();
                String last = row.getField(row.getFieldCount() - 1);
                if (!last.endsWith(EndMark.MARK) || rows.hasNext()) {
                    return row;
                }
                if (row.getFieldCount() == 1 && last.equals(EndMark.MARK)) {
                    return null;
                }
                throw Failures.badData(new Location(file, row.getStartingLineNumber()), "expected a closing quote, got the end of the"
                        + " file: the record that starts here has a quote that is never closed; mend it, or set the option 'quote'", null);
            } catch (NoSuchElementException e) {
                return null;
            } catch (CsvParseException e) {
                if (e.getCause() instanceof WhereforeException known) {
                    throw known;
                }
                Matcher line = RECORD_LINE.matcher(String.valueOf(e.getMessage()));
                throw Failures.badData(new Location(file, line.find() ? Long.parseLong(line.group(1)) : 0), "expected delimited text, got "
                        + "a record that can't be told from the next: " + (e.getCause() == null ? e : e.getCause()).getMessage()
                        + "; mend it, or set the option 'quote'", e);
            }
        }

        @Override
        DataRecord advance(Consumer<BadRecord> bad) {
            for (CsvRecord row; (row = read()) != null;) {
                Location at = new Location(file, row.getStartingLineNumber());
                if (row.getFieldCount() == 1 && width > 1 && row.getField(0).isBlank()) {
                    continue;
                }
                if (row.getFieldCount() != width) {
                    bad.accept(new BadRecord(at, null, row.getFieldCount() + " columns", width + " columns"));
                    continue;
                }
                if (whereColumn >= 0 && row.getField(whereColumn).strip().equals(whereValue) != whereEquals) {
                    continue;
                }
                DataRecord record = mapping.record(row::getField, at, bad);
                if (record != null) {
                    return record;
                }
            }
            return null;
        }

        @Override
        void release() {
            in.close();
        }
    }
}
