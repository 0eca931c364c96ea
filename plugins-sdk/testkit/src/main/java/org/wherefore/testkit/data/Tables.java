package org.wherefore.testkit.data;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;

/** Schemas, rows and cases of small tables, from a seed alone. Stateless. */
public final class Tables {
    private Tables() {}

    /** Numbers {@code f0}, {@code f1} … with one target {@code yes}. */
    public static FeatureSchema numbers(int count) {
        return schema(IntStream.range(0, count).mapToObj(i -> FeatureSpec.number("f" + i)).toArray(FeatureSpec[]::new));
    }

    /** These features with one target {@code yes}. */
    public static FeatureSchema schema(FeatureSpec... features) {
        return FeatureSchema.of(List.of(features), List.of("yes"));
    }

    /**
     * Cases with independent values: numbers are normal with a mean and a spread of their own, categories equally likely, and of
     * the features of a group exactly one is 1 and the others are 0.
     */
    public static List<Example> cases(FeatureSchema schema, int count, long seed) {
        Random random = new Random(seed);
        List<Example> out = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            out.add(new Example(row(schema, random), 0));
        }
        return List.copyOf(out);
    }

    /**
     * Cases like those of {@link #cases} whose values tell the target: feature {@code f} adds 2 to the power of {@code f} when it is a
     * number above its mean, or its index when it is a category, and the target is the sum modulo their number; but one case in eight has
     * any target.
     */
    public static List<Example> classes(FeatureSchema schema, int count, long seed) {
        Random random = new Random(seed);
        int targets = schema.targets().size();
        List<Example> out = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            TableInstance row = row(schema, random);
            int sum = 0;
            for (int f = 0; f < row.length(); f++) {
                int n = schema.features().get(f).categories().size();
                sum += n > 0 ? (int) row.value(f) : row.value(f) > f % 3 ? 1 << f : 0;
            }
            out.add(new Example(row, random.nextInt(8) == 0 ? random.nextInt(targets) : sum % targets));
        }
        return List.copyOf(out);
    }

    /** A row like those of {@link #cases}. */
    public static TableInstance row(FeatureSchema schema, long seed) {
        return row(schema, new Random(seed));
    }

    private static TableInstance row(FeatureSchema schema, Random random) {
        List<FeatureSpec> specs = schema.features();
        double[] values = new double[specs.size()];
        for (int f = 0; f < values.length; f++) {
            String group = specs.get(f).group();
            if (!specs.get(f).categories().isEmpty()) {
                values[f] = random.nextInt(specs.get(f).categories().size());
            } else if (group.isEmpty()) {
                values[f] = f % 3 + (1 + f % 4) / 2.0 * random.nextGaussian();
            } else if (IntStream.range(0, f).noneMatch(o -> specs.get(o).group().equals(group))) {
                int[] members = IntStream.range(0, values.length).filter(o -> specs.get(o).group().equals(group)).toArray();
                values[members[random.nextInt(members.length)]] = 1;
            }
        }
        return new TableInstance(values);
    }
}
