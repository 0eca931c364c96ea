package org.wherefore.api.explain.spi;

import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.wherefore.api.Parameters;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.spi.Model;

/**
 * All that a strategy may look at for one question: the model, the input, the targets, and the bounds. Immutable but for the
 * model; accessors give copies of what is not. {@link #of} and the methods after it make one with defaults:
 * {@code ExplanationContext.of(model, schema, instance, 5, 7).withSeed(3).withBudget(100)}.
 *
 * @param model leased for this call; never closed or kept by a strategy. For the question "why this and not that" its scores are
 *        already differences of two targets' scores
 * @param targets indices to explain, in this order; all in shared batches
 * @param excluded targets that are not ranked, as in {@link Model#score}
 * @param k how many outputs the reader was shown: a target of a higher rank is out
 * @param cases some of what the model was trained on, the same for every call on one version; may be empty
 * @param parameters of the strategy, bound to what it declares
 * @param seed the only source of randomness
 * @param budget model evaluations allowed; an input scored for all targets is one
 * @param cancelled asked between batches; when true, what is known so far is returned
 */
public record ExplanationContext(Model model, FeatureSchema schema, Instance instance, int[] targets, BitSet excluded, int k,
        List<Example> cases, Parameters parameters, long seed, int budget, BooleanSupplier cancelled) {
    /** Seed where none is given. */
    public static final long DEFAULT_SEED = 7;
    /** Budget where none is given. */
    public static final int DEFAULT_BUDGET = 512;
    /** Outputs where nothing else is said. */
    public static final int DEFAULT_K = 10;

    public ExplanationContext {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(schema, "schema");
        Objects.requireNonNull(instance, "instance");
        targets = targets.clone();
        excluded = (BitSet) excluded.clone();
        cases = List.copyOf(cases);
        Objects.requireNonNull(parameters, "parameters");
        Objects.requireNonNull(cancelled, "cancelled");
    }

    /** With no target excluded, no cases, no parameters, and the defaults above; never cancelled. */
    public static ExplanationContext of(Model model, FeatureSchema schema, Instance instance, int... targets) {
        return new ExplanationContext(model, schema, instance, targets, new BitSet(), DEFAULT_K, List.of(), Parameters.NONE, DEFAULT_SEED,
                DEFAULT_BUDGET, () -> false);
    }

    @Override
    public int[] targets() {
        return targets.clone();
    }

    @Override
    public BitSet excluded() {
        return (BitSet) excluded.clone();
    }

    public ExplanationContext withModel(Model other) {
        return new ExplanationContext(other, schema, instance, targets, excluded, k, cases, parameters, seed, budget, cancelled);
    }

    public ExplanationContext withInstance(Instance other) {
        return new ExplanationContext(model, schema, other, targets, excluded, k, cases, parameters, seed, budget, cancelled);
    }

    public ExplanationContext withTargets(int... others) {
        return new ExplanationContext(model, schema, instance, others, excluded, k, cases, parameters, seed, budget, cancelled);
    }

    /** Ranks without these targets, of which the reader was shown {@code k}. */
    public ExplanationContext withRanking(BitSet without, int shown) {
        return new ExplanationContext(model, schema, instance, targets, without, shown, cases, parameters, seed, budget, cancelled);
    }

    public ExplanationContext withCases(List<Example> others) {
        return new ExplanationContext(model, schema, instance, targets, excluded, k, others, parameters, seed, budget, cancelled);
    }

    public ExplanationContext withParameters(Parameters others) {
        return new ExplanationContext(model, schema, instance, targets, excluded, k, cases, others, seed, budget, cancelled);
    }

    public ExplanationContext withSeed(long other) {
        return new ExplanationContext(model, schema, instance, targets, excluded, k, cases, parameters, other, budget, cancelled);
    }

    public ExplanationContext withBudget(int other) {
        return new ExplanationContext(model, schema, instance, targets, excluded, k, cases, parameters, seed, other, cancelled);
    }

    public ExplanationContext cancelledBy(BooleanSupplier other) {
        return new ExplanationContext(model, schema, instance, targets, excluded, k, cases, parameters, seed, budget, other);
    }
}
