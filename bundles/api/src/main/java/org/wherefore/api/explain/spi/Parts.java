package org.wherefore.api.explain.spi;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.ImageInstance;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;

/**
 * The parts of an instance and how to take them away: what strategies that ask "and without this?" share. Parts are numbered from 0
 * in the order in which they matter when not all can be explained. A set of parts that stay is a {@link BitSet}; it stands for one
 * instance or, where an absent part has several stand-ins, for a weighted mean over several. Immutable, thread-safe.
 *
 * <table>
 * <caption>Parts</caption>
 * <tr><th>of</th><th>a part is</th><th>in the order</th><th>absent means</th></tr>
 * <tr><td>a history</td><td>an event</td><td>newest first</td><td>it did not happen</td></tr>
 * <tr><td>a row of a table</td><td>a feature, or a group of them</td><td>of the schema</td><td>the value of each background row, in turn</td></tr>
 * <tr><td>an image</td><td>a region of like pixels</td><td>from the top left</td><td>blurred, or the mean of the image</td></tr>
 * </table>
 */
public final class Parts {
    /** What stands where a region of an image is taken away. */
    public enum Fill {
        /** The image blurred by a window about three regions wide: the surroundings. */
        BLUR,
        /** The mean of the whole image, channel by channel. */
        MEAN
    }

    private final List<String> features;
    private final int[] positions;
    /** What goes with each part: positions of events, indices of features, or numbers of regions. One more than named when there is a rest. */
    private final List<int[]> members;
    private final double[] weights;
    private final Function<BitSet, List<Instance>> without;

    private Parts(List<String> features, int[] positions, List<int[]> members, double[] weights, Function<BitSet, List<Instance>> without) {
        this.features = features;
        this.positions = positions;
        this.members = members;
        this.weights = weights;
        this.without = without;
    }

    /** Each event of a history. */
    public static Parts events(FeatureSchema schema, SequenceInstance history) {
        int n = history.length();
        int[] newestFirst = IntStream.range(0, n).map(i -> n - 1 - i).toArray();
        return new Parts(IntStream.of(newestFirst).mapToObj(p -> "history:" + schema.targets().get(history.item(p))).toList(), newestFirst,
                IntStream.of(newestFirst).mapToObj(p -> new int[] {p}).toList(), new double[] {1},
                gone -> List.of(history.without(gone.stream().toArray())));
    }

    /**
     * Each feature of a row of a table; those of one {@link FeatureSpec#group} are one part.
     *
     * @param background rows whose values stand for absent ones, at least one; each set of parts is one instance a row
     * @param weights of the rows, not negative, in sum 1
     * @throws IllegalArgumentException when numbers of features, values, rows or weights don't fit
     */
    public static Parts features(FeatureSchema schema, TableInstance row, List<TableInstance> background, double[] weights) {
        if (background.isEmpty() || background.size() != weights.length) {
            throw new IllegalArgumentException(background.size() + " background rows with " + weights.length + " weights");
        }
        for (TableInstance b : background) {
            if (b.length() != row.length()) {
                throw new IllegalArgumentException("a row of " + row.length() + " values but a background row of " + b.length());
            }
        }
        Map<String, int[]> groups = groups(schema, row.length());
        List<TableInstance> rows = List.copyOf(background);
        return new Parts(groups.keySet().stream().map(g -> "feature:" + g).toList(), groups.values().stream().mapToInt(g -> g[0]).toArray(),
                List.copyOf(groups.values()), weights.clone(), gone -> {
                    List<Instance> out = new ArrayList<>(rows.size());
                    for (TableInstance b : rows) {
                        double[] mixed = row.values();
                        gone.stream().forEach(f -> mixed[f] = b.value(f));
                        out.add(new TableInstance(mixed));
                    }
                    return out;
                });
    }

    /**
     * What a row usually looks like, feature by feature: the median, of a category the most frequent one, NaN where most rows lack it.
     *
     * @param cases of rows, at least one
     */
    public static TableInstance typical(FeatureSchema schema, List<Example> cases) {
        List<TableInstance> rows = cases.stream().map(c -> (TableInstance) c.instance()).toList();
        double[] out = new double[schema.features().size()];
        for (int f = 0; f < out.length; f++) {
            int feature = f;
            double[] values = rows.stream().mapToDouble(r -> r.value(feature)).filter(v -> !Double.isNaN(v)).sorted().toArray();
            if (values.length * 2 < rows.size()) {
                out[f] = Double.NaN;
            } else if (schema.features().get(f).kind().equals(FeatureSpec.CATEGORY)) {
                out[f] = mode(values);
            } else {
                out[f] = values[values.length / 2];
            }
        }
        return new TableInstance(out);
    }

    private static double mode(double[] sorted) {
        double best = sorted[0];
        int most = 0;
        for (int from = 0; from < sorted.length;) {
            int to = from;
            while (to < sorted.length && sorted[to] == sorted[from]) {
                to++;
            }
            if (to - from > most) {
                most = to - from;
                best = sorted[from];
            }
            from = to;
        }
        return best;
    }

    /**
     * The features of a table by what is explained as one: the name of a group with all its features, or a feature's own name. In the
     * order of the schema.
     *
     * @param values how many the rows have
     * @throws IllegalArgumentException when the schema has another number of features
     */
    public static Map<String, int[]> groups(FeatureSchema schema, int values) {
        List<FeatureSpec> specs = schema.features();
        if (specs.size() != values) {
            throw new IllegalArgumentException("a row of " + values + " values but a schema of " + specs.size() + " features");
        }
        Map<String, List<Integer>> groups = new LinkedHashMap<>();
        for (int f = 0; f < values; f++) {
            // A feature that has the name of a group is not one of it.
            String key = specs.get(f).group().isEmpty() ? "f" + specs.get(f).name() : "g" + specs.get(f).group();
            groups.computeIfAbsent(key, k -> new ArrayList<>()).add(f);
        }
        Map<String, int[]> out = new LinkedHashMap<>();
        groups.forEach((key, members) -> {
            String name = key.substring(1);
            out.put(out.containsKey(name) ? name + "#" + members.get(0) : name, members.stream().mapToInt(i -> i).toArray());
        });
        return out;
    }

    /**
     * Regions of like pixels of an image (SLIC: Achanta et al., SLIC Superpixels Compared to State-of-the-Art Superpixel Methods, 2012).
     * A region that its own mean stood for would hide nothing, as its pixels are alike already: see {@link Fill}.
     *
     * @param wanted about how many regions, at least 1
     */
    public static Parts regions(ImageInstance image, int wanted, Fill fill) {
        int[] regions = Superpixels.of(image, wanted);
        int count = IntStream.of(regions).max().orElse(0) + 1;
        float[] filling = fill == Fill.MEAN ? Superpixels.mean(image)
                : Superpixels.blurred(image, Math.max(1, (int) Math.round(Math.sqrt((double) regions.length / count))));
        return new Parts(Superpixels.names(regions, count, image.width()), IntStream.range(0, count).toArray(),
                IntStream.range(0, count).mapToObj(r -> new int[] {r}).toList(), new double[] {1}, gone -> {
                    float[] pixels = image.values();
                    for (int i = 0; i < pixels.length; i++) {
                        if (gone.get(regions[i % regions.length])) {
                            pixels[i] = filling[i];
                        }
                    }
                    return List.of(new ImageInstance(image.channels(), image.height(), image.width(), pixels));
                });
    }

    /**
     * At most so many parts: the first ones, and all others together as the last one, which is the {@link #rest}.
     *
     * @param most at least 1
     */
    public Parts limitedTo(int most) {
        if (most < 1) {
            throw new IllegalArgumentException("at least one part, got " + most);
        }
        if (count() <= most) {
            return this;
        }
        int named = most - 1;
        List<int[]> fewer = new ArrayList<>(members.subList(0, named));
        fewer.add(members.subList(named, members.size()).stream().flatMapToInt(IntStream::of).toArray());
        return new Parts(features.subList(0, named), IntStream.range(0, named).map(i -> positions[i]).toArray(), List.copyOf(fewer), weights, without);
    }

    /** How many parts there are, the rest included. */
    public int count() {
        return members.size();
    }

    /** Whether a part is what was left when they were limited: it has neither name nor position, and its worth belongs to the gap. */
    public boolean rest(int part) {
        return part >= features.size();
    }

    /** As {@link org.wherefore.api.explain.Contribution#feature}. */
    public String feature(int part) {
        return features.get(part);
    }

    /** As {@link org.wherefore.api.explain.Contribution#position}. */
    public int position(int part) {
        return positions[part];
    }

    /** Weights of the instances that {@link #keeping} gives, a copy; in sum 1. As long as there are background rows, otherwise 1. */
    public double[] weights() {
        return weights.clone();
    }

    /** The instances that are left when only these parts stay; their scores' mean by {@link #weights} is what these parts are worth. */
    public List<Instance> keeping(BitSet kept) {
        BitSet gone = new BitSet();
        for (int p = kept.nextClearBit(0); p < members.size(); p = kept.nextClearBit(p + 1)) {
            IntStream.of(members.get(p)).forEach(gone::set);
        }
        return without.apply(gone);
    }
}
