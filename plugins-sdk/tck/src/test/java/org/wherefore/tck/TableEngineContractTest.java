package org.wherefore.tck;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Parameters;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.TableInstance;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.Example;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.testkit.model.ToyFunction;

/** The contract for tables passes a good engine and fails each bad one, for the right reason. */
class TableEngineContractTest {
    /** Scores by the sum of what the values of a target's rows were, plus a little of the seed. */
    static class Sums implements Engine {
        @Override
        public String name() {
            return "sums";
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(new Parameter("noise", "number", "0.125", "largest bias drawn, 0 to 1"));
        }

        @Override
        public Support supports(FeatureSchema schema) {
            return schema.targets().isEmpty() ? Support.no("there is no target to learn") : Support.yes();
        }

        @Override
        public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
            double noise = Parameters.bind("", parameters(), request.parameters()).number("noise", 0, 1);
            int n = request.schema().targets().size();
            int width = request.schema().features().size();
            if (n == 0) {
                throw new WhereforeException(ErrorCode.UNSUPPORTED, "there is no target to learn");
            }
            double[][] weights = new double[n][width + 1];
            Random random = new Random(request.seed());
            for (double[] w : weights) {
                w[width] = noise * random.nextDouble();
            }
            for (Example e : request.training()) {
                if (e.target() >= n) {
                    throw WhereforeException.invalid("training", "an example names target " + e.target() + " of " + n);
                }
                for (int f = 0; f < width && known(e.target()); f++) {
                    double value = ((TableInstance) e.instance()).value(f);
                    weights[e.target()][f] += Double.isNaN(value) ? 0 : value;
                }
            }
            if (progress.cancelled()) {
                throw new WhereforeException(ErrorCode.CANCELLED, "training was cancelled");
            }
            progress.update(1, Map.of());
            try (DataOutputStream out = new DataOutputStream(artifact.create("sums.bin"))) {
                out.writeInt(0x53554d53);
                out.writeInt(n);
                for (double[] w : weights) {
                    for (double v : w) {
                        out.writeDouble(v);
                    }
                }
            } catch (IOException e) {
                throw new WhereforeException(ErrorCode.STORAGE, "can't be written", e);
            }
        }

        boolean known(int target) {
            return target >= 0;
        }

        double of(double weight, double value) {
            return Double.isNaN(value) ? 0 : weight * value;
        }

        void check(TableInstance row, int width) {
            if (row.length() != width) {
                throw WhereforeException.invalid("instance", "a row of " + row.length() + " values instead of " + width);
            }
        }

        @Override
        public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
            int n = schema.targets().size();
            int width = schema.features().size();
            double[][] weights = new double[n][width + 1];
            if (!artifact.entries().contains("sums.bin")) {
                throw new WhereforeException(ErrorCode.BAD_DATA, "no sums.bin");
            }
            try (DataInputStream in = new DataInputStream(artifact.open("sums.bin"))) {
                if (in.readInt() != 0x53554d53 || in.readInt() != n) {
                    throw new WhereforeException(ErrorCode.BAD_DATA, "not these sums");
                }
                for (double[] w : weights) {
                    for (int i = 0; i < w.length; i++) {
                        w[i] = in.readDouble();
                    }
                }
            } catch (IOException e) {
                throw new WhereforeException(ErrorCode.BAD_DATA, "sums.bin ends too early", e);
            }
            Model sums = ToyFunction.of(schema, TableInstance.class, (row, target) -> {
                check(row, width);
                double sum = weights[target][width];
                for (int f = 0; f < width; f++) {
                    sum += of(weights[target][f], row.value(f));
                }
                return sum;
            });
            return new ModelAndEngineContractTest.FaultyModel(sums) {
                @Override
                public ModelInfo info() {
                    return info;
                }
            };
        }
    }

    static class Good extends TableEngineContract {
        @Override
        protected Engine engine() {
            return new Sums();
        }
    }

    @Test
    void passesAGoodEngine() {
        Contracts.passes(Good.class, 4); // an empty history and the three abilities
    }

    static class ReadsNaN extends Good {
        @Override
        protected Engine engine() {
            return new Sums() {
                @Override
                double of(double weight, double value) {
                    return weight * value;
                }
            };
        }
    }

    @Test
    void failsAnEngineWhoseScoresAreMissingWhereValuesAre() {
        Contracts.breaks(ReadsNaN.class, "missingValuesAreScored", "NaN is a value");
    }

    static class NeedsATarget extends Good {
        @Override
        protected Engine engine() {
            return new Sums() {
                @Override
                boolean known(int target) {
                    return true;
                }
            };
        }
    }

    @Test
    void failsAnEngineThatNeedsATargetForEveryRow() {
        Contracts.breaks(NeedsATarget.class, "noTargetIsATarget", "-1");
    }

    static class ReadsAnything extends Good {
        @Override
        protected Engine engine() {
            return new Sums() {
                @Override
                void check(TableInstance row, int width) {
                    // whatever comes
                }
            };
        }
    }

    @Test
    void failsAnEngineThatReadsRowsOfAnotherTable() {
        Contracts.breaks(ReadsAnything.class, "otherRowsAreRefused", "nothing was thrown");
    }
}
