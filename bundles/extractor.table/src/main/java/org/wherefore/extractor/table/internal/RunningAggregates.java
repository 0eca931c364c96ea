package org.wherefore.extractor.table.internal;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Field;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.feature.spi.Aggregates;
import org.wherefore.extractor.table.internal.AggregateSpec.Column;
import org.wherefore.extractor.table.internal.AggregateSpec.Measure;

/**
 * Aggregates of entities over windows of time, as chapter 3 of the Fraud Detection Handbook (Le Borgne, Siblini, Lebichot, Bontempi,
 * 2022) defines them: a window of {@code w} holds what happened after {@code t - w} and not after {@code t}; a window shifted by a
 * delay {@code d} what happened after {@code t - d - w} and not after {@code t - d}.
 *
 * <p>Sums are exact ({@link Exact}), so every number depends on the set of records remembered and on nothing else: not on the order in
 * which they came, nor on when they were labelled, saved or loaded. A record counts as long as its time is within the longest window
 * (with its delay) of the newest record added, for late records, too. Thread-safe.
 */
final class RunningAggregates implements Aggregates {
    private static final int MAGIC = 0x57464147;
    private static final int VERSION = 1;
    private static final Instant FIRST_TIME = Instant.ofEpochSecond(0, Long.MIN_VALUE);
    private static final Instant LAST_TIME = Instant.ofEpochSecond(0, Long.MAX_VALUE);
    private final Schema input;
    private final Schema output;
    private final AggregateSpec spec;
    private final String id;
    private final String time;
    private final String label;
    private final Labels labels;
    private final List<String> entities;
    /** By column: positions of its entity and of its field, -1 where it has none. */
    private final int[] entityOf;
    private final int[] numberOf;
    private final int[] textOf;
    /** By column: position of its field among those summed for its entity. */
    private final int[] sumOf;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    private Memory memory;

    RunningAggregates(Schema input, AggregateSpec spec, Settings settings, Labels labels) {
        this.input = input;
        this.spec = spec;
        this.id = settings.text(Settings.ID);
        this.time = settings.text(Settings.TIME);
        this.label = input.indexOf(settings.text(Settings.LABEL)) < 0 ? null : settings.text(Settings.LABEL);
        this.labels = labels;
        List<Field> fields = new ArrayList<>(input.fields());
        spec.columns().forEach(c -> fields.add(Field.optional(c.name(), FieldType.NUMBER)));
        this.output = new Schema(input.role(), fields);
        this.entities = List.copyOf(spec.spans().keySet());
        entityOf = spec.columns().stream().mapToInt(c -> entities.indexOf(c.entity())).toArray();
        numberOf = spec.columns().stream().mapToInt(c -> spec.numbers().indexOf(c.field())).toArray();
        textOf = spec.columns().stream().mapToInt(c -> spec.texts().indexOf(c.field())).toArray();
        sumOf = spec.columns().stream().mapToInt(c -> Arrays.binarySearch(spec.summed(c.entity()), spec.numbers().indexOf(c.field()))).toArray();
        memory = new Memory(spec);
    }

    @Override
    public Schema schema() {
        return output;
    }

    @Override
    public DataRecord enrich(DataRecord record) {
        Memory.Item item = item(record);
        Object[] values = new Object[output.fields().size()];
        int width = input.fields().size();
        for (int i = 0; i < width; i++) {
            values[i] = record.value(input.fields().get(i).name());
        }
        lock.readLock().lock();
        try {
            new Question(item).answer(values, width);
        } finally {
            lock.readLock().unlock();
        }
        return new DataRecord(output, record.location(), values);
    }

    @Override
    public boolean add(DataRecord record) {
        Memory.Item item = item(record);
        lock.writeLock().lock();
        try {
            return memory.add(item);
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public boolean label(String recordId, boolean positive) {
        long[] hash = Hash.of(recordId);
        lock.writeLock().lock();
        try {
            int slot = memory.find(hash[0], hash[1]);
            if (slot >= 0) {
                memory.label(slot, positive);
            }
            return slot >= 0;
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public Instant horizon(Instant now) {
        return now.isBefore(FIRST_TIME.plusNanos(spec.span())) ? FIRST_TIME : now.minusNanos(spec.span());
    }

    private Memory.Item item(DataRecord record) {
        if (!record.schema().equals(input) && !record.schema().equals(output)) {
            throw WhereforeException.invalid(null, record + " is not of the schema that these aggregates were made for: expected "
                    + names(input) + ", got " + names(record.schema()));
        }
        Instant at = record.time(time).orElseThrow(() -> WhereforeException.invalid(time, record + " has no " + time
                + ", which aggregates over time need"));
        if (at.isBefore(FIRST_TIME) || at.isAfter(LAST_TIME)) {
            throw WhereforeException.invalid(time, time + " is a time from " + FIRST_TIME + " to " + LAST_TIME + ", got " + at);
        }
        long[] hash = Hash.of(record.text(id).orElseThrow(() -> WhereforeException.invalid(id, record + " has no " + id)));
        String[] keys = new String[entities.size()];
        for (int e = 0; e < keys.length; e++) {
            keys[e] = (String) record.value(entities.get(e));
        }
        double[] numbers = new double[spec.numbers().size()];
        for (int n = 0; n < numbers.length; n++) {
            String field = spec.numbers().get(n);
            Double value = (Double) record.value(field);
            if (value != null && !(Math.abs(value) <= Exact.MAX)) {
                throw WhereforeException.invalid(field, field + " is a number from " + -Exact.MAX + " to " + Exact.MAX + ", got " + value);
            }
            numbers[n] = value == null ? Double.NaN : value;
        }
        long[] texts = new long[spec.texts().size()];
        for (int t = 0; t < texts.length; t++) {
            texts[t] = Hash.value((String) record.value(spec.texts().get(t)));
        }
        return new Memory.Item(Math.addExact(Math.multiplyExact(at.getEpochSecond() + (at.getEpochSecond() < 0 ? 1 : 0), 1_000_000_000L),
                at.getNano() - (at.getEpochSecond() < 0 ? 1_000_000_000L : 0)), hash[0], hash[1],
                label != null && labels.positive(record.value(label)), keys, numbers, texts);
    }

    private static List<String> names(Schema schema) {
        return schema.fields().stream().map(Field::name).toList();
    }

    /** One record and what stood before it: where each window begins and ends, found once for all measures of it. */
    private final class Question {
        private final Memory.Item item;
        private final int own;
        private Past past;
        private int ownAt;
        private int from;
        private int to;
        private boolean self;

        Question(Memory.Item item) {
            this.item = item;
            this.own = memory.find(item.firstId(), item.secondId());
        }

        void answer(Object[] values, int first) {
            int entity = -1;
            Column before = null;
            for (int c = 0; c < entityOf.length; c++) {
                Column column = spec.columns().get(c);
                if (entityOf[c] != entity) {
                    entity = entityOf[c];
                    before = null;
                    past = memory.past(entity, item.keys()[entity]);
                    ownAt = own >= 0 && past != null && memory.owner(entity, own) == past ? past.position(memory.time(own), own) : -1;
                }
                if (item.keys()[entity] == null) {
                    continue;
                }
                if (before == null || before.window() != column.window() || before.shift() != column.shift()) {
                    long end = Memory.minus(item.time(), column.shift());
                    from = past == null ? 0 : past.after(Math.max(memory.cutoff(), Memory.minus(end, column.window())));
                    to = past == null ? 0 : Math.max(from, past.after(end));
                    self = spec.includeSelf() && column.shift() == 0;
                    before = column;
                }
                values[first + c] = switch (column.measure()) {
                    case COUNT -> (double) (count() + (self ? 1 : 0));
                    case RISK -> count() == 0 ? Double.valueOf(0) : (double) positives() / count();
                    case SUM -> sum(numberOf[c], sumOf[c]);
                    case MEAN -> mean(numberOf[c], sumOf[c]);
                    case MIN, MAX -> extreme(numberOf[c], column.measure() == Measure.MIN ? 1 : -1);
                    case DISTINCT -> distinct(textOf[c]);
                };
            }
        }

        private boolean ownIn() {
            return ownAt >= from && ownAt < to;
        }

        private int count() {
            return to - from - (ownIn() ? 1 : 0);
        }

        private int positives() {
            return past.positives(from, to) - (ownIn() && memory.positive(own) ? 1 : 0);
        }

        /** Null of nothing. */
        private Double mean(int number, int summed) {
            int n = summands(number, summed);
            return n == 0 ? null : Double.valueOf(sum(number, summed) / n);
        }

        private int summands(int number, int summed) {
            return (past == null ? 0 : past.count(summed, from, to))
                    - (ownIn() && !Double.isNaN(memory.number(number, own)) ? 1 : 0)
                    + (self && !Double.isNaN(item.numbers()[number]) ? 1 : 0);
        }

        private double sum(int number, int summed) {
            long high = past == null ? 0 : past.high(summed, from, to);
            long low = past == null ? 0 : past.low(summed, from, to);
            if (ownIn() && !Double.isNaN(memory.number(number, own))) {
                long less = Exact.low(memory.number(number, own));
                high -= Exact.high(memory.number(number, own)) + (Long.compareUnsigned(low, less) < 0 ? 1 : 0);
                low -= less;
            }
            if (self && !Double.isNaN(item.numbers()[number])) {
                long more = Exact.low(item.numbers()[number]);
                low += more;
                high += Exact.high(item.numbers()[number]) + Exact.carry(low, more);
            }
            return Exact.toDouble(high, low);
        }

        /** @param sign 1 for the smallest, -1 for the largest; null of nothing */
        private Double extreme(int number, int sign) {
            double best = self ? item.numbers()[number] : Double.NaN;
            for (int i = from; i < to; i++) {
                double value = i == ownAt ? Double.NaN : memory.number(number, past.slot(i));
                if (!Double.isNaN(value) && !(Double.compare(value, best) * sign >= 0 && !Double.isNaN(best))) {
                    best = value;
                }
            }
            return Double.isNaN(best) ? null : Double.valueOf(best);
        }

        private double distinct(int text) {
            long[] seen = new long[to - from + 1];
            int n = 0;
            for (int i = from; i < to; i++) {
                seen[n++] = i == ownAt ? 0 : memory.text(text, past.slot(i));
            }
            seen[n] = self ? item.texts()[text] : 0;
            return Arrays.stream(seen).filter(v -> v != 0).distinct().count();
        }
    }

    @Override
    public void save(OutputStream out) {
        lock.readLock().lock();
        try {
            Checked.write(out, MAGIC, VERSION, data -> {
                Checked.text(data, spec.signature());
                data.writeBoolean(memory.isEmpty());
                data.writeLong(memory.newest());
                int[] slots = memory.sorted();
                data.writeInt(slots.length);
                for (int slot : slots) {
                    write(data, memory.item(slot));
                }
            });
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "the aggregates can't be written", e);
        } finally {
            lock.readLock().unlock();
        }
    }

    private static void write(DataOutputStream data, Memory.Item item) throws IOException {
        data.writeLong(item.time());
        data.writeLong(item.firstId());
        data.writeLong(item.secondId());
        data.writeBoolean(item.positive());
        for (String key : item.keys()) {
            data.writeBoolean(key != null);
            if (key != null) {
                Checked.text(data, key);
            }
        }
        for (double number : item.numbers()) {
            data.writeDouble(number);
        }
        for (long text : item.texts()) {
            data.writeLong(text);
        }
    }

    @Override
    public void load(InputStream in) {
        Memory read = Checked.read(in, MAGIC, VERSION, "the saved aggregates", this::read);
        lock.writeLock().lock();
        try {
            memory = read;
        } finally {
            lock.writeLock().unlock();
        }
    }

    private Memory read(DataInputStream data) throws IOException {
        String signature = Checked.text(data);
        if (!signature.equals(spec.signature())) {
            throw new IllegalArgumentException("they are of other aggregates (" + signature + "); compute them anew from the records");
        }
        boolean empty = data.readBoolean();
        long newest = data.readLong();
        int count = Checked.count(data.readInt());
        Memory read = new Memory(spec);
        // The newest record comes last; nothing before it may be taken for newer, so it is enough to add in order.
        for (int i = 0; i < count; i++) {
            if (!read.add(item(data))) {
                throw new IllegalArgumentException("a record stands twice or out of order");
            }
        }
        if (empty != read.isEmpty() || newest != read.newest()) {
            throw new IllegalArgumentException("the newest record is missing");
        }
        return read;
    }

    private Memory.Item item(DataInputStream data) throws IOException {
        long at = data.readLong();
        long first = data.readLong();
        long second = data.readLong();
        boolean positive = data.readBoolean();
        String[] keys = new String[entities.size()];
        for (int e = 0; e < keys.length; e++) {
            keys[e] = data.readBoolean() ? Checked.text(data) : null;
        }
        double[] numbers = new double[spec.numbers().size()];
        for (int n = 0; n < numbers.length; n++) {
            numbers[n] = data.readDouble();
            if (Math.abs(numbers[n]) > Exact.MAX) {
                throw new IllegalArgumentException("the value " + numbers[n]);
            }
        }
        long[] texts = new long[spec.texts().size()];
        for (int t = 0; t < texts.length; t++) {
            texts[t] = data.readLong();
        }
        return new Memory.Item(at, first, second, positive, keys, numbers, texts);
    }
}
