package org.wherefore.api.feature;

import java.util.List;
import java.util.Objects;

/**
 * One feature as people and policies see it.
 *
 * @param kind {@code sequence}, {@link #NUMBER}, {@link #CATEGORY}, or another that engine and extractor agree on
 * @param modality such as {@code behaviour}, {@code table} or {@code image}
 * @param categories of a {@link #CATEGORY}: their names, in the order of the indices that a {@link TableInstance} holds; empty otherwise
 * @param group name of what several features say together, such as the columns of a one-hot code; they are explained and changed as
 *        one. Empty for a feature that stands alone
 */
public record FeatureSpec(String name, String kind, String modality, boolean sensitive, boolean immutable, boolean actionable,
        String displayName, List<String> categories, String group) {
    /** Kind of a measured or counted quantity. */
    public static final String NUMBER = "number";
    /** Kind of one of finitely many values without order. */
    public static final String CATEGORY = "category";

    /** @throws IllegalArgumentException when a feature of another kind than {@link #CATEGORY} has categories, or such a one has none */
    public FeatureSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(kind, "kind");
        Objects.requireNonNull(modality, "modality");
        Objects.requireNonNull(displayName, "displayName");
        categories = List.copyOf(categories);
        Objects.requireNonNull(group, "group");
        if (kind.equals(CATEGORY) == categories.isEmpty()) {
            throw new IllegalArgumentException("feature '" + name + "' is of kind '" + kind + "' and has " + categories.size()
                    + " categories; those of kind 'category' have some and the others none");
        }
    }

    /** Without categories, standing alone. */
    public FeatureSpec(String name, String kind, String modality, boolean sensitive, boolean immutable, boolean actionable,
            String displayName) {
        this(name, kind, modality, sensitive, immutable, actionable, displayName, List.of(), "");
    }

    /** A number of a table that may be changed and is not sensitive. */
    public static FeatureSpec number(String name) {
        return new FeatureSpec(name, NUMBER, "table", false, false, true, name);
    }

    /** A category of a table that may be changed and is not sensitive. */
    public static FeatureSpec category(String name, String... categories) {
        return new FeatureSpec(name, CATEGORY, "table", false, false, true, name, List.of(categories), "");
    }

    /** The same as one of a group. */
    public FeatureSpec in(String other) {
        return new FeatureSpec(name, kind, modality, sensitive, immutable, actionable, displayName, categories, other);
    }
}
