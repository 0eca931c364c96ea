package org.wherefore.core.internal.classify;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.domain.Classification;

/**
 * Which records teach, which choose (when to stop, calibration, thresholds) and which judge. As the data set says where it comes
 * parted; otherwise by time, what is later judging; without time by a hash of the id. Immutable.
 */
public final class Slices {
    /** What a record is for. */
    public enum Part { TRAIN, VALIDATION, TEST, NONE }

    /** Days that teach, right before those that choose. */
    public static final String TRAIN_DAYS = "trainDays";
    /** Days that choose, right before the delay. */
    public static final String VALIDATION_DAYS = "validationDays";
    /** Days before those that judge whose labels are not known yet. */
    public static final String DELAY_DAYS = "delayDays";
    /** Days that judge. */
    public static final String TEST_DAYS = "testDays";
    /** The first day that judges, such as 2018-07-25; the default has them end with the data. */
    public static final String TEST_FROM = "testFrom";
    private static final double TRAIN_SHARE = 0.6;
    private static final double VALIDATION_SHARE = 0.2;
    private final Classification task;
    private final boolean bySplit;
    /** Begin of training, validation, delay, test and of what is after the test; null where time does not part. */
    private final Instant[] borders;

    private Slices(Classification task, boolean bySplit, Instant[] borders) {
        this.task = task;
        this.bySplit = bySplit;
        this.borders = borders;
    }

    /** @param records at least one, by time where they have one */
    public static Slices of(Classification task, List<DataRecord> records, Map<String, String> parameters) {
        if (!task.split().isEmpty() && records.stream().anyMatch(r -> r.text(task.split()).isPresent())) {
            return new Slices(task, true, null);
        }
        if (task.time().isEmpty()) {
            return new Slices(task, false, null);
        }
        Instant first = time(task, records.get(0));
        Instant end = time(task, records.get(records.size() - 1)).plusNanos(1);
        if (parameters.keySet().stream().noneMatch(List.of(TRAIN_DAYS, VALIDATION_DAYS, DELAY_DAYS, TEST_DAYS, TEST_FROM)::contains)) {
            Instant validation = time(task, records.get((int) (records.size() * TRAIN_SHARE)));
            Instant test = time(task, records.get((int) (records.size() * (TRAIN_SHARE + VALIDATION_SHARE))));
            return new Slices(task, false, new Instant[] {first, validation, test, test, end});
        }
        Duration testLength = days(parameters, TEST_DAYS, 7);
        Instant test = parameters.containsKey(TEST_FROM) ? day(parameters.get(TEST_FROM)) : end.minus(testLength);
        Instant delay = test.minus(days(parameters, DELAY_DAYS, 0));
        Instant validation = delay.minus(days(parameters, VALIDATION_DAYS, 2));
        return new Slices(task, false, new Instant[] {validation.minus(days(parameters, TRAIN_DAYS, 7)), validation, delay, test, test.plus(testLength)});
    }

    private static Duration days(Map<String, String> parameters, String name, int otherwise) {
        String value = parameters.getOrDefault(name, Integer.toString(otherwise));
        try {
            double days = Double.parseDouble(value);
            if (days >= 0 && days <= 36_500) {
                return Duration.ofSeconds(Math.round(days * 86_400));
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw WhereforeException.invalid("/parameters/" + name, name + " is a number of days from 0, got '" + value + "'");
    }

    private static Instant day(String text) {
        try {
            return LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeParseException e) {
            throw WhereforeException.invalid("/parameters/" + TEST_FROM, TEST_FROM + " is a day such as 2018-07-25, got '" + text + "'");
        }
    }

    private static Instant time(Classification task, DataRecord record) {
        return record.time(task.time()).orElse(Instant.EPOCH);
    }

    public Part of(DataRecord record) {
        if (bySplit) {
            return switch (record.text(task.split()).orElse("").toLowerCase(Locale.ROOT)) {
                case "train" -> Part.TRAIN;
                case "validation", "val", "valid" -> Part.VALIDATION;
                case "test" -> Part.TEST;
                default -> Part.NONE;
            };
        }
        if (borders == null) {
            double share = (record.text(task.id()).orElse("").hashCode() * 0x9E3779B9 >>> 1) / (double) Integer.MAX_VALUE;
            return share < TRAIN_SHARE ? Part.TRAIN : share < TRAIN_SHARE + VALIDATION_SHARE ? Part.VALIDATION : Part.TEST;
        }
        Instant time = time(task, record);
        if (time.isBefore(borders[0]) || !time.isBefore(borders[4])) {
            return Part.NONE;
        }
        return time.isBefore(borders[1]) ? Part.TRAIN : time.isBefore(borders[2]) ? Part.VALIDATION : time.isBefore(borders[3]) ? Part.NONE : Part.TEST;
    }

    /** For the provenance of a model. */
    public Map<String, String> describe() {
        Map<String, String> out = new TreeMap<>();
        if (borders == null) {
            out.put("slices", bySplit ? "as the data set says in '" + task.split() + "'" : "by a hash of the id, 60/20/20");
        } else {
            out.put("slices.train", borders[0] + " to " + borders[1]);
            out.put("slices.validation", borders[1] + " to " + borders[2]);
            out.put("slices.test", borders[3] + " to " + borders[4]);
        }
        return out;
    }
}
