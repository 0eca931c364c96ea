package org.wherefore.connector.csv.internal;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.wherefore.api.Parameter;
import org.wherefore.api.data.FieldType;

/** Turns raw text (or several) into the value of a field. Immutable, thread-safe. */
final class Values {
    static final List<Parameter> PARAMETERS = List.of(
            new Parameter("encoding", "text", "UTF-8", "character encoding; malformed bytes are refused"),
            new Parameter("listSeparator", "text", "", "splits the text of LIST fields, such as |; empty: one value"),
            new Parameter("timeUnit", "text", "seconds", "unit of numeric times since the epoch: seconds or millis"),
            new Parameter("timeFormat", "text", "", "pattern of java.time for times, such as yyyy-MM-dd HH:mm:ss; "
                    + "empty: number or ISO-8601"),
            new Parameter("timeZone", "text", "UTC", "zone of times that name none"),
            new Parameter("missing", "text", "", "further words that mean a missing value, split by |, such as NA|null"),
            new Parameter("html", "flag", "false", "whether texts are HTML: tags are dropped and entities resolved"),
            new Parameter("kind", "text", "", "constant of the field 'kind' where no column is mapped to it"));

    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{1,3})?");
    private static final Pattern THOUSANDS = Pattern.compile("[+-]?\\d{1,3}(,\\d{3})+(\\.\\d*)?");
    private static final Pattern CURRENCY = Pattern.compile("^([+-]?)\\s*\\p{Sc}\\s*|\\s*\\p{Sc}$");
    private static final BigDecimal MAX_SECONDS = BigDecimal.valueOf(Instant.MAX.getEpochSecond());

    private final String listSeparator;
    private final boolean millis;
    private final DateTimeFormatter format;
    private final ZoneId zone;
    private final Set<String> missing;
    private final boolean html;

    Values(Options options) {
        html = options.flag("html");
        listSeparator = options.separator("listSeparator");
        millis = switch (options.get("timeUnit")) {
            case "seconds" -> false;
            case "millis" -> true;
            default -> throw Failures.badOption("/options/timeUnit", "expected seconds or millis, got '" + options.get("timeUnit") + "'");
        };
        try {
            zone = ZoneId.of(options.get("timeZone"));
        } catch (DateTimeException e) {
            throw Failures.badOption("/options/timeZone", "unknown zone '" + options.get("timeZone") + "'");
        }
        String pattern = options.get("timeFormat");
        try {
            format = pattern.isEmpty() ? null : DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH);
        } catch (IllegalArgumentException e) {
            throw Failures.badOption("/options/timeFormat", "not a pattern of java.time: '" + pattern + "'");
        }
        missing = Set.of(options.get("missing").isEmpty() ? new String[0]
                : new LinkedHashSet<>(List.of(options.get("missing").split("\\|"))).toArray(new String[0]));
    }

    /**
     * @param raw null, a {@code String} or a collection of them
     * @return null when missing
     * @throws BadValue when it is not what the type wants
     */
    Object convert(Object raw, FieldType type) throws BadValue {
        if (raw == null) {
            return null;
        }
        if (type == FieldType.LIST) {
            Set<String> list = new LinkedHashSet<>();
            for (Object part : raw instanceof Collection<?> c ? c : List.of(raw)) {
                String text = (String) part;
                for (String s : listSeparator.isEmpty() ? List.of(text) : split(text, listSeparator)) {
                    String one = (html ? Html.text(s) : s).strip();
                    if (!absent(one)) {
                        list.add(one);
                    }
                }
            }
            return list.isEmpty() ? null : new ArrayList<>(list);
        }
        String text = (raw instanceof Collection<?> c ? String.join(" ", c.stream().map(String.class::cast).toList()) : (String) raw)
                .strip();
        if (html && type == FieldType.TEXT) {
            text = Html.text(text);
        }
        if (absent(text)) {
            return null;
        }
        return switch (type) {
            case TEXT -> text;
            case NUMBER -> number(text);
            case TIME -> time(text);
            case IMAGE -> throw new BadValue(text, "an image, which a delimited file can't hold");
            case LIST -> throw new IllegalStateException();
        };
    }

    private boolean absent(String text) {
        return text.isEmpty() || missing.contains(text);
    }

    static List<String> split(String text, String separator) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        for (int at; (at = text.indexOf(separator, from)) >= 0; from = at + separator.length()) {
            parts.add(text.substring(from, at));
        }
        parts.add(text.substring(from));
        return parts;
    }

    static Double number(String text) throws BadValue {
        String bare = CURRENCY.matcher(text).replaceAll("$1");
        if (THOUSANDS.matcher(bare).matches()) {
            bare = bare.replace(",", "");
        }
        if (NUMBER.matcher(bare).matches()) {
            double value = Double.parseDouble(bare);
            if (!Double.isInfinite(value)) {
                return value;
            }
        }
        throw new BadValue(text, "a number, such as 12.5 or $1,250.00");
    }

    private Instant time(String text) throws BadValue {
        try {
            if (format != null) {
                TemporalAccessor parsed = format.parseBest(text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
                return parsed instanceof OffsetDateTime o ? o.toInstant() : local(parsed);
            }
            if (NUMBER.matcher(text).matches()) {
                BigDecimal seconds = new BigDecimal(text);
                if (millis) {
                    seconds = seconds.movePointLeft(3);
                }
                if (seconds.abs().compareTo(MAX_SECONDS) >= 0) {
                    throw new BadValue(text, "seconds since the epoch within the calendar");
                }
                java.math.BigInteger nanos = seconds.setScale(9, java.math.RoundingMode.FLOOR).unscaledValue();
                java.math.BigInteger[] parts = nanos.divideAndRemainder(java.math.BigInteger.valueOf(1_000_000_000));
                return Instant.ofEpochSecond(parts[0].longValueExact(), parts[1].longValueExact());
            }
            String iso = text.length() > 10 && text.charAt(10) == ' ' ? text.substring(0, 10) + "T" + text.substring(11) : text;
            TemporalAccessor parsed = iso.length() == 10 ? LocalDate.parse(iso)
                    : DateTimeFormatter.ISO_DATE_TIME.parseBest(iso, OffsetDateTime::from, LocalDateTime::from);
            return parsed instanceof OffsetDateTime o ? o.toInstant() : local(parsed);
        } catch (DateTimeException | ArithmeticException e) {
            throw new BadValue(text, format != null ? "a time like " + format.format(OffsetDateTime.of(2018, 4, 1, 9, 30, 0, 0,
                    java.time.ZoneOffset.UTC)) : (millis ? "milliseconds" : "seconds") + " since the epoch or an ISO-8601 date or instant");
        }
    }

    private Instant local(TemporalAccessor parsed) {
        return parsed instanceof LocalDateTime d ? d.atZone(zone).toInstant() : ((LocalDate) parsed).atStartOfDay(zone).toInstant();
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
