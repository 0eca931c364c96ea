package org.wherefore.tck;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Counterfactual;
import org.wherefore.api.explain.Counterfactual.Change;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/** The contract passes a good strategy and fails each bad one, for the right reason. */
class CounterfactualContractTest {
    /** Tries every set of one, two and three of the newest events, smallest first. Subclasses override what they spoil. */
    static class Exhaustive implements Explainer {
        @Override
        public String name() {
            return "exhaustive";
        }

        @Override
        public String version() {
            return "1.0.0";
        }

        @Override
        public List<Parameter> parameters() {
            return List.of();
        }

        @Override
        public Support supports(Model model, Instance instance) {
            return Support.yes();
        }

        @Override
        public List<Counterfactual> explain(ExplanationContext c) {
            SequenceInstance history = (SequenceInstance) c.instance();
            RankedScore[] whole = c.model().score(List.of(history), c.targets(), c.excluded(), true)[0];
            return IntStream.range(0, whole.length).mapToObj(t -> spoil(c, explain(c, history, c.targets()[t], whole[t]))).toList();
        }

        Counterfactual spoil(ExplanationContext context, Counterfactual c) {
            return c;
        }

        private Counterfactual explain(ExplanationContext c, SequenceInstance history, int target, RankedScore whole) {
            int spent = 0;
            int allowed = (c.budget() - 1) / c.targets().length;
            for (BitSet set : whole.rank() > c.k() ? List.<BitSet>of() : sets(history.length())) {
                if (spent++ >= allowed || c.cancelled().getAsBoolean()) {
                    break;
                }
                RankedScore after = rank(c, history.without(set.stream().toArray()), target);
                if (after.rank() > c.k()) {
                    return new Counterfactual(target, whole.score(), whole.rank(), set.stream().mapToObj(p -> change(c, history, p)).toList(),
                            after.score(), after.rank(), c.cases().isEmpty() ? Double.NaN : 0.5);
                }
            }
            return new Counterfactual(target, whole.score(), whole.rank(), List.of(), whole.score(), whole.rank(), Double.NaN);
        }

        static Change change(ExplanationContext c, SequenceInstance history, int p) {
            String item = c.schema().targets().get(history.item(p));
            return new Change("history:" + item, p, item, "");
        }

        static RankedScore rank(ExplanationContext c, SequenceInstance history, int target) {
            return c.model().score(List.of(history), new int[] {target}, c.excluded(), true)[0][0];
        }

        private static List<BitSet> sets(int length) {
            List<BitSet> out = new ArrayList<>();
            int newest = Math.min(length, 8);
            for (int bits = 1; bits < 1 << newest; bits++) {
                BitSet set = new BitSet();
                for (int i = 0; i < newest; i++) {
                    set.set(length - 1 - i, (bits >> i & 1) == 1);
                }
                if (set.cardinality() <= 3) {
                    out.add(set);
                }
            }
            out.sort(Comparator.comparingInt(BitSet::cardinality));
            return out;
        }
    }

    static class Good extends CounterfactualContract {
        @Override
        protected Explainer explainer() {
            return new Exhaustive();
        }
    }

    @Test
    void passesAGoodStrategy() {
        Contracts.passes(Good.class, 0);
    }

    private static Counterfactual with(Counterfactual c, List<Change> changes) {
        return new Counterfactual(c.target(), c.score(), c.rank(), changes, c.scoreAfter(), c.rankAfter(), c.plausibility());
    }

    static class Guesser extends Good {
        @Override
        protected Explainer explainer() {
            return new Exhaustive() {
                @Override
                Counterfactual spoil(ExplanationContext context, Counterfactual c) {
                    return c.found() ? with(c, List.of(change(context, (SequenceInstance) context.instance(), 0))) : c;
                }
            };
        }
    }

    @Test
    void failsAStrategyThatNeverAskedTheModel() {
        Contracts.breaks(Guesser.class, "changesDoItAndAreNeeded", "the model's own for the changed input");
    }

    static class Shy extends Good {
        @Override
        protected Explainer explainer() {
            return new Exhaustive() {
                @Override
                Counterfactual spoil(ExplanationContext context, Counterfactual c) {
                    SequenceInstance history = (SequenceInstance) context.instance();
                    if (!c.found()) {
                        return c;
                    }
                    RankedScore after = rank(context, history.without(0), c.target());
                    return new Counterfactual(c.target(), c.score(), c.rank(), List.of(change(context, history, 0)), after.score(), after.rank(),
                            c.plausibility());
                }
            };
        }
    }

    @Test
    void failsAStrategyWhoseChangesDoNothing() {
        Contracts.breaks(Shy.class, "changesDoItAndAreNeeded", "take the target out");
    }

    static class Butcher extends Good {
        @Override
        protected Explainer explainer() {
            return new Exhaustive() {
                @Override
                Counterfactual spoil(ExplanationContext context, Counterfactual c) {
                    SequenceInstance history = (SequenceInstance) context.instance();
                    if (!c.found()) {
                        return c;
                    }
                    RankedScore after = rank(context, history.prefix(0), c.target());
                    return new Counterfactual(c.target(), c.score(), c.rank(), IntStream.range(0, history.length())
                            .mapToObj(p -> change(context, history, p)).toList(), after.score(), after.rank(), c.plausibility());
                }
            };
        }
    }

    @Test
    void failsAStrategyThatTakesTooMuchAway() {
        Contracts.breaks(Butcher.class, "findsTheEventThatDecides", "can be left out");
    }

    static class GivesUp extends Good {
        @Override
        protected Explainer explainer() {
            return new Exhaustive() {
                @Override
                Counterfactual spoil(ExplanationContext context, Counterfactual c) {
                    return c.changes().size() < 2 ? c : new Counterfactual(c.target(), c.score(), c.rank(), List.of(), c.score(), c.rank(), Double.NaN);
                }
            };
        }
    }

    @Test
    void failsAStrategyThatTriesSingleEventsOnly() {
        Contracts.breaks(GivesUp.class, "findsEventsThatDoItTogether", "smallest change");
    }

    static class Inventor extends Good {
        @Override
        protected Explainer explainer() {
            return new Exhaustive() {
                @Override
                Counterfactual spoil(ExplanationContext context, Counterfactual c) {
                    return new Counterfactual(c.target(), c.score(), c.rank(), c.changes(), c.scoreAfter(), c.rankAfter(), 0.9);
                }
            };
        }
    }

    @Test
    void failsAStrategyThatInventsAPlausibility() {
        Contracts.breaks(Inventor.class, "plausibilityNeedsCases", "NaN");
    }

    static class Spendthrift extends Good {
        @Override
        protected Explainer explainer() {
            return new Exhaustive() {
                @Override
                public List<Counterfactual> explain(ExplanationContext c) {
                    return super.explain(c.withBudget(1_000_000));
                }
            };
        }
    }

    @Test
    void failsAStrategyThatIgnoresItsBudget() {
        Contracts.breaks(Spendthrift.class, "budgetIsKept", "budget");
    }

    static class Thrower extends Good {
        @Override
        protected Explainer explainer() {
            return new Exhaustive() {
                @Override
                public List<Counterfactual> explain(ExplanationContext c) {
                    return super.explain(c.cancelledBy(() -> {
                        if (c.cancelled().getAsBoolean()) {
                            throw new WhereforeException(ErrorCode.CANCELLED, "cancelled");
                        }
                        return false;
                    }));
                }
            };
        }
    }

    @Test
    void failsAStrategyThatThrowsWhenCancelled() {
        Contracts.breaks(Thrower.class, "cancellationIsRespected", "return what is known");
    }
}
