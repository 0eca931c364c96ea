package org.wherefore.explainer.lime.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.wherefore.api.explain.spi.Parts;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.TableInstance;

/**
 * Rows around a row, each part drawn on its own with what the cases say of it. Standardised: a number comes from a normal distribution
 * around its own value with the spread of the cases, and the simple model sees how many spreads it is from their mean. A category, a
 * group, a missing value, and when discretised a number, too, is that of a case drawn at random; the simple model sees whether it is
 * equal (of a discretised number: in the same quarter of the cases), less how often that is so. Hence zero is the mean of the cases everywhere, and
 * what the simple model says of zeros is its base value. Nearness is that of the distance in what it sees, in a kernel of width
 * {@value #WIDTH} times the root of the number of parts.
 */
final class Rows implements Neighbourhood {
    /** As in the authors' code for tables. */
    static final double WIDTH = 0.75;
    private final List<String> names;
    private final List<int[]> members;
    private final List<TableInstance> rows;
    private final double[][] seen;
    private final double[] weight;

    /** How one part is drawn and seen. {@code spread} is 0 for what is equal or not. */
    private record Part(int[] features, double mean, double spread, double[] cuts, double often) {
        boolean same(TableInstance a, TableInstance b) {
            if (cuts.length > 0 && !a.missing(features[0]) && !b.missing(features[0])) {
                return bin(a.value(features[0])) == bin(b.value(features[0]));
            }
            return Arrays.stream(features).allMatch(f -> Double.compare(a.value(f), b.value(f)) == 0);
        }

        private int bin(double value) {
            int bin = 0;
            while (bin < cuts.length && value > cuts[bin]) {
                bin++;
            }
            return bin;
        }

        double seen(TableInstance row, TableInstance self) {
            return spread > 0 ? (row.value(features[0]) - mean) / spread : (same(row, self) ? 1 : 0) - often;
        }
    }

    /**
     * @param cases at least one
     * @param most inputs, at least 1
     */
    Rows(FeatureSchema schema, TableInstance self, List<TableInstance> cases, boolean discretised, int most, double width, long seed) {
        Map<String, int[]> groups = Parts.groups(schema, self.length());
        names = groups.keySet().stream().map(g -> "feature:" + g).toList();
        members = List.copyOf(groups.values());
        List<Part> parts = members.stream().map(m -> part(schema, m, self, cases, discretised)).toList();
        Random random = new Random(seed);
        rows = new ArrayList<>(most);
        rows.add(self);
        while (rows.size() < most) {
            double[] values = self.values();
            for (Part p : parts) {
                if (p.spread > 0) {
                    values[p.features[0]] += p.spread * random.nextGaussian();
                } else {
                    TableInstance other = cases.get(random.nextInt(cases.size()));
                    Arrays.stream(p.features).forEach(f -> values[f] = other.value(f));
                }
            }
            rows.add(new TableInstance(values));
        }
        seen = rows.stream().map(r -> parts.stream().mapToDouble(p -> p.seen(r, self)).toArray()).toArray(double[][]::new);
        weight = Arrays.stream(seen).mapToDouble(s -> {
            double squares = IntStream.range(0, s.length).mapToDouble(i -> (s[i] - seen[0][i]) * (s[i] - seen[0][i])).sum();
            return Math.exp(-squares / (width * width * Math.max(1, s.length)) / 2);
        }).toArray();
    }

    private static Part part(FeatureSchema schema, int[] features, TableInstance self, List<TableInstance> cases, boolean discretised) {
        double[] cuts = {};
        if (features.length == 1 && schema.features().get(features[0]).categories().isEmpty() && !self.missing(features[0])) {
            double[] known = cases.stream().filter(c -> !c.missing(features[0])).mapToDouble(c -> c.value(features[0])).sorted().toArray();
            double mean = Arrays.stream(known).average().orElse(0);
            double spread = Math.sqrt(Arrays.stream(known).map(v -> (v - mean) * (v - mean)).average().orElse(0));
            if (!discretised && spread > 0) {
                return new Part(features, mean, spread, cuts, 0);
            }
            cuts = known.length == 0 ? cuts : IntStream.of(1, 2, 3).mapToDouble(q -> known[(known.length - 1) * q / 4]).distinct().toArray();
        }
        Part equal = new Part(features, 0, 0, cuts, 0);
        return new Part(features, 0, 0, cuts, cases.stream().filter(c -> equal.same(c, self)).count() / (double) cases.size());
    }

    @Override
    public int parts() {
        return names.size();
    }

    @Override
    public String feature(int part) {
        return names.get(part);
    }

    @Override
    public int position(int part) {
        return members.get(part)[0];
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public boolean whole() {
        return false;
    }

    @Override
    public List<Instance> inputs(int from, int to) {
        return List.copyOf(rows.subList(from, to));
    }

    @Override
    public double weight(int input) {
        return weight[input];
    }

    @Override
    public double drawn(int input) {
        return 1;
    }

    @Override
    public double[] seen(int input, int named) {
        return Arrays.copyOf(seen[input], named);
    }
}
