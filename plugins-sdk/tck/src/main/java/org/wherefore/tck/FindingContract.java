package org.wherefore.tck;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.ref.WeakReference;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameters;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Finding;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.data.FeatureSchemas;
import org.wherefore.testkit.data.Histories;
import org.wherefore.testkit.model.ToyModel;
import org.wherefore.testkit.model.WatchedModel;

/**
 * What every explanation strategy promises, whichever kind of finding it gives. Not to be subclassed by plugins, which take the contract of their kind:
 * {@link ExplainerContract}, {@link CounterfactualContract} or {@link EvidenceContract}.
 *
 * @param <F> kind of finding
 */
public abstract class FindingContract<F extends Finding> {
    static final BooleanSupplier NEVER = () -> false;
    private static final int[] BUDGETS = {1, 2, 3, 4, 5, 8, 13, 40, 200};
    final FeatureSchema schema = FeatureSchemas.items(12);
    final SequenceInstance history = Histories.sequence(0, 1, 2, 3, 4, 7, 3);
    final int[] targets = {5, 0, 11};

    FindingContract() {}

    /** The strategy; a new one or the same for each call. */
    protected abstract Explainer explainer();

    /** A model with the ability that the strategy needs, answering as {@code model} does. The model itself by default. */
    protected Model equip(Model model) {
        return model;
    }

    /** A budget that is ample for {@code events} events. 64 evaluations an event and 64 more by default. */
    protected int ampleBudget(int events) {
        return 64 * (events + 1);
    }

    /** Largest batch between two questions whether the call is cancelled. 256 by default. */
    protected int largestBatch() {
        return 256;
    }

    abstract Class<F> kind();

    /** What is explained by the shared rules. */
    abstract ToyModel model();

    /** What holds for every finding of this kind on this model, partial ones included. */
    abstract void sound(F finding, ToyModel model, SequenceInstance input);

    /** The question with what this kind of finding looks at besides model, input and targets. */
    ExplanationContext ask(ExplanationContext plain) {
        return plain;
    }

    final List<F> explain(Model model, SequenceInstance input, int[] asked, long seed, int budget, BooleanSupplier cancelled) {
        return findings(explainer(), model, input, asked, seed, budget, cancelled);
    }

    final List<F> findings(Explainer by, Model model, SequenceInstance input, int[] asked, long seed, int budget, BooleanSupplier cancelled) {
        return findings(by, ask(ExplanationContext.of(equip(model), schema, input, asked)).withSeed(seed).withBudget(budget).cancelledBy(cancelled));
    }

    final List<F> findings(Explainer by, ExplanationContext context) {
        List<? extends Finding> found = by.explain(context.withParameters(Parameters.bind("/explain/parameters/", by.parameters(), Map.of())));
        assertThat(found).as("explain(): answer with a list, never null").isNotNull();
        assertThat(found).as("explain(): findings of this kind alone").allMatch(kind()::isInstance);
        assertThat(found).extracting(Finding::target).as("one finding per target, in the order given")
                .containsExactlyElementsOf(IntStream.of(context.targets()).boxed().toList());
        return found.stream().map(kind()::cast).toList();
    }

    final List<F> explain(Model model, long seed) {
        return explain(model, history, targets, seed, ampleBudget(history.length()), NEVER);
    }

    @Test
    @DisplayName("has a name, a version and well declared parameters")
    protected void declaresItself() {
        Explainer e = explainer();
        Checks.name("name()", e.name());
        assertThat(e.version()).as("version(): what readers quote, such as 1.2.0").isNotBlank();
        Checks.parameters(e.parameters());
        assertThat(explainer().name()).as("name(): always the same").isEqualTo(e.name());
    }

    @Test
    @DisplayName("says yes only to what it can explain, and why not otherwise")
    protected void supportIsHonest() {
        for (SequenceInstance input : List.of(history, Histories.sequence(3), Histories.sequence())) {
            Support support = explainer().supports(equip(model()), input);
            assertThat(support).as("supports(): never null").isNotNull();
            if (support.supported()) {
                F a = explain(model(), input, targets, 1, ampleBudget(input.length()), NEVER).get(0);
                sound(a, model(), input);
            } else {
                assertThat(support.reason()).as("a no comes with its reason in words").isNotBlank();
                Checks.refusal("explain() of an input that supports() denies", () -> explain(model(), input, targets, 1,
                        ampleBudget(input.length()), NEVER), ErrorCode.UNSUPPORTED);
            }
        }
        assertThat(explainer().supports(equip(model()), history).supported())
                .as("a history of seven events on the model from equip() must be supported, or this contract checks nothing").isTrue();
    }

    @Test
    @DisplayName("same seed, same explanation, to the last bit")
    protected void isReproducible() {
        for (long seed : new long[] {0, 7, -1}) {
            List<F> once = explain(model(), seed);
            for (int i = 0; i < 5; i++) {
                assertThat(explain(model(), seed)).as("explanation with seed %d, asked again: draw randomness from"
                        + " new Random(seed) alone, and iterate over nothing unordered", seed).isEqualTo(once);
            }
        }
    }

    @Test
    @DisplayName("spends no more model evaluations than the budget allows")
    protected void budgetIsKept() {
        for (int budget : BUDGETS) {
            WatchedModel model = new WatchedModel(model(), 12);
            try {
                for (F a : explain(model, history, targets, 7, budget, NEVER)) {
                    sound(a, model(), history);
                }
            } catch (WhereforeException e) {
                assertThat(e.code()).as("a budget of %d is too small: refuse it as invalid input (%s)", budget, e.getMessage())
                        .isEqualTo(ErrorCode.INVALID_INPUT);
                assertThat(e.pointer().orElse("")).as("the refusal points at the budget").contains("budget");
                assertThat(e.getMessage()).as("the refusal names the budget given").contains(Integer.toString(budget));
                assertThat(budget).as("a budget ample for the history is accepted").isLessThan(ampleBudget(history.length()));
            }
            for (int t = 0; t < 12; t++) {
                assertThat(model.evaluations(t)).as("inputs scored for target %d with a budget of %d; count every one, the whole and"
                        + " the empty input too", t, budget).isLessThanOrEqualTo(budget);
            }
        }
    }

    @Test
    @DisplayName("asks whether it is cancelled between batches, and then answers with what it knows")
    protected void cancellationIsRespected() {
        SequenceInstance longer = Histories.sequence(IntStream.range(0, 600).map(i -> i * 7 % 12).toArray());
        for (int at : new int[] {1, 2, 3}) {
            WatchedModel model = new WatchedModel(model(), 12);
            int[] callsThen = {-1};
            Checks.CancelAt cancelled = new Checks.CancelAt(at, () -> callsThen[0] = model.calls());
            List<F> partial;
            try {
                partial = explain(model, longer, targets, 7, ampleBudget(longer.length()), cancelled);
            } catch (RuntimeException e) {
                throw new AssertionError("cancelled at question " + at + ": return what is known so far instead of throwing", e);
            }
            partial.forEach(a -> sound(a, model(), longer));
            if (callsThen[0] >= 0) {
                assertThat(model.calls()).as("calls of the model after it was cancelled at question %d; stop at once", at)
                        .isEqualTo(callsThen[0]);
            }
            int evaluations = model.evaluations(targets[0]);
            assertThat(evaluations).as("inputs scored with %d questions whether it is cancelled; ask between batches of at"
                    + " most %d", cancelled.asked(), largestBatch()).isLessThanOrEqualTo((Math.min(at, cancelled.asked()) + 1) * largestBatch());
        }
    }

    @Test
    @DisplayName("gives the same answers to many threads at once")
    protected void isThreadSafe() {
        Explainer shared = explainer();
        List<F> expected = explain(model(), 7);
        Checks.concurrently("explain()", expected, () -> findings(shared, model(), history, targets.clone(), 7,
                ampleBudget(history.length()), NEVER));
    }

    @Test
    @DisplayName("keeps neither the model nor the input after the call")
    protected void keepsNothing() {
        Explainer kept = explainer();
        List<WeakReference<?>> references = explainAndForget(kept);
        Checks.forgotten("the model", references.get(0));
        Checks.forgotten("the input", references.get(1));
        assertThat(kept.name()).isNotNull();
    }

    @Test
    @DisplayName("leaves the model open and the arguments as they are")
    protected void changesNothing() {
        WatchedModel model = new WatchedModel(model(), 12);
        int[] asked = targets.clone();
        SequenceInstance input = Histories.sequence(4, 3, 2);
        explain(model, input, asked, 7, ampleBudget(3), NEVER);
        assertThat(model.isClosed()).as("the model is leased: only the platform closes it").isFalse();
        assertThat(asked).as("targets: copy before you sort").containsExactly(targets);
        assertThat(input).as("the input").isEqualTo(Histories.sequence(4, 3, 2));
    }

    @Test
    @DisplayName("a target gets the same explanation alone and among others")
    protected void targetsDoNotInfluenceEachOther() {
        List<F> together = explain(model(), 7);
        for (int t = 0; t < targets.length; t++) {
            assertThat(explain(model(), history, new int[] {targets[t]}, 7, ampleBudget(history.length()), NEVER))
                    .as("target %d alone and among others, with one seed: use the same draws for all targets", targets[t])
                    .containsExactly(together.get(t));
        }
    }

    @Test
    @DisplayName("answers an empty list when no target is asked for")
    protected void noTargets() {
        assertThat(explain(model(), history, new int[0], 7, ampleBudget(history.length()), NEVER)).isEmpty();
    }

    @Test
    @DisplayName("lets a failure of the model through instead of making numbers up")
    protected void modelFailuresArePassedOn() {
        assumeTrue(equip(model()) instanceof ToyModel, "the model is wrapped by equip(): its failures are the wrapper's");
        Checks.refusal("explain() with a model that fails", () -> explain(new Failing(), history, targets, 7,
                ampleBudget(history.length()), NEVER), ErrorCode.INTERNAL);
    }

    private List<WeakReference<?>> explainAndForget(Explainer kept) {
        Model model = new WatchedModel(model(), 12);
        SequenceInstance input = Histories.sequence(4, 3, 2);
        findings(kept, model, input, targets, 7, ampleBudget(3), NEVER);
        return List.of(new WeakReference<>(model), new WeakReference<>(input));
    }

    /** A model that fails in every call, in those of its abilities too. */
    private static final class Failing implements Model {
        @Override
        public ModelInfo info() {
            return new ModelInfo("failing", 1, "toy", "sha256:0");
        }

        @Override
        public List<Output> predict(Instance instance, int k, BitSet excluded) {
            throw new WhereforeException(ErrorCode.INTERNAL, "this model always fails");
        }

        @Override
        public RankedScore[][] score(List<? extends Instance> instances, int[] asked, BitSet excluded, boolean ranks) {
            throw new WhereforeException(ErrorCode.INTERNAL, "this model always fails");
        }

        @Override
        public <T> Optional<T> adapt(Class<T> ability) {
            Object given = ability == Gradients.class ? (Gradients) (instance, asked, points) -> {
                throw new WhereforeException(ErrorCode.INTERNAL, "this model always fails");
            } : ability == Attention.class ? (Attention) (instance, asked) -> {
                throw new WhereforeException(ErrorCode.INTERNAL, "this model always fails");
            } : null;
            return Optional.ofNullable(given).map(ability::cast);
        }

        @Override
        public void close() {}
    }
}
