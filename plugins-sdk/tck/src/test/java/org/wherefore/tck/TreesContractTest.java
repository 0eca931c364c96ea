package org.wherefore.tck;

import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.FeatureSpec;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.Trees;
import org.wherefore.testkit.data.Tables;
import org.wherefore.testkit.model.ToyFunction;
import org.wherefore.tck.ModelAndEngineContractTest.FaultyModel;

/** The contract passes a model of trees and fails those whose trees are not what it answers by. */
class TreesContractTest {
    /** One question a target: is the first value under the target's number? */
    static class Stumps implements Trees {
        private final FeatureSchema schema;

        Stumps(FeatureSchema schema) {
            this.schema = schema;
        }

        @Override
        public double[] values(Instance instance) {
            return ((TableInstance) instance).values();
        }

        @Override
        public double base(int target) {
            if (target < 0 || target >= schema.targets().size()) {
                throw WhereforeException.invalid("target", "target " + target);
            }
            return 0.5 * target;
        }

        @Override
        public List<Tree> trees(int target) {
            base(target);
            return List.of(new Tree(new int[3], new double[] {target, 0, 0}, new BitSet[3], new boolean[] {true, false, false}, new int[] {1, -1, -1},
                    new int[] {2, -1, -1}, new double[] {0, 2, -1}, new double[] {7, 3, 4}));
        }

        @Override
        public double score(int target, double sum) {
            base(target);
            return 3 * sum;
        }
    }

    static class Good extends ModelContract {
        final FeatureSchema schema = FeatureSchema.of(List.of(FeatureSpec.number("a"), FeatureSpec.number("b")), List.of("p", "q", "r", "s", "t"));

        Trees trees() {
            return new Stumps(schema);
        }

        @Override
        protected Model open() {
            Stumps own = new Stumps(schema);
            Model model = ToyFunction.of(schema, TableInstance.class, (row, target) -> {
                Trees.Tree tree = own.trees(target).get(0);
                return own.score(target, own.base(target) + tree.value(tree.leafOf(row.values())));
            });
            return new FaultyModel(model) {
                @Override
                public <T> Optional<T> adapt(Class<T> ability) {
                    return ability == Trees.class ? Optional.of(ability.cast(trees())) : Optional.empty();
                }
            };
        }

        @Override
        protected FeatureSchema schema() {
            return schema;
        }

        @Override
        protected List<? extends Instance> instances() {
            return List.of(Tables.row(schema, 1), Tables.row(schema, 2), new TableInstance(Double.NaN, 1));
        }
    }

    @Test
    void passesAModelOfTrees() {
        Contracts.passes(Good.class, 4);
    }

    static class OtherTrees extends Good {
        @Override
        Trees trees() {
            return new Stumps(schema) {
                @Override
                public double base(int target) {
                    return super.base(target) + 1;
                }
            };
        }
    }

    @Test
    void failsAModelWhoseTreesDoNotGiveItsScores() {
        Contracts.breaks(OtherTrees.class, "treesAddUpToTheScores", "score of the sum of base and leaves");
    }

    static class Uncovered extends Good {
        @Override
        Trees trees() {
            return new Stumps(schema) {
                @Override
                public List<Tree> trees(int target) {
                    Tree t = super.trees(target).get(0);
                    return List.of(new Tree(new int[3], new double[] {t.threshold(0), 0, 0}, new BitSet[3], new boolean[] {true, false, false},
                            new int[] {1, -1, -1}, new int[] {2, -1, -1}, new double[] {0, 2, -1}, new double[] {9, 3, 4}));
                }
            };
        }
    }

    @Test
    void failsATreeWhoseNodesAreNotCoveredByTheirChildren() {
        Contracts.breaks(Uncovered.class, "treesAddUpToTheScores", "cover of node 0");
    }
}
