package org.wherefore.core.internal.quality;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.wherefore.api.explain.spi.Parts;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.Example;

/** The parts that an attribution of an instance speaks of, and the instance without some of them. Immutable, thread-safe. */
public abstract class Ablation {
    private final int[] positions;

    private Ablation(int[] positions) {
        this.positions = positions;
    }

    /**
     * Of a history an absent event did not happen; of a row an absent feature (or group of them) has its typical value: the median
     * of the model's cases, of a category the most frequent. An image has no parts of its own, nor has a row when there are no cases:
     * what a strategy calls a part there can't be taken away by others.
     */
    public static Ablation of(FeatureSchema schema, Instance instance, List<Example> cases) {
        if (instance instanceof SequenceInstance s) {
            return new Events(s);
        }
        if (instance instanceof TableInstance t && !cases.isEmpty()) {
            return new Features(schema, t, Parts.typical(schema, cases));
        }
        return new Whole(instance);
    }

    /** Positions of the parts, as contributions name them. */
    public int[] positions() {
        return positions.clone();
    }

    public int count() {
        return positions.length;
    }

    /** The largest position, plus 1. */
    int width() {
        return Arrays.stream(positions).max().orElse(-1) + 1;
    }

    /** The instance without the parts at these positions. */
    public abstract Instance without(int... gone);

    /** The position that a part has when the one at {@code gone} is taken away; -1 for that one itself. */
    abstract int moved(int position, int gone);

    private static final class Events extends Ablation {
        private final SequenceInstance history;

        Events(SequenceInstance history) {
            super(IntStream.range(0, history.length()).toArray());
            this.history = history;
        }

        @Override
        public Instance without(int... gone) {
            return history.without(gone);
        }

        @Override
        int moved(int position, int gone) {
            return position == gone ? -1 : position > gone ? position - 1 : position;
        }
    }

    private static final class Features extends Ablation {
        private final TableInstance row;
        private final TableInstance typical;
        private final Map<Integer, int[]> members = new HashMap<>();

        Features(FeatureSchema schema, TableInstance row, TableInstance typical) {
            super(new ArrayList<>(Parts.groups(schema, row.length()).values()).stream().mapToInt(g -> g[0]).toArray());
            this.row = row;
            this.typical = typical;
            Parts.groups(schema, row.length()).values().forEach(g -> members.put(g[0], g));
        }

        @Override
        public Instance without(int... gone) {
            double[] values = row.values();
            for (int position : gone) {
                for (int f : members.get(position)) {
                    values[f] = typical.value(f);
                }
            }
            return new TableInstance(values);
        }

        @Override
        int moved(int position, int gone) {
            return position == gone ? -1 : position;
        }
    }

    private static final class Whole extends Ablation {
        private final Instance instance;

        Whole(Instance instance) {
            super(new int[0]);
            this.instance = instance;
        }

        @Override
        public Instance without(int... gone) {
            return instance;
        }

        @Override
        int moved(int position, int gone) {
            return position;
        }
    }
}
