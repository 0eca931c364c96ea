package org.wherefore.tck;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.wherefore.api.ErrorCode;
import org.wherefore.api.Parameter;
import org.wherefore.api.Support;
import org.wherefore.api.WhereforeException;
import org.wherefore.api.feature.FeatureSchema;
import org.wherefore.api.feature.Instance;
import org.wherefore.api.model.ArtifactReader;
import org.wherefore.api.model.ArtifactWriter;
import org.wherefore.api.model.ModelInfo;
import org.wherefore.api.model.Output;
import org.wherefore.api.model.RankedScore;
import org.wherefore.api.model.TrainingRequest;
import org.wherefore.api.model.spi.Attention;
import org.wherefore.api.model.spi.Embeddings;
import org.wherefore.api.model.spi.Engine;
import org.wherefore.api.model.spi.Gradients;
import org.wherefore.api.model.spi.Model;
import org.wherefore.api.model.spi.TrainingProgress;
import org.wherefore.testkit.plugin.ToyEngine;

/** The contract passes a good engine with good models and fails each bad one, for the right reason. */
class ModelAndEngineContractTest {
    /** A good model with one fault. */
    static class FaultyModel implements Model {
        final Model good;

        FaultyModel(Model good) {
            this.good = good;
        }

        @Override
        public ModelInfo info() {
            return good.info();
        }

        @Override
        public List<Output> predict(Instance instance, int k, BitSet excluded) {
            return good.predict(instance, k, excluded);
        }

        @Override
        public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
            return good.score(instances, targets, excluded, ranks);
        }

        @Override
        public <T> Optional<T> adapt(Class<T> ability) {
            return good.adapt(ability);
        }

        @Override
        public void close() {
            good.close();
        }
    }

    /** A good engine with one fault, in itself or in its models. */
    static class FaultyEngine implements Engine {
        final Engine good = new ToyEngine();
        private final UnaryOperator<Model> models;

        FaultyEngine() {
            this(m -> m);
        }

        FaultyEngine(UnaryOperator<Model> models) {
            this.models = models;
        }

        @Override
        public String name() {
            return good.name();
        }

        @Override
        public List<Parameter> parameters() {
            return good.parameters();
        }

        @Override
        public Support supports(FeatureSchema schema) {
            return good.supports(schema);
        }

        @Override
        public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
            good.train(request, artifact, progress);
        }

        @Override
        public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
            return models.apply(good.load(info, schema, artifact));
        }
    }

    static class Good extends EngineContract {
        @Override
        protected Engine engine() {
            return new ToyEngine();
        }
    }

    @Test
    void passesAGoodEngine() {
        Contracts.passes(Good.class, 0);
    }

    static class BatchNormalised extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                @Override
                public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
                    RankedScore[][] out = super.score(instances, targets, excluded, ranks);
                    for (RankedScore[] row : out) {
                        for (int t = 0; t < row.length; t++) {
                            row[t] = new RankedScore(row[t].score() * (1 + 1e-3 * instances.size()), row[t].rank());
                        }
                    }
                    return out;
                }
            });
        }
    }

    @Test
    void failsAModelWhoseScoresDependOnTheBatch() {
        Contracts.breaks(BatchNormalised.class, "batchesDoNotMatter", "other inputs may leak");
    }

    static class IgnoresExcluded extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                @Override
                public List<Output> predict(Instance instance, int k, BitSet excluded) {
                    return super.predict(instance, k, new BitSet());
                }
            });
        }
    }

    @Test
    void failsAModelThatIgnoresWhatIsExcluded() {
        Contracts.breaks(IgnoresExcluded.class, "excludedIsRespected", "answers without targets");
    }

    static class ClearsExcluded extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                @Override
                public List<Output> predict(Instance instance, int k, BitSet excluded) {
                    List<Output> out = super.predict(instance, k, excluded);
                    excluded.clear();
                    return out;
                }
            });
        }
    }

    @Test
    void failsAModelThatChangesTheExcludedSet() {
        Contracts.breaks(ClearsExcluded.class, "excludedIsRespected", "don't change it");
    }

    static class RanksEverything extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                @Override
                public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
                    return super.score(instances, targets, new BitSet(), ranks);
                }
            });
        }
    }

    @Test
    void failsAModelThatRanksAmongExcludedTargetsToo() {
        Contracts.breaks(RanksEverything.class, "ranksAgreeWithScores", "excluded");
    }

    static class Shuffled extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                @Override
                public List<Output> predict(Instance instance, int k, BitSet excluded) {
                    List<Output> out = new ArrayList<>(super.predict(instance, k, excluded));
                    Collections.reverse(out);
                    return out;
                }
            });
        }
    }

    @Test
    void failsAModelThatDoesNotSortItsAnswers() {
        Contracts.breaks(Shuffled.class, "predictsTheBest", "rank of answer");
    }

    static class PredictsOtherScores extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                @Override
                public List<Output> predict(Instance instance, int k, BitSet excluded) {
                    return super.predict(instance, k, excluded).stream().map(o -> new Output(o.index(), o.target(), o.rank(), o.score() + 1)).toList();
                }
            });
        }
    }

    @Test
    void failsAModelWhosePredictAndScoreDisagree() {
        Contracts.breaks(PredictsOtherScores.class, "targetsDoNotMatter", "by predict and by score");
    }

    static class SharedBuffer extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                private final Crowd crowd = new Crowd();

                @Override
                public List<Output> predict(Instance instance, int k, BitSet excluded) {
                    return super.predict(instance, crowd.crowded() ? k - 1 : k, excluded);
                }
            });
        }
    }

    @Test
    void failsAModelThatSharesABufferBetweenThreads() {
        Contracts.breaks(SharedBuffer.class, "isThreadSafe", "threads");
    }

    static class LearnsWhileServing extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                private int asked;

                @Override
                public List<Output> predict(Instance instance, int k, BitSet excluded) {
                    asked++;
                    return super.predict(instance, k, excluded);
                }

                @Override
                public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
                    RankedScore[][] out = super.score(instances, targets, excluded, ranks);
                    out[0][0] = new RankedScore(out[0][0].score() + asked, out[0][0].rank());
                    return out;
                }
            });
        }
    }

    @Test
    void failsAModelThatServingTeaches() {
        Contracts.breaks(LearnsWhileServing.class, "answersDoNotDependOnEarlierQuestions", "must not teach");
    }

    static class GuessesTargets extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                @Override
                public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
                    int[] clamped = java.util.Arrays.stream(targets).map(t -> Math.max(0, Math.min(7, t))).toArray();
                    return super.score(instances, clamped, excluded, ranks);
                }
            });
        }
    }

    @Test
    void failsAModelThatGuessesForUnknownTargets() {
        Contracts.breaks(GuessesTargets.class, "unknownTargetsAreRefused", "nothing was thrown", "INVALID_INPUT");
    }

    /** A model whose gradients are those of half its score. */
    static class HalvesGradients extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                @Override
                public <T> Optional<T> adapt(Class<T> ability) {
                    return good.adapt(ability).map(a -> a instanceof Gradients g
                            ? ability.cast((Gradients) (instance, targets, points) -> halved(g.at(instance, targets, points))) : a);
                }
            });
        }

        private static Gradients.Slope[][] halved(Gradients.Slope[][] slopes) {
            return Arrays.stream(slopes).map(row -> Arrays.stream(row).map(s -> new Gradients.Slope(s.score(),
                    Arrays.stream(s.products()).map(x -> x / 2).toArray())).toArray(Gradients.Slope[]::new)).toArray(Gradients.Slope[][]::new);
        }
    }

    @Test
    void failsAModelWhoseGradientsAreNotThoseOfItsScores() {
        Contracts.breaks(HalvesGradients.class, "gradientsFollowTheScores", "derivative of its score");
    }

    /** A good engine whose models answer with another attention. */
    abstract static class OtherAttention extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                @Override
                public <T> Optional<T> adapt(Class<T> ability) {
                    return good.adapt(ability).map(a -> a instanceof Attention g
                            ? ability.cast((Attention) (instance, targets) -> other(g, instance, targets)) : a);
                }
            });
        }

        abstract Attention.Maps other(Attention good, Instance instance, int[] targets);
    }

    static class UnevenAttention extends OtherAttention {
        @Override
        Attention.Maps other(Attention good, Instance instance, int[] targets) {
            Attention.Maps maps = good.of(instance, targets);
            maps.weights()[0][0][0][0] *= 2;
            return maps;
        }
    }

    @Test
    void failsAModelWhoseAttentionIsNoShare() {
        Contracts.breaks(UnevenAttention.class, "attentionIsWellFormed", "they sum to 1");
    }

    static class LooksAhead extends OtherAttention {
        @Override
        Attention.Maps other(Attention good, Instance instance, int[] targets) {
            Attention.Maps maps = good.of(instance, targets);
            double[] first = maps.weights()[0][0][0];
            Arrays.fill(first, 1.0 / first.length);
            return maps;
        }
    }

    @Test
    void failsAModelWhoseEventsLookAtLaterOnes() {
        Contracts.breaks(LooksAhead.class, "attentionIsWellFormed", "looks at a later one");
    }

    static class SharesGradients extends OtherAttention {
        @Override
        Attention.Maps other(Attention good, Instance instance, int[] targets) {
            Attention.Maps maps = good.of(instance, targets);
            for (double[][][][] target : maps.gradients()) {
                for (double[] row : target[0][0]) {
                    Arrays.setAll(row, k -> row[k] / targets.length);
                }
            }
            return maps;
        }
    }

    @Test
    void failsAModelWhoseGradientsOfAttentionDependOnTheOtherTargets() {
        Contracts.breaks(SharesGradients.class, "attentionIsWellFormed", "alone and among others");
    }

    static class ReadsEverywhere extends OtherAttention {
        @Override
        Attention.Maps other(Attention good, Instance instance, int[] targets) {
            Attention.Maps maps = good.of(instance, targets);
            for (double[][][][] target : maps.gradients()) {
                target[0][0][0][0] = 1;
            }
            return maps;
        }
    }

    @Test
    void failsAModelWhoseScoresAreReadElsewhereThanItSays() {
        Contracts.breaks(ReadsEverywhere.class, "attentionIsWellFormed", "no score is read from");
    }

    static class KeepsAttention extends OtherAttention {
        private final Map<Integer, double[][][][]> kept = new ConcurrentHashMap<>();

        @Override
        Attention.Maps other(Attention good, Instance instance, int[] targets) {
            Attention.Maps maps = good.of(instance, targets);
            return new Attention.Maps(maps.parts(), maps.output(), kept.computeIfAbsent(maps.parts().length, n -> maps.weights()), maps.gradients());
        }
    }

    @Test
    void failsAModelThatKeepsTheArraysOfItsAttention() {
        Contracts.breaks(KeepsAttention.class, "attentionIsWellFormed", "belong to whoever asked");
    }

    /** A model that forgets the bias of its targets. */
    static class ForgetsBias extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> new FaultyModel(m) {
                @Override
                public <T> Optional<T> adapt(Class<T> ability) {
                    return good.adapt(ability).map(a -> a instanceof Embeddings e ? ability.cast(new Unbiased(e)) : a);
                }
            });
        }

        private record Unbiased(Embeddings good) implements Embeddings {
            @Override
            public int dimensions() {
                return good.dimensions();
            }

            @Override
            public boolean innerProduct() {
                return good.innerProduct();
            }

            @Override
            public double[] instance(Instance instance) {
                return good.instance(instance);
            }

            @Override
            public double[] target(int target) {
                return good.target(target);
            }

            @Override
            public double bias(int target) {
                return good.bias(target) - 1;
            }
        }
    }

    @Test
    void failsAModelWhoseEmbeddingsDoNotGiveItsScores() {
        Contracts.breaks(ForgetsBias.class, "embeddingsGiveTheScores", "says are the score");
    }

    static class TimeStamped extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine() {
                @Override
                public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
                    super.train(request, artifact, progress);
                    try (OutputStream out = artifact.create("made")) {
                        out.write(Long.toString(System.nanoTime()).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                }
            };
        }
    }

    @Test
    void failsAnEngineThatWritesTheTime() {
        Contracts.breaks(TimeStamped.class, "trainingIsReproducible", "write no time");
    }

    static class Unstoppable extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine() {
                @Override
                public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
                    super.train(request, artifact, new TrainingProgress() {
                        @Override
                        public void update(double done, Map<String, Double> figures) {
                            progress.update(done, figures);
                        }

                        @Override
                        public boolean cancelled() {
                            progress.cancelled();
                            return false;
                        }
                    });
                }
            };
        }
    }

    @Test
    void failsAnEngineThatCannotBeCancelled() {
        Contracts.breaks(Unstoppable.class, "cancelLeavesNothing", "as if it were not");
    }

    static class LeavesRubbish extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine() {
                @Override
                public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
                    try {
                        artifact.create("header").close();
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                    super.train(request, artifact, progress);
                }
            };
        }
    }

    @Test
    void failsAnEngineThatLeavesSomethingWhenCancelled() {
        Contracts.breaks(LeavesRubbish.class, "cancelLeavesNothing", "write only when training is done");
    }

    static class Jumps extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine() {
                @Override
                public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
                    super.train(request, artifact, progress);
                    progress.update(0.5, Map.of());
                }
            };
        }
    }

    @Test
    void failsAnEngineWhoseProgressGoesBack() {
        Contracts.breaks(Jumps.class, "progressGrows", "never goes back");
    }

    static class LeavesThread extends Good {
        private static final CountDownLatch END = new CountDownLatch(1);

        @Override
        protected Engine engine() {
            return new FaultyEngine() {
                @Override
                public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
                    Thread worker = new Thread(() -> {
                        try {
                            END.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }, "forgotten-worker");
                    worker.setDaemon(true);
                    worker.start();
                    super.train(request, artifact, progress);
                }
            };
        }
    }

    @Test
    void failsAnEngineThatLeavesAThread() {
        try {
            Contracts.breaks(LeavesThread.class, "leavesNoThread", "forgotten-worker");
        } finally {
            LeavesThread.END.countDown();
        }
    }

    static class CachesModels extends Good {
        private static final List<Model> CACHE = Collections.synchronizedList(new ArrayList<>());

        @Override
        protected Engine engine() {
            return new FaultyEngine(m -> {
                CACHE.add(m);
                return m;
            });
        }
    }

    @Test
    void failsAnEngineThatKeepsClosedModels() {
        Contracts.breaks(CachesModels.class, "keepsNothing", "still held");
    }

    static class KeepsWeightsInMemory extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine() {
                private double extra;

                @Override
                public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
                    double mine = extra++;
                    return new FaultyModel(super.load(info, schema, artifact)) {
                        @Override
                        public RankedScore[][] score(List<? extends Instance> instances, int[] targets, BitSet excluded, boolean ranks) {
                            RankedScore[][] out = super.score(instances, targets, excluded, ranks);
                            out[0][0] = new RankedScore(out[0][0].score() + mine, out[0][0].rank());
                            return out;
                        }
                    };
                }
            };
        }
    }

    @Test
    void failsAnEngineWhoseModelsAreNotWhollyInTheArtifact() {
        Contracts.breaks(KeepsWeightsInMemory.class, "loadingIsExact", "after loading again");
    }

    static class AcceptsRubbish extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine() {
                @Override
                public Model load(ModelInfo info, FeatureSchema schema, ArtifactReader artifact) {
                    for (String entry : artifact.entries()) {
                        try (InputStream in = artifact.open(entry)) {
                            if (in.read() != 'T') {
                                throw new IllegalStateException("bad magic");
                            }
                        } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                        }
                    }
                    return super.load(info, schema, artifact);
                }
            };
        }
    }

    @Test
    void failsAnEngineThatThrowsSomethingElseForADamagedArtifact() {
        Contracts.breaks(AcceptsRubbish.class, "damagedArtifactsAreRefused", "throw a WhereforeException", "BAD_DATA");
    }

    static class LaxParameters extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine() {
                @Override
                public void train(TrainingRequest r, ArtifactWriter artifact, TrainingProgress progress) {
                    super.train(new TrainingRequest(r.schema(), r.training(), r.validation(), Map.of(), r.seed(), r.threads(), null), artifact, progress);
                }
            };
        }
    }

    @Test
    void failsAnEngineThatIgnoresWrongParameters() {
        Contracts.breaks(LaxParameters.class, "wrongParametersAreRefused", "noise", "nothing was thrown");
    }

    static class SwallowsStorage extends Good {
        @Override
        protected Engine engine() {
            return new FaultyEngine() {
                @Override
                public void train(TrainingRequest request, ArtifactWriter artifact, TrainingProgress progress) {
                    try {
                        super.train(request, artifact, progress);
                    } catch (WhereforeException e) {
                        if (e.code() != ErrorCode.STORAGE) {
                            throw e;
                        }
                    }
                }
            };
        }
    }

    @Test
    void failsAnEngineThatCallsItDoneWhenStorageFailed() {
        Contracts.breaks(SwallowsStorage.class, "storageFailuresArePassedOn", "can't be written");
    }
}
