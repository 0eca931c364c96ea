package org.wherefore.tck;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.explain.Attribution;
import org.wherefore.api.explain.Contribution;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.spi.Model;
import org.wherefore.testkit.plugin.ToyExplainer;

/** The contract passes a good strategy and fails each bad one, for the right reason. */
class ExplainerContractTest {
    /** The toy strategy with one fault: subclasses override what they spoil. */
    static class Faulty implements Explainer {
        final Explainer good = new ToyExplainer();

        @Override
        public String name() {
            return good.name();
        }

        @Override
        public String version() {
            return good.version();
        }

        @Override
        public List<Parameter> parameters() {
            return good.parameters();
        }

        @Override
        public Support supports(Model model, Instance instance) {
            return good.supports(model, instance);
        }

        @Override
        public List<Attribution> explain(ExplanationContext c) {
            return good.explain(c).stream().map(Attribution.class::cast).map(this::spoil).toList();
        }

        Attribution spoil(Attribution a) {
            return a;
        }
    }

    static class Good extends ExplainerContract {
        @Override
        protected Explainer explainer() {
            return new ToyExplainer();
        }
    }

    @Test
    void passesAGoodStrategy() {
        Contracts.passes(Good.class, 0);
    }

    static class Unseeded extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                public List<Attribution> explain(ExplanationContext c) {
                    return super.explain(c.withSeed(System.nanoTime()));
                }
            };
        }
    }

    @Test
    void failsAStrategyThatIgnoresTheSeed() {
        Contracts.breaks(Unseeded.class, "isReproducible", "seed", "new Random(seed)");
    }

    static class Spendthrift extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                public List<Attribution> explain(ExplanationContext c) {
                    return super.explain(c.withBudget(1_000_000));
                }
            };
        }
    }

    @Test
    void failsAStrategyThatIgnoresItsBudget() {
        Contracts.breaks(Spendthrift.class, "budgetIsKept", "budget");
    }

    static class OffByOne extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                public List<Attribution> explain(ExplanationContext c) {
                    c.model().score(List.of(c.instance()), c.targets(), new BitSet(), false);
                    return super.explain(c);
                }
            };
        }
    }

    @Test
    void failsAStrategyThatForgetsToCountOneEvaluation() {
        Contracts.breaks(OffByOne.class, "budgetIsKept", "count every one");
    }

    static class Deaf extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                public List<Attribution> explain(ExplanationContext c) {
                    return super.explain(c.cancelledBy(() -> false));
                }
            };
        }
    }

    @Test
    void failsAStrategyThatCannotBeCancelled() {
        Contracts.breaks(Deaf.class, "cancellationIsRespected", "ask between batches");
    }

    static class Thrower extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                public List<Attribution> explain(ExplanationContext c) {
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

    static class HidesTheGap extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                Attribution spoil(Attribution a) {
                    return new Attribution(a.target(), a.score(), a.baseValue(), a.contributions().subList(0, Math.min(2, a.contributions().size())),
                            0);
                }
            };
        }
    }

    @Test
    void failsAStrategyThatHidesItsGap() {
        Contracts.breaks(HidesTheGap.class, "partsAddUp", "don't hide it");
    }

    static class Flatterer extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                Attribution spoil(Attribution a) {
                    return new Attribution(a.target(), a.score(), a.baseValue(), a.contributions(), a.completenessGap(), 1.5);
                }
            };
        }
    }

    @Test
    void failsAStrategyWithAFitThatCannotBe() {
        Contracts.breaks(Flatterer.class, "partsAddUp", "at most 1");
    }

    static class Overconfident extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                Attribution spoil(Attribution a) {
                    return new Attribution(a.target(), a.score(), a.baseValue(), a.contributions().stream().map(c -> new Contribution(
                            c.feature(), c.position(), c.value(), 0)).toList(), a.completenessGap());
                }
            };
        }
    }

    @Test
    void failsAStrategyThatHidesItsSamplingError() {
        Contracts.breaks(Overconfident.class, "standardErrorsAreHonest", "stdError");
    }

    static class Unsorted extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                Attribution spoil(Attribution a) {
                    return new Attribution(a.target(), a.score(), a.baseValue(), a.contributions().stream().sorted(
                            Comparator.comparingInt(Contribution::position)).toList(), a.completenessGap());
                }
            };
        }
    }

    @Test
    void failsAStrategyThatDoesNotSort() {
        Contracts.breaks(Unsorted.class, "partsAddUp", "largest first");
    }

    static class Mistaken extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                Attribution spoil(Attribution a) {
                    double each = a.contributions().stream().mapToDouble(Contribution::value).sum() / a.contributions().size();
                    return new Attribution(a.target(), a.score(), a.baseValue(), a.contributions().stream().map(c -> new Contribution(
                            c.feature(), c.position(), each, 0)).toList(), a.completenessGap());
                }
            };
        }
    }

    @Test
    void failsAStrategyThatSpreadsTheScoreEvenly() {
        Contracts.breaks(Mistaken.class, "findsTheTermsOfAnAdditiveModel", "adds exactly that");
    }

    static class Stateful extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                private final Crowd crowd = new Crowd();

                @Override
                public List<Attribution> explain(ExplanationContext c) {
                    return super.explain(crowd.crowded() ? c.withSeed(c.seed() + 1) : c);
                }
            };
        }
    }

    @Test
    void failsAStrategyThatThreadsDisturb() {
        Contracts.breaks(Stateful.class, "isThreadSafe", "threads");
    }

    static class Hoarder extends Good {
        private static final Explainer SHARED = new Faulty() {
            private final Map<Model, Boolean> seen = new ConcurrentHashMap<>();

            @Override
            public List<Attribution> explain(ExplanationContext c) {
                seen.put(c.model(), true);
                return super.explain(c);
            }
        };

        @Override
        protected Explainer explainer() {
            return SHARED;
        }
    }

    @Test
    void failsAStrategyThatKeepsTheModel() {
        Contracts.breaks(Hoarder.class, "keepsNothing", "the model is still held");
    }

    static class Closer extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                public List<Attribution> explain(ExplanationContext c) {
                    List<Attribution> all = super.explain(c);
                    c.model().close();
                    return all;
                }
            };
        }
    }

    @Test
    void failsAStrategyThatClosesTheModel() {
        Contracts.breaks(Closer.class, "changesNothing", "leased");
    }

    static class Boaster extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                public List<Attribution> explain(ExplanationContext c) {
                    if (((SequenceInstance) c.instance()).length() < 2) {
                        throw new IllegalArgumentException("too short");
                    }
                    return super.explain(c);
                }
            };
        }
    }

    @Test
    void failsAStrategyThatSupportsWhatItCannotExplain() {
        Contracts.breaks(Boaster.class, "supportIsHonest", "too short");
    }

    static class Swallower extends Good {
        @Override
        protected Explainer explainer() {
            return new Faulty() {
                @Override
                public List<Attribution> explain(ExplanationContext c) {
                    try {
                        return super.explain(c);
                    } catch (WhereforeException e) {
                        return Arrays.stream(c.targets()).mapToObj(t -> new Attribution(t, 0, 0, List.of(), 0)).toList();
                    }
                }
            };
        }
    }

    @Test
    void failsAStrategyThatMakesNumbersUpWhenTheModelFails() {
        Contracts.breaks(Swallower.class, "modelFailuresArePassedOn", "nothing was thrown");
    }
}
