package org.wherefore.core.internal.classify;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.FieldType;
import org.wherefore.api.data.Schema;
import org.wherefore.api.domain.Classification;
import org.wherefore.api.feature.spi.Aggregates;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.Example;
import org.wherefore.core.internal.data.RecordTable;

/** Records with their aggregates, as each was at its time, by what they are for. Immutable. */
public final class Prepared {
    private final Map<Slices.Part, RecordTable> parts = new EnumMap<>(Slices.Part.class);
    private final Slices slices;

    private Prepared(Slices slices) {
        this.slices = slices;
    }

    /**
     * Runs all records through the aggregates.
     *
     * @param records by time where they have one, at least one
     * @param aggregates fresh; null when each record is looked at by itself. Afterwards they remember the records
     */
    public static Prepared of(Classification task, List<DataRecord> records, Aggregates aggregates, Map<String, String> parameters) {
        Prepared out = new Prepared(Slices.of(task, records, parameters));
        Schema schema = aggregates == null ? records.get(0).schema() : aggregates.schema();
        for (Slices.Part part : Slices.Part.values()) {
            out.parts.put(part, new RecordTable(schema));
        }
        for (DataRecord record : records) {
            Slices.Part part = out.slices.of(record);
            if (part != Slices.Part.NONE) {
                out.parts.get(part).append(aggregates == null ? record : aggregates.enrich(record));
            }
            if (aggregates != null) {
                aggregates.add(record);
            }
        }
        return out;
    }

    public Slices slices() {
        return slices;
    }

    public List<DataRecord> part(Slices.Part part) {
        return parts.get(part);
    }

    /** The label as text, a number without a point where it is whole; empty when it has none. */
    public static Optional<String> label(Classification task, DataRecord record) {
        int field = record.schema().indexOf(task.label());
        if (field < 0) {
            return Optional.empty();
        }
        if (record.schema().fields().get(field).type() == FieldType.NUMBER) {
            var number = record.number(task.label());
            return number.isEmpty() ? Optional.empty()
                    : Optional.of(new java.math.BigDecimal(number.getAsDouble()).stripTrailingZeros().toPlainString());
        }
        return record.text(task.label());
    }

    /** Examples of the records that have a label, in order. */
    public static List<Example> examples(Classification task, FittedExtractor extractor, List<DataRecord> records) {
        List<Example> out = new ArrayList<>(records.size());
        for (DataRecord r : records) {
            label(task, r).ifPresent(l -> {
                OptionalInt target = extractor.target(l);
                out.add(new Example(extractor.extract(r), target.orElse(Example.NONE)));
            });
        }
        return out;
    }
}
