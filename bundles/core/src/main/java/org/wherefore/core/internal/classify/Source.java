package org.wherefore.core.internal.classify;

import java.util.OptionalDouble;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.FieldType;

/** A value as a {@link org.wherefore.api.domain.Factor} names it. Immutable. */
sealed interface Source {
    /** @param text as in a factor @param field that it is for: what {@code quantile} is of @throws IllegalArgumentException when it is none */
    static Source of(String text, String field) {
        int colon = text.indexOf(':');
        String kind = colon < 0 ? text : text.substring(0, colon);
        String rest = text.substring(colon + 1);
        return switch (kind) {
            case "value" -> new Constant(Double.parseDouble(rest));
            case "field" -> new Other(rest);
            case "quantile" -> new Quantile(field, Double.parseDouble(rest));
            case "missing" -> new Constant(Double.NaN);
            default -> new Constant(Double.parseDouble(text));
        };
    }

    /** Empty when the record does not say it. A constant NaN means: missing. */
    OptionalDouble of(DataRecord record, Judgement judgement);

    /** A number. */
    record Constant(double value) implements Source {
        @Override
        public OptionalDouble of(DataRecord record, Judgement judgement) {
            return OptionalDouble.of(value);
        }
    }

    /** What another field says. */
    record Other(String field) implements Source {
        @Override
        public OptionalDouble of(DataRecord record, Judgement judgement) {
            return number(record, field);
        }
    }

    /** A quantile of the training data. */
    record Quantile(String field, double share) implements Source {
        @Override
        public OptionalDouble of(DataRecord record, Judgement judgement) {
            double q = judgement.quantile(field, share);
            return Double.isNaN(q) ? OptionalDouble.empty() : OptionalDouble.of(q);
        }
    }

    /** A record's number; empty when it has none, or no such field of that type. */
    static OptionalDouble number(DataRecord record, String field) {
        int i = record.schema().indexOf(field);
        return i < 0 || record.schema().fields().get(i).type() != FieldType.NUMBER ? OptionalDouble.empty() : record.number(field);
    }
}
