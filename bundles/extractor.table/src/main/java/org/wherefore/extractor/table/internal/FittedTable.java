package org.wherefore.extractor.table.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.data.DataRecord;
import org.wherefore.api.data.Input;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.feature.spi.FittedExtractor;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;

/**
 * Columns with what was learned for them, stored as the entry {@code features.bin} ({@link Checked}): targets, then for each column its
 * flags, display name, group and rule. Values keep the unit of the records. Immutable, thread-safe.
 */
final class FittedTable implements FittedExtractor {
    static final String ENTRY = "features.bin";
    private static final int MAGIC = 0x57465442;
    private static final int VERSION = 1;

    /** One feature and how it is read. */
    record Feature(FeatureSpec spec, Column column) {
        Feature {
            if (!spec.categories().equals(column.categories())) {
                throw new IllegalArgumentException("feature '" + spec.name() + "' and its column disagree on the categories");
            }
        }

        static Feature of(String name, boolean sensitive, boolean immutable, boolean actionable, String displayName, String group, Column column) {
            return new Feature(new FeatureSpec(name, column.categories().isEmpty() ? FeatureSpec.NUMBER : FeatureSpec.CATEGORY, "table",
                    sensitive, immutable, actionable, displayName, column.categories(), group), column);
        }
    }

    private final List<Feature> features;
    private final Labels labels;
    private final FeatureSchema schema;

    /** @throws IllegalArgumentException without features or targets, or with one of them twice */
    FittedTable(List<Feature> features, List<String> targets) {
        this.features = List.copyOf(features);
        this.labels = new Labels(targets);
        Set<String> names = new HashSet<>();
        for (Feature feature : features) {
            if (!names.add(feature.spec().name())) {
                throw new IllegalArgumentException("feature '" + feature.spec().name() + "' stands twice");
            }
        }
        if (features.isEmpty()) {
            throw new IllegalArgumentException("no features");
        }
        this.schema = FeatureSchema.of(features.stream().map(Feature::spec).toList(), targets);
    }

    @Override
    public FeatureSchema schema() {
        return schema;
    }

    /** Of a target's name or, where there is one target, of {@code 1} or {@code true}; every other label means none of the targets. */
    @Override
    public OptionalInt target(String id) {
        return labels.index(id);
    }

    @Override
    public TableInstance extract(Input input) {
        if (!(input instanceof DataRecord record)) {
            throw new IllegalArgumentException("a record is needed, got " + input);
        }
        double[] values = new double[features.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = features.get(i).column().read(record);
        }
        return new TableInstance(values);
    }

    @Override
    public void save(ArtifactWriter artifact) {
        try (OutputStream out = artifact.create(ENTRY)) {
            Checked.write(out, MAGIC, VERSION, data -> {
                Checked.texts(data, labels.targets());
                data.writeInt(features.size());
                for (Feature feature : features) {
                    FeatureSpec spec = feature.spec();
                    Checked.text(data, spec.name());
                    data.writeBoolean(spec.sensitive());
                    data.writeBoolean(spec.immutable());
                    data.writeBoolean(spec.actionable());
                    Checked.text(data, spec.displayName());
                    Checked.text(data, spec.group());
                    feature.column().write(data);
                }
            });
        } catch (java.nio.charset.CharacterCodingException e) {
            throw new WhereforeException(ErrorCode.BAD_DATA, "a category is not Unicode text and can't be stored", e);
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, "entry '" + ENTRY + "' can't be written", e);
        }
    }

    static FittedTable load(ArtifactReader artifact) {
        if (!artifact.entries().contains(ENTRY)) {
            throw new WhereforeException(ErrorCode.BAD_DATA, ENTRY, "the artifact has no entry '" + ENTRY + "'; it has "
                    + artifact.entries().stream().sorted().toList(), null);
        }
        try (InputStream in = artifact.open(ENTRY)) {
            return Checked.read(in, MAGIC, VERSION, "entry '" + ENTRY + "' of the artifact", data -> {
                List<String> targets = Checked.texts(data);
                int count = Checked.count(data.readInt());
                List<Feature> features = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    features.add(Feature.of(Checked.text(data), data.readBoolean(), data.readBoolean(), data.readBoolean(), Checked.text(data),
                            Checked.text(data), Column.read(data)));
                }
                return new FittedTable(features, targets);
            });
        } catch (IOException e) {
            throw new WhereforeException(ErrorCode.STORAGE, ENTRY, "entry '" + ENTRY + "' can't be read", e);
        }
    }

    @Override
    public String toString() {
        return "table of " + schema.features().size() + " features for " + labels.targets();
    }
}
