package org.wherefore.tck;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.explain.Evidence;
import org.wherefore.api.explain.Evidence.Precedent;
import org.wherefore.api.explain.spi.Explainer;
import org.wherefore.api.explain.spi.ExplanationContext;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.SequenceInstance;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.spi.Model;

/** The contract passes a good strategy and fails each bad one, for the right reason. */
class EvidenceContractTest {
    /** Nearest by the share of items in common. Subclasses override what they spoil. */
    static class Nearest implements Explainer {
        @Override
        public String name() {
            return "nearest";
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
        public List<Evidence> explain(ExplanationContext c) {
            RankedScore[] whole = c.model().score(List.of(c.instance()), c.targets(), c.excluded(), false)[0];
            return IntStream.range(0, whole.length).mapToObj(n -> {
                int t = c.targets()[n];
                List<Precedent> all = new ArrayList<>();
                for (int i = 0; i < c.cases().size() && !c.cancelled().getAsBoolean(); i++) {
                    all.add(precedent(c, i, t));
                }
                all.sort(Comparator.comparingDouble(Precedent::similarity).reversed());
                return new Evidence(t, whole[n].score(), spoil(all.subList(0, Math.min(3, all.size()))), all.size());
            }).toList();
        }

        List<Precedent> spoil(List<Precedent> nearest) {
            return nearest;
        }

        private static Precedent precedent(ExplanationContext c, int index, int target) {
            Example e = c.cases().get(index);
            List<Integer> own = IntStream.of(((SequenceInstance) c.instance()).items()).distinct().boxed().toList();
            List<Integer> other = IntStream.of(((SequenceInstance) e.instance()).items()).distinct().boxed().toList();
            List<String> shared = own.stream().filter(other::contains).map(i -> "history:" + c.schema().targets().get(i)).toList();
            int either = own.size() + other.size() - shared.size();
            return new Precedent(index, either == 0 ? 0 : (double) shared.size() / either, c.schema().targets().get(e.target()),
                    e.target() == target, shared);
        }
    }

    static class Good extends EvidenceContract {
        @Override
        protected Explainer explainer() {
            return new Nearest();
        }
    }

    @Test
    void passesAGoodStrategy() {
        Contracts.passes(Good.class, 0);
    }

    static class Flatterer extends Good {
        @Override
        protected Explainer explainer() {
            return new Nearest() {
                @Override
                List<Precedent> spoil(List<Precedent> nearest) {
                    return nearest.stream().map(p -> new Precedent(p.index(), p.similarity(), p.outcome(), true, p.shared())).toList();
                }
            };
        }
    }

    @Test
    void failsAStrategyThatSaysEveryCaseSpeaksForIt() {
        Contracts.breaks(Flatterer.class, "casesAreTrue", "ended with target");
    }

    static class Farthest extends Good {
        @Override
        protected Explainer explainer() {
            return new Nearest() {
                @Override
                List<Precedent> spoil(List<Precedent> nearest) {
                    List<Precedent> turned = new ArrayList<>(nearest);
                    java.util.Collections.reverse(turned);
                    return turned;
                }
            };
        }
    }

    @Test
    void failsAStrategyThatGivesTheFarthestFirst() {
        Contracts.breaks(Farthest.class, "casesAreTrue", "nearest first");
    }

    static class Misses extends Good {
        @Override
        protected Explainer explainer() {
            return new Nearest() {
                @Override
                List<Precedent> spoil(List<Precedent> nearest) {
                    return nearest.stream().skip(1).toList();
                }
            };
        }
    }

    @Test
    void failsAStrategyThatMissesTheNearest() {
        Contracts.breaks(Misses.class, "findsTheEqualCase", "the nearest of the cases");
    }

    static class Inventor extends Good {
        @Override
        protected Explainer explainer() {
            return new Nearest() {
                @Override
                List<Precedent> spoil(List<Precedent> nearest) {
                    return nearest.stream().map(p -> new Precedent(p.index(), p.similarity(), p.outcome(), p.supports(), List.of("history:i11"))).toList();
                }
            };
        }
    }

    @Test
    void failsAStrategyThatInventsWhatIsShared() {
        Contracts.breaks(Inventor.class, "casesAreTrue", "said to share");
    }
}
