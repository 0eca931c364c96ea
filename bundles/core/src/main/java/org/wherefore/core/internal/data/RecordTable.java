package org.wherefore.core.internal.data;

import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.RandomAccess;
import java.util.stream.IntStream;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Location;
import org.wherefore.api.data.Schema;

/**
 * Many records of one schema, column by column: some 60 bytes for a transaction where objects take 400. As a list it makes a record
 * when asked for one. Grows by {@link #append}; not thread-safe while it does, immutable to everybody afterwards.
 */
public final class RecordTable extends AbstractList<DataRecord> implements RandomAccess {
    /** Different texts of one column that are kept once each; a column of ids has more and keeps the others as they come. */
    private static final int SHARED_TEXTS = 100_000;
    private final Schema schema;
    private final List<Column> columns = new ArrayList<>();
    private final Texts sources = new Texts();
    private long[] lines = new long[16];
    private int size;

    public RecordTable(Schema schema) {
        this.schema = schema;
        for (Field f : schema.fields()) {
            columns.add(column(f.type()));
        }
    }

    private static Column column(FieldType type) {
        return switch (type) {
            case TEXT -> new Texts();
            case NUMBER -> new Numbers();
            case TIME -> new Times();
            case LIST, IMAGE -> new Objects();
        };
    }

    public Schema schema() {
        return schema;
    }

    /** @throws IllegalArgumentException when it is of another schema */
    public void append(DataRecord record) {
        if (!record.schema().equals(schema)) {
            throw new IllegalArgumentException("a record of " + record.schema().role() + " in a table of " + schema.role());
        }
        for (int c = 0; c < columns.size(); c++) {
            columns.get(c).set(size, record.value(schema.fields().get(c).name()));
        }
        sources.set(size, record.location().source());
        lines = size == lines.length ? Arrays.copyOf(lines, 2 * size) : lines;
        lines[size] = record.location().line();
        size++;
    }

    @Override
    public DataRecord get(int row) {
        java.util.Objects.checkIndex(row, size);
        Object[] values = new Object[columns.size()];
        for (int c = 0; c < values.length; c++) {
            values[c] = columns.get(c).get(row);
        }
        return new DataRecord(schema, new Location((String) sources.get(row), lines[row]), values);
    }

    @Override
    public int size() {
        return size;
    }

    /** The same records by a field of type TIME, those without one first; records of the same time keep their order. */
    public List<DataRecord> by(String timeField) {
        int field = schema.indexOf(timeField);
        if (field < 0 || !(columns.get(field) instanceof Times times)) {
            throw new IllegalArgumentException("schema '" + schema.role() + "' has no field '" + timeField + "' of type TIME");
        }
        if (IntStream.range(1, size).allMatch(i -> times.compare(i - 1, i) <= 0)) {
            return this;
        }
        int[] order = IntStream.range(0, size).boxed().sorted(Comparator.comparing(i -> i, times::compare)).mapToInt(i -> i).toArray();
        return view(order);
    }

    private List<DataRecord> view(int[] rows) {
        RecordTable table = this;
        class View extends AbstractList<DataRecord> implements RandomAccess {
            @Override
            public DataRecord get(int index) {
                return table.get(rows[index]);
            }

            @Override
            public int size() {
                return rows.length;
            }
        }
        return new View();
    }

    /** Values of one field by row; a row is set once, in ascending order. */
    private interface Column {
        void set(int row, Object value);

        Object get(int row);
    }

    private static final class Numbers implements Column {
        private double[] values = new double[16];

        @Override
        public void set(int row, Object value) {
            values = row == values.length ? Arrays.copyOf(values, 2 * row) : values;
            values[row] = value == null ? Double.NaN : (Double) value;
        }

        @Override
        public Object get(int row) {
            return Double.isNaN(values[row]) ? null : (Object) values[row];
        }
    }

    private static final class Times implements Column {
        private static final int MISSING = -1;
        private long[] seconds = new long[16];
        private int[] nanos = new int[16];

        @Override
        public void set(int row, Object value) {
            if (row == seconds.length) {
                seconds = Arrays.copyOf(seconds, 2 * row);
                nanos = Arrays.copyOf(nanos, 2 * row);
            }
            Instant time = (Instant) value;
            seconds[row] = time == null ? Long.MIN_VALUE : time.getEpochSecond();
            nanos[row] = time == null ? MISSING : time.getNano();
        }

        @Override
        public Object get(int row) {
            return nanos[row] == MISSING ? null : Instant.ofEpochSecond(seconds[row], nanos[row]);
        }

        int compare(int a, int b) {
            int bySecond = Long.compare(seconds[a], seconds[b]);
            return bySecond != 0 ? bySecond : Integer.compare(nanos[a], nanos[b]);
        }
    }

    private static final class Texts implements Column {
        private final List<String> texts = new ArrayList<>();
        private final Map<String, Integer> shared = new HashMap<>();
        private int[] codes = new int[16];

        @Override
        public void set(int row, Object value) {
            codes = row == codes.length ? Arrays.copyOf(codes, 2 * row) : codes;
            codes[row] = value == null ? -1 : code((String) value);
        }

        private int code(String text) {
            Integer known = shared.get(text);
            if (known != null) {
                return known;
            }
            texts.add(text);
            if (shared.size() < SHARED_TEXTS) {
                shared.put(text, texts.size() - 1);
            }
            return texts.size() - 1;
        }

        @Override
        public Object get(int row) {
            return codes[row] < 0 ? null : texts.get(codes[row]);
        }
    }

    private static final class Objects implements Column {
        private final List<Object> values = new ArrayList<>();

        @Override
        public void set(int row, Object value) {
            values.add(value);
        }

        @Override
        public Object get(int row) {
            return values.get(row);
        }
    }
}
