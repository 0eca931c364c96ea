package org.wherefore.extractor.table.internal;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.TextStyle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.FieldType;

/** How one value of a row is worked out of a record; NaN is missing. Immutable, thread-safe. */
sealed interface Column {
    /** Name of a category that stands for all that are rare or were not there in training. */
    String OTHER = "other";

    double read(DataRecord record);

    /** Empty for a number. */
    default List<String> categories() {
        return List.of();
    }

    void write(DataOutputStream data) throws IOException;

    /** A NUMBER field as it is. */
    record Number(String field) implements Column {
        @Override
        public double read(DataRecord record) {
            return number(record, field);
        }

        @Override
        public void write(DataOutputStream data) throws IOException {
            data.writeByte('n');
            Checked.text(data, field);
        }
    }

    /** A TEXT field as the index of its value among those that training had often enough; the first is {@link #OTHER}. */
    record Category(String field, List<String> categories, Map<String, Integer> indices) implements Column {
        static Category of(String field, List<String> values) {
            List<String> categories = new ArrayList<>(List.of(OTHER));
            categories.addAll(values);
            Map<String, Integer> indices = new HashMap<>();
            for (String category : categories) {
                if (indices.put(category, indices.size()) != null) {
                    throw new IllegalArgumentException("category '" + category + "' of '" + field + "' stands twice");
                }
            }
            return new Category(field, List.copyOf(categories), Map.copyOf(indices));
        }

        @Override
        public double read(DataRecord record) {
            String value = (String) value(record, field, FieldType.TEXT);
            return value == null ? Double.NaN : indices.getOrDefault(value, 0);
        }

        @Override
        public void write(DataOutputStream data) throws IOException {
            data.writeByte('c');
            Checked.text(data, field);
            Checked.texts(data, categories.subList(1, categories.size()));
        }
    }

    /** A TEXT field as one of some buckets, the same for the same text. */
    record Hashed(String field, int buckets, List<String> categories) implements Column {
        static Hashed of(String field, int buckets) {
            if (buckets < 2 || buckets > TableExtractor.MAX_BUCKETS) {
                throw new IllegalArgumentException(buckets + " buckets");
            }
            return new Hashed(field, buckets, IntStream.range(0, buckets).mapToObj(i -> "bucket " + i).toList());
        }

        @Override
        public double read(DataRecord record) {
            String value = (String) value(record, field, FieldType.TEXT);
            return value == null ? Double.NaN : Hash.bucket(value, buckets);
        }

        @Override
        public void write(DataOutputStream data) throws IOException {
            data.writeByte('h');
            Checked.text(data, field);
            data.writeInt(buckets);
        }
    }

    /** A part of a time. */
    record Calendar(String field, Part part, ZoneId zone) implements Column {
        /** Last hour of the night that began before midnight, as the Fraud Detection Handbook has it. */
        private static final int LAST_NIGHT_HOUR = 6;
        private static final int SATURDAY = 5;

        enum Part {
            HOUR, WEEKDAY, WEEKEND, NIGHT, MONTH;

            String text() {
                return name().toLowerCase(Locale.ROOT);
            }
        }

        @Override
        public List<String> categories() {
            return switch (part) {
                case HOUR -> List.of();
                case WEEKDAY -> Arrays.stream(java.time.DayOfWeek.values()).map(d -> d.getDisplayName(TextStyle.FULL, Locale.ENGLISH)).toList();
                case MONTH -> Arrays.stream(java.time.Month.values()).map(m -> m.getDisplayName(TextStyle.FULL, Locale.ENGLISH)).toList();
                case WEEKEND, NIGHT -> List.of("no", "yes");
            };
        }

        @Override
        public double read(DataRecord record) {
            Instant time = (Instant) value(record, field, FieldType.TIME);
            if (time == null) {
                return Double.NaN;
            }
            ZonedDateTime local = time.atZone(zone);
            int weekday = local.getDayOfWeek().ordinal();
            return switch (part) {
                case HOUR -> local.getHour();
                case WEEKDAY -> weekday;
                case MONTH -> local.getMonthValue() - 1;
                case WEEKEND -> weekday >= SATURDAY ? 1 : 0;
                case NIGHT -> local.getHour() <= LAST_NIGHT_HOUR ? 1 : 0;
            };
        }

        @Override
        public void write(DataOutputStream data) throws IOException {
            data.writeByte('t');
            Checked.text(data, field);
            Checked.text(data, part.name());
            Checked.text(data, zone.getId());
        }
    }

    /** Always the same: a number in a formula. */
    record Constant(double number) implements Column {
        @Override
        public double read(DataRecord record) {
            return number;
        }

        @Override
        public void write(DataOutputStream data) throws IOException {
            data.writeByte('k');
            data.writeDouble(number);
        }
    }

    /**
     * A formula over two columns, or over one when {@code right} is null; missing when one of them is, or when there is no finite result.
     *
     * @param operator {@code / - + *}, {@code l} for the natural logarithm, {@code p} for that of one more
     */
    record Derived(char operator, Column left, Column right) implements Column {
        private static final int DEEPEST = 100;

        public Derived {
            if ("/-+*lp".indexOf(operator) < 0 || (right == null) != ("lp".indexOf(operator) >= 0)) {
                throw new IllegalArgumentException("the operator '" + operator + "'");
            }
        }

        @Override
        public double read(DataRecord record) {
            double a = left.read(record);
            double b = right == null ? 0 : right.read(record);
            double result = switch (operator) {
                case '/' -> a / b;
                case '-' -> a - b;
                case '+' -> a + b;
                case '*' -> a * b;
                case 'l' -> Math.log(a);
                default -> Math.log1p(a);
            };
            return Double.isInfinite(result) ? Double.NaN : result;
        }

        @Override
        public void write(DataOutputStream data) throws IOException {
            data.writeByte('d');
            data.writeChar(operator);
            left.write(data);
            if (right != null) {
                right.write(data);
            }
        }
    }

    /** @throws IllegalArgumentException for anything that {@link #write} does not write */
    static Column read(DataInputStream data) throws IOException {
        return read(data, 0);
    }

    private static Column read(DataInputStream data, int depth) throws IOException {
        if (depth > Derived.DEEPEST) {
            throw new IllegalArgumentException("a formula nested more than " + Derived.DEEPEST + " deep");
        }
        int kind = data.readUnsignedByte();
        return switch (kind) {
            case 'n' -> new Number(Checked.text(data));
            case 'c' -> Category.of(Checked.text(data), Checked.texts(data));
            case 'h' -> Hashed.of(Checked.text(data), data.readInt());
            case 't' -> new Calendar(Checked.text(data), Calendar.Part.valueOf(Checked.text(data)), zone(Checked.text(data)));
            case 'k' -> new Constant(data.readDouble());
            case 'd' -> {
                char operator = data.readChar();
                Column left = read(data, depth + 1);
                yield new Derived(operator, left, "lp".indexOf(operator) >= 0 ? null : read(data, depth + 1));
            }
            default -> throw new IllegalArgumentException("a column of kind " + kind);
        };
    }

    private static ZoneId zone(String id) {
        try {
            return ZoneId.of(id);
        } catch (java.time.DateTimeException e) {
            throw new IllegalArgumentException("the time zone '" + id + "'", e);
        }
    }

    private static double number(DataRecord record, String field) {
        Double value = (Double) value(record, field, FieldType.NUMBER);
        if (value == null) {
            return Double.NaN;
        }
        if (value.isInfinite()) {
            throw WhereforeException.invalid(field, field + " of " + record + " is " + value + "; it must be a finite number");
        }
        return value;
    }

    private static Object value(DataRecord record, String field, FieldType type) {
        int i = record.schema().indexOf(field);
        if (i < 0 || record.schema().fields().get(i).type() != type) {
            throw WhereforeException.invalid(field, record + " has no " + type + " field '" + field + "', which this model reads; it has "
                    + record.schema().fields().stream().map(f -> f.name()).toList()
                    + ". Where it is an aggregate, the record must be enriched first");
        }
        return record.value(field);
    }
}
