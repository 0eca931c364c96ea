package org.wherefore.testkit.model;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToDoubleBiFunction;
import java.util.stream.IntStream;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/**
 * A model that is a function of one kind of instance: any one by {@link #of}, such as a tree written as a lambda, or a subclass with
 * known answers. Thread-safe when the function is; once closed every call fails with {@link IllegalStateException}.
 *
 * @param <I> the kind of instance that it reads; others are refused with {@code UNSUPPORTED}
 */
public abstract class ToyFunction<I extends Instance> implements Model {
    private final FeatureSchema schema;
    private final Class<I> kind;
    private volatile boolean closed;

    ToyFunction(FeatureSchema schema, Class<I> kind) {
        this.schema = schema;
        this.kind = kind;
    }

    /** @param score of an instance and a target index */
    public static <I extends Instance> ToyFunction<I> of(FeatureSchema schema, Class<I> kind, ToDoubleBiFunction<I, Integer> score) {
        return new ToyFunction<>(schema, kind) {
            @Override
            public double scoreOf(I instance, int target) {
                return score.applyAsDouble(instance, target);
            }
        };
    }

    /** The score that the model gives, for expectations. */
    public abstract double scoreOf(I instance, int target);

    public final FeatureSchema schema() {
        return schema;
    }

    @Override
    public final ModelInfo info() {
        return new ModelInfo("toy", 1, "toy", "sha256:0");
    }

    @Override
    public final List<Output> predict(Instance instance, int k, BitSet excluded) {
        I input = open(instance);
        double[] scores = IntStream.range(0, schema.targets().size()).mapToDouble(t -> scoreOf(input, t)).toArray();
        List<Integer> order = new ArrayList<>(IntStream.range(0, scores.length).filter(t -> !excluded.get(t)).boxed().toList());
        order.sort(Comparator.comparingDouble((Integer t) -> -scores[t]).thenComparing(t -> t));
        return IntStream.range(0, Math.min(k, order.size()))
                .mapToObj(r -> new Output(order.get(r), schema.targets().get(order.get(r)), r + 1, scores[order.get(r)])).toList();
    }

    @Override
    public final RankedScore[][] score(List<? extends Instance> instances, int[] asked, BitSet excluded, boolean ranks) {
        RankedScore[][] out = new RankedScore[instances.size()][asked.length];
        for (int i = 0; i < out.length; i++) {
            I input = open(instances.get(i));
            for (int n = 0; n < asked.length; n++) {
                int t = asked[n];
                if (t < 0 || t >= schema.targets().size()) {
                    throw WhereforeException.invalid("target", "target " + t + " is not 0 to " + (schema.targets().size() - 1));
                }
                double score = scoreOf(input, t);
                int rank = ranks ? 1 + (int) IntStream.range(0, schema.targets().size()).filter(o -> o != t && !excluded.get(o))
                        .filter(o -> scoreOf(input, o) > score || scoreOf(input, o) == score && o < t).count() : 0;
                out[i][n] = new RankedScore(score, rank);
            }
        }
        return out;
    }

    @Override
    public final void close() {
        closed = true;
    }

    private I open(Instance instance) {
        if (closed) {
            throw new IllegalStateException("model toy:1 is closed");
        }
        if (!kind.isInstance(instance)) {
            throw new WhereforeException(ErrorCode.UNSUPPORTED, "this toy model reads " + kind.getSimpleName() + " only, got "
                    + instance.getClass().getSimpleName());
        }
        return kind.cast(instance);
    }
}
