package org.wherefore.connector.jdbc.internal;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.wherefore.api.data.FieldType;

/** Turns a column's value into a field's. Immutable, thread-safe. */
final class Values {
    private static final BigDecimal NANOS = BigDecimal.valueOf(1_000_000_000L);
    private final ZoneId zone;
    private final boolean millis;
    private final String listSeparator;

    Values(ZoneId zone, boolean millis, String listSeparator) {
        this.zone = zone;
        this.millis = millis;
        this.listSeparator = listSeparator;
    }

    /** What a column holds, as far as it matters here. */
    enum Kind {
        NUMBER, FLAG, LOCAL_TIME, TIME, DATE, TEXT, LIST, OTHER;

        static Kind of(int type, String name) {
            return switch (type) {
                case Types.BIT, Types.BOOLEAN -> FLAG;
                case Types.TINYINT, Types.SMALLINT, Types.INTEGER, Types.BIGINT, Types.NUMERIC, Types.DECIMAL, Types.REAL, Types.FLOAT, Types.DOUBLE -> NUMBER;
                // PostgreSQL calls both kinds of timestamps TIMESTAMP.
                case Types.TIMESTAMP -> name.toLowerCase(Locale.ROOT).matches("timestamptz|timestamp with time zone") ? TIME : LOCAL_TIME;
                case Types.TIMESTAMP_WITH_TIMEZONE -> TIME;
                case Types.DATE -> DATE;
                case Types.ARRAY -> LIST;
                case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> OTHER;
                default -> TEXT;
            };
        }
    }

    /**
     * @return null when missing
     * @throws BadValue when it is not what the field wants
     * @throws SQLException when the database fails
     */
    Object read(ResultSet rows, int column, Kind kind, FieldType type) throws SQLException, BadValue {
        Object raw = switch (kind) {
            case NUMBER -> rows.getObject(column);
            case FLAG -> {
                boolean flag = rows.getBoolean(column);
                yield rows.wasNull() ? null : flag;
            }
            case LOCAL_TIME -> rows.getObject(column, LocalDateTime.class);
            case TIME -> rows.getObject(column, OffsetDateTime.class);
            case DATE -> rows.getObject(column, LocalDate.class);
            case TEXT -> rows.getString(column);
            case LIST -> list(rows.getArray(column));
            case OTHER -> throw new BadValue(null, "a column of numbers, texts or times");
        };
        return raw == null || raw.equals("") ? null : convert(raw, type);
    }

    Object convert(Object raw, FieldType type) throws BadValue {
        return switch (type) {
            case TEXT -> {
                String text = text(raw).strip();
                yield text.isEmpty() ? null : text;
            }
            case NUMBER -> number(raw);
            case TIME -> time(raw);
            case LIST -> {
                Set<String> all = new LinkedHashSet<>();
                List<?> parts = raw instanceof List<?> list ? list : listSeparator.isEmpty() ? List.of(raw)
                        : List.of(text(raw).split(java.util.regex.Pattern.quote(listSeparator)));
                parts.stream().map(Values::text).map(String::strip).filter(t -> !t.isEmpty()).forEach(all::add);
                yield all.isEmpty() ? null : new ArrayList<>(all);
            }
            case IMAGE -> throw new BadValue(null, "an image, which this connector does not read");
        };
    }

    private static String text(Object raw) {
        if (raw instanceof BigDecimal decimal) {
            return decimal.signum() == 0 ? "0" : decimal.stripTrailingZeros().toPlainString();
        }
        if (raw instanceof Double || raw instanceof Float) {
            double d = ((Number) raw).doubleValue();
            return Double.isFinite(d) ? text(new BigDecimal(raw.toString())) : raw.toString();
        }
        return raw instanceof OffsetDateTime time ? time.toInstant().toString() : raw instanceof List<?> list
                ? String.join(" ", list.stream().map(Values::text).toList()) : raw.toString();
    }

    private static Double number(Object raw) throws BadValue {
        double value;
        if (raw instanceof Number n) {
            value = n.doubleValue();
        } else if (raw instanceof Boolean flag) {
            value = flag ? 1 : 0;
        } else if (raw instanceof String text && text.strip().matches("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{1,3})?")) {
            value = Double.parseDouble(text.strip());
        } else {
            throw new BadValue(text(raw), "a number, such as 12.5");
        }
        if (!Double.isFinite(value)) {
            throw new BadValue(text(raw), "a finite number");
        }
        return value;
    }

    private Instant time(Object raw) throws BadValue {
        try {
            if (raw instanceof OffsetDateTime time) {
                return time.toInstant();
            }
            if (raw instanceof LocalDateTime time) {
                return time.atZone(zone).toInstant();
            }
            if (raw instanceof LocalDate date) {
                return date.atStartOfDay(zone).toInstant();
            }
            String text = text(raw).strip();
            if (raw instanceof Number || text.matches("-?\\d{1,18}(\\.\\d{1,9})?")) {
                BigDecimal seconds = new BigDecimal(text).movePointLeft(millis ? 3 : 0);
                BigDecimal whole = seconds.setScale(0, RoundingMode.FLOOR);
                return Instant.ofEpochSecond(whole.longValueExact(), seconds.subtract(whole).multiply(NANOS).longValue());
            }
            String iso = text.length() > 10 && text.charAt(10) == ' ' ? text.substring(0, 10) + "T" + text.substring(11) : text;
            TemporalAccessor parsed = iso.length() == 10 ? LocalDate.parse(iso)
                    : DateTimeFormatter.ISO_DATE_TIME.parseBest(iso, OffsetDateTime::from, LocalDateTime::from);
            return time(parsed);
        } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
            throw new BadValue(text(raw), "a time: " + (millis ? "milliseconds" : "seconds") + " since the epoch, a timestamp or an ISO-8601 date or instant");
        }
    }

    private static List<Object> list(Array array) throws SQLException {
        if (array == null) {
            return null;
        }
        List<Object> out = new ArrayList<>();
        if (array.getArray() instanceof Object[] values) {
            for (Object value : values) {
                if (value != null) {
                    out.add(value);
                }
            }
        }
        array.free();
        return out;
    }

    /**
     * The value of {@code since} as the database compares it with a column of this kind.
     *
     * @throws BadValue when it is not of that kind
     */
    Object bound(String since, Kind kind) throws BadValue {
        return switch (kind) {
            case NUMBER -> {
                try {
                    yield new BigDecimal(since.strip());
                } catch (NumberFormatException e) {
                    throw new BadValue(since, "a number, as the key column holds");
                }
            }
            case TIME -> time(since).atOffset(java.time.ZoneOffset.UTC);
            case LOCAL_TIME -> LocalDateTime.ofInstant(time(since), zone);
            case DATE -> LocalDate.ofInstant(time(since), zone);
            case TEXT -> since;
            case FLAG, LIST, OTHER -> throw new BadValue(since, "a key column of numbers, times or texts");
        };
    }

    /** A value that does not fit. */
    static final class BadValue extends Exception {
        private static final long serialVersionUID = 1L;
        final String value;
        final String expected;

        BadValue(String value, String expected) {
            super(expected, null, false, false);
            this.value = value;
            this.expected = expected;
        }
    }
}
